"""Fetching a page from another service: only from hosts that are named, and never from inside our own network.

Whatever answers is not trusted. A host is looked up once and connected to at that very address, so a name cannot
point elsewhere between the check and the connection; each redirect is judged like a first address. How much is
read, unpacked and waited for has an end.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

_AGENT = "recovery-college (vacancies for peer support workers)"
_CHUNK = 64 * 1024
_AGAIN = frozenset({429, 500, 502, 503, 504})
_MOVED = frozenset({301, 302, 303, 307, 308})
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much of an answer is taken, and how long it may take."""

    most_bytes: int = 20 * 1024 * 1024
    most_redirects: int = 3
    connect_seconds: float = 10
    silent_seconds: float = 20
    whole_seconds: float = 60
    most_tries: int = 4
    longest_wait: float = 60


@dataclass(frozen=True, slots=True)
class Host:
    """A host that may be asked, with its port. One that is this very machine is asked without TLS."""

    name: str
    port: int = 443

    @property
    def is_loopback(self) -> bool:
        """Whether it was named as an address of this machine, such as 127.0.0.1."""
        try:
            return ipaddress.ip_address(self.name).is_loopback
        except ValueError:
            return False


class FetchProblem(Exception):
    """It could not be fetched; the sentence says why. `again` says whether asking later may help."""

    def __init__(self, sentence: str, *, again: bool = False, wait: float | None = None) -> None:
        super().__init__(sentence)
        self.again = again
        self.wait = wait


Sleep = Callable[[float], object]


def read_hosts(text: str) -> tuple[Host, ...]:
    """The hosts of a setting, with commas between: `www.jobs.nhs.uk`, or with a port. Raises ValueError."""
    hosts = []
    for part in (part.strip().lower() for part in text.split(",")):
        if not part:
            continue
        name, _, port = part.partition(":")
        if not _NAME.fullmatch(name) or (
            port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)
        ):
            raise ValueError(f"“{part[:60]}” is no host, like www.jobs.nhs.uk")
        hosts.append(Host(name, int(port) if port else 443))
    return tuple(hosts)


def host_of(address: str, hosts: Sequence[Host]) -> Host:
    """The host of an address, when it is one that may be asked. Raises FetchProblem with the reason."""
    return _allowed(_parts(address), hosts)


def fetch(
    address: str,
    hosts: Sequence[Host],
    limits: FetchLimits = FetchLimits(),
    *,
    sleep: Sleep,
    now: Callable[[], datetime],
) -> bytes:
    """The content at an address, asked again after a pause where the service says it is busy.

    A pause that the service asks for (Retry-After) is kept; one longer than `longest_wait` ends the fetch.
    Raises FetchProblem.
    """
    tries = 1
    while True:
        try:
            return _fetch(address, hosts, limits, now)
        except FetchProblem as problem:
            wait = 2.0 ** (tries - 1) if problem.wait is None else problem.wait
            if not problem.again or tries >= limits.most_tries:
                raise
            if wait > limits.longest_wait:
                minutes = round(wait / 60) or 1
                raise FetchProblem(
                    f"The service is busy and asks to be left alone for {minutes} minute"
                    f"{'' if minutes == 1 else 's'}. Fetch again after that"
                ) from problem
            tries += 1
            sleep(wait)


def seconds_to_wait(text: str | None, now: datetime) -> float | None:
    """What a Retry-After header asks for in seconds: a number, or a date. None when it says nothing we can read."""
    words = (text or "").strip()
    if words.isascii() and words.isdigit() and len(words) < 10:
        return float(words)
    try:
        then = parsedate_to_datetime(words)
    except ValueError:
        return None
    return None if then.tzinfo is None else max(0.0, (then - now).total_seconds())


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise FetchProblem("This is not a web address") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise FetchProblem("This is not a web address that starts with https://")
    if parts.username is not None or parts.password is not None:
        raise FetchProblem("The address holds a user name, so it is not asked")
    return parts


def _allowed(parts: SplitResult, hosts: Sequence[Host]) -> Host:
    name = (parts.hostname or "").lower()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = next((one for one in hosts if (one.name, one.port) == (name, port)), None)
    if host is None:
        raise FetchProblem(f"{name[:100]} is not among the services that may be asked")
    if parts.scheme == "http" and not host.is_loopback:
        raise FetchProblem("The address is not a https:// address, so it is not asked")
    return host


def _address_of(host: Host) -> tuple[socket.AddressFamily, str]:
    """Where to connect to: an address out in the world, or this machine where exactly that was named."""
    try:
        found = socket.getaddrinfo(host.name, host.port, type=socket.SOCK_STREAM)
    except OSError:
        raise FetchProblem(f"{host.name} cannot be found", again=True) from None
    for *_, place in found:
        number = ipaddress.ip_address(str(place[0]).partition("%")[0])
        mapped = getattr(number, "ipv4_mapped", None) or number
        is_fine = mapped.is_loopback if host.is_loopback else mapped.is_global and not mapped.is_multicast
        if not is_fine:
            raise FetchProblem(f"{host.name} leads into a private network, so it is not asked")
    if not found:
        raise FetchProblem(f"{host.name} cannot be found", again=True)
    return found[0][0], str(found[0][4][0])


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was judged already, with the host's name for TLS and the Host header."""

    def __init__(self, host: Host, scheme: str, limits: FetchLimits) -> None:
        super().__init__(host.name, host.port, timeout=limits.connect_seconds)
        self._door = host
        self._scheme = scheme
        self._limits = limits

    def connect(self) -> None:
        """Connect to the very address that was judged."""
        family, number = _address_of(self._door)
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            plain.settimeout(self._limits.connect_seconds)
            plain.connect((number, self._door.port))
            if self._scheme == "https":
                context = ssl.create_default_context()
                plain = context.wrap_socket(plain, server_hostname=self._door.name)
            plain.settimeout(self._limits.silent_seconds)
        except BaseException:
            plain.close()
            raise
        self.sock = plain


def _fetch(address: str, hosts: Sequence[Host], limits: FetchLimits, now: Callable[[], datetime]) -> bytes:
    here = address
    for _ in range(limits.most_redirects + 1):
        try:
            parts = _parts(here)
            host = _allowed(parts, hosts)
        except FetchProblem as problem:
            if here == address:
                raise
            raise FetchProblem(f"The service sends on to another address: {problem}") from problem
        onward, content = _ask(parts, host, limits, now)
        if onward is None:
            return content
        try:
            here = urljoin(here, onward)
        except ValueError:
            raise FetchProblem("The service sends on to what is not a web address") from None
    raise FetchProblem("The service sends from one address to the next without end")


def _ask(
    parts: SplitResult, host: Host, limits: FetchLimits, now: Callable[[], datetime]
) -> tuple[str | None, bytes]:
    """One request: where it sends on to, or the content."""
    connection = _Connection(host, parts.scheme, limits)
    late = threading.Event()
    # A service that sends a letter now and then is never silent: the whole of it has an end as well.
    watch = threading.Timer(limits.whole_seconds, _hang_up, (connection, late))
    watch.daemon = True
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        watch.start()
        connection.request(
            "GET",
            path,
            headers={"User-Agent": _AGENT, "Accept-Encoding": "gzip", "Accept": "application/xml"},
        )
        answer = connection.getresponse()
        if answer.status in _MOVED:
            onward = answer.getheader("Location")
            if not onward:
                raise FetchProblem("The service sends on to no address")
            return onward, b""
        if answer.status in _AGAIN:
            wait = seconds_to_wait(answer.getheader("Retry-After"), now())
            raise FetchProblem(f"The service answers {answer.status}: it is busy", again=True, wait=wait)
        if answer.status != 200:
            raise FetchProblem(f"The service answers {answer.status}. Check the address of the source")
        return None, _content(answer, limits)
    except FetchProblem as problem:
        if late.is_set():
            raise FetchProblem(_TOO_SLOW) from problem
        raise
    except (TimeoutError, ConnectionRefusedError) as error:
        raise FetchProblem(
            _TOO_SLOW if late.is_set() else "The service does not answer", again=not late.is_set()
        ) from error
    except ssl.SSLError as error:
        if late.is_set():
            raise FetchProblem(_TOO_SLOW) from error
        raise FetchProblem("The service cannot prove who it is, so nothing was taken from it") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        if late.is_set():
            raise FetchProblem(_TOO_SLOW) from error
        raise FetchProblem("The service broke off or did not answer in HTTP", again=True) from error
    finally:
        watch.cancel()
        connection.close()


_TOO_SLOW = "The answer takes too long, so it was not waited for"


def _hang_up(connection: _Connection, late: threading.Event) -> None:
    late.set()
    sock = connection.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def _content(answer: http.client.HTTPResponse, limits: FetchLimits) -> bytes:
    """The whole body, unpacked, or a FetchProblem: too much, cut off, or packed in a way we do not know."""
    too_much = f"The answer is larger than {limits.most_bytes / 1024 / 1024:g} MB, so it was not taken"
    packed = (answer.getheader("Content-Encoding") or "identity").strip().lower()
    if packed not in ("identity", "gzip", "x-gzip"):
        raise FetchProblem("The answer is packed in a way that was not asked for")
    promised = answer.getheader("Content-Length")
    length = int(promised) if promised and promised.isascii() and promised.isdigit() else None
    if length is not None and length > limits.most_bytes:
        raise FetchProblem(too_much)
    unpack = zlib.decompressobj(wbits=31) if packed != "identity" else None
    taken, read, parts = 0, 0, []
    while chunk := answer.read(_CHUNK):
        read += len(chunk)
        for piece in [chunk] if unpack is None else _unpacked(unpack, chunk):
            taken += len(piece)
            if max(taken, read) > limits.most_bytes:
                raise FetchProblem(too_much)
            parts.append(piece)
    if (length is not None and read < length) or (unpack is not None and not unpack.eof):
        raise FetchProblem("The answer is cut off", again=True)
    return b"".join(parts)


def _unpacked(unpack: Any, chunk: bytes) -> Iterator[bytes]:
    """What a packed chunk holds, in small pieces, so that a bomb is seen before it is open."""
    while True:
        try:
            piece = unpack.decompress(chunk, _CHUNK)
        except zlib.error as error:
            raise FetchProblem("The packed answer is damaged", again=True) from error
        chunk = unpack.unconsumed_tail
        yield piece
        if not chunk and len(piece) < _CHUNK:
            return
