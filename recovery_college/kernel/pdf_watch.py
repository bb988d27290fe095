"""A paper that never ends, or eats memory, is stopped: nobody waits for it, and the process lives on (F18, F19).

WeasyPrint lays out in Python, in the thread that asked. A second thread looks on, and when the paper is over its
bound raises in the first one, as Ctrl+C would: at the next line of Python. WeasyPrint looks over every error in some
places (a drawing that fails), so it is raised again for as long as the paper goes on, and a paper that was to be
stopped counts as stopped even where it came to an end. One single call into a library that hangs or asks for
everything at once is beyond it; the papers here have none (no picture of a stranger, no address).
"""

import ctypes
import resource
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

LOOK_EVERY_SECONDS = 0.1
AGAIN_AFTER_SECONDS = 1.0
"""Long enough for what is being stopped to put its things away in peace."""
MOMENTS_TO_ARRIVE = 100
"""It arrives at the next line; a finalizer that runs in between may look over it, and nothing is to come then."""
_STATM = Path("/proc/self/statm")
_UNIT = 1 if sys.platform == "darwin" else 1024  # getrusage counts bytes there, and kibibytes everywhere else


@dataclass(frozen=True)
class Bound:
    """How long a paper may take, and how much more memory the process may hold meanwhile."""

    seconds: float
    mebibytes: int


class PaperStopped(Exception):
    """The paper was over its bound. The message says which, in words for a log."""


class _Stop(BaseException):
    """Raised inside the library, past every `except Exception` of it."""


class _Watch:
    """Looks on at one paper of one thread."""

    def __init__(self, bound: Bound) -> None:
        self.why = ""
        self._bound = bound
        self._thread = threading.get_ident()
        self._began, self._before = time.monotonic(), _held()
        self._over = threading.Event()
        self._lock = threading.Lock()

    def look(self) -> None:
        """Look until the paper is over; while it has to be and is not, say so again."""
        wait = LOOK_EVERY_SECONDS
        while not self._over.wait(wait):
            why = self.why or self._too_much()
            with self._lock:
                if why and not self._over.is_set():
                    self.why, wait = why, AGAIN_AFTER_SECONDS
                    _raise_in(self._thread, _Stop)

    def end(self) -> None:
        """The paper is over: nothing is raised any more, and what is on its way arrives here.

        Whether it was looked over cannot be asked. So one more is sent, which takes the place of any on its way.
        Taking it back instead (a null pointer) makes CPython 3.11 look for it at every line from then on.
        """
        with self._lock:
            self._over.set()
        if self.why:
            with suppress(_Stop):
                _raise_in(self._thread, _Stop)
                for _ in range(MOMENTS_TO_ARRIVE):
                    time.sleep(0.001)

    def _too_much(self) -> str:
        if time.monotonic() - self._began > self._bound.seconds:
            return f"it took longer than {self._bound.seconds:g} seconds"
        if _held() - self._before > self._bound.mebibytes * 1024**2:
            return f"it asked for more than {self._bound.mebibytes} MiB of memory"
        return ""


def _raise_in(thread: int, error: type[BaseException]) -> None:
    """Have that thread raise this at its next line of Python."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


def _held() -> int:
    """The memory this process holds, in bytes; where the system does not say, the most it ever held."""
    try:
        return int(_STATM.read_text("ascii").split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT


def watched(bound: Bound, work: Callable[[], T]) -> T:
    """Do the work and return what it gives; raises PaperStopped once it is over its bound."""
    watch = _Watch(bound)
    onlooker = threading.Thread(target=watch.look, name="paper-watch", daemon=True)
    try:
        try:
            try:
                onlooker.start()
                done = work()
            finally:
                watch.end()
        finally:
            # A stop may have arrived while the watch ended; the next would have been a second away.
            watch.end()
    except _Stop:
        raise PaperStopped(watch.why) from None
    if watch.why:
        raise PaperStopped(watch.why)
    return done
