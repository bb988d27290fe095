"""F18, F19: a paper that eats memory, a paper that never ends. It is stopped, told, and the next one is made."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from recovery_college.graduation import services
from recovery_college.graduation.models import Certificate
from recovery_college.kernel import pdf
from recovery_college.kernel.db import db, session
from recovery_college.kernel.pdf import PdfMaker, PdfStopped, pdf_maker
from recovery_college.kernel.pdf_watch import Bound, PaperStopped, watched
from tests.factories.graduation import a_finished_cohort
from tests.factories.people import CONSOLE
from tests.kernel.test_pdf import document

HURRIED = Bound(seconds=0.4, mebibytes=10_000)
LEAN = Bound(seconds=60, mebibytes=40)
ENOUGH = 400
A_PAPER = document(stylesheet="pack.css", pages=1)
Breaks = Callable[[], None]


def without_end() -> None:
    """What the library does when it never ends: Python, and errors of its own that it looks over."""
    for _ in range(10**9):
        try:
            time.sleep(0.0001)
        except Exception:  # noqa: BLE001 as a library might
            continue


def looked_over() -> None:
    """A drawing of the library looks over every error, whichever it is, and the paper comes to an end."""
    try:
        without_end()
    except BaseException:  # noqa: BLE001 as weasyprint.images does
        return


def looked_over_without_end() -> None:
    """The same, and then it still does not end."""
    looked_over()
    without_end()


def until(stop: threading.Event) -> None:
    """Go on until told."""
    while not stop.is_set():
        time.sleep(0.001)


def without_measure() -> None:
    """What it does when it eats: far beyond the bound, though not for ever, or a fault here would take the machine."""
    eaten = []
    for _ in range(ENOUGH):
        eaten.append(bytearray(b"x" * 2**20))
        time.sleep(0.001)


@pytest.fixture
def breaks_at_the_second(monkeypatch: pytest.MonkeyPatch) -> Callable[[Breaks, Bound], None]:
    """Have the layout of the second paper do that, under this bound."""

    def arm(breaks: Breaks, bound: Bound) -> None:
        pdf_maker().render(A_PAPER)  # what is loaded once does not count
        laid_out: list[int] = []
        looked_on: list[Bound] = []
        whole, watching = PdfMaker._lay_out, pdf.watched

        def watch(usual: Bound, work: Callable[[], Any]) -> Any:
            looked_on.append(usual)
            return watching(bound if len(looked_on) == 2 else usual, work)

        def lay_out(self: PdfMaker, documents: Any) -> Any:
            laid_out.append(len(documents))
            if len(laid_out) == 2:
                breaks()
            return whole(self, documents)

        monkeypatch.setattr(PdfMaker, "_lay_out", lay_out)
        monkeypatch.setattr(pdf, "watched", watch)

    return arm


def numbers() -> list[int]:
    db.session.remove()
    return list(session().scalars(select(Certificate.number).order_by(Certificate.number)))


@pytest.mark.parametrize(
    ("breaks", "bound", "why"),
    [
        (without_measure, LEAN, "it asked for more than 40 MiB of memory"),
        (without_end, HURRIED, "it took longer than 0.4 seconds"),
        (looked_over, HURRIED, "it took longer than 0.4 seconds"),
        (looked_over_without_end, HURRIED, "it took longer than 0.4 seconds"),
    ],
    ids=["f18", "f19", "f19-looked-over", "f19-looked-over-without-end"],
)
def test_it_is_stopped_and_told_and_the_next_is_made(
    app: Flask, breaks_at_the_second: Callable[[Breaks, Bound], None], breaks: Breaks, bound: Bound, why: str
) -> None:
    finished = a_finished_cohort(ready=2)
    breaks_at_the_second(breaks, bound)
    report = services.issue_for_cohort(CONSOLE, finished.cohort)
    assert [one.number for one in report.issued] == [1]
    assert [told for _, told in report.refused] == [
        f"The certificate could not be drawn: The paper was stopped, because {why}."
    ]
    again = services.issue_for_cohort(CONSOLE, finished.cohort)
    assert len(again.issued) == 1
    assert numbers() == [1, 2]


def test_f18_twin_without_the_watch_it_eats_all_it_wants(
    breaks_at_the_second: Callable[[Breaks, Bound], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known-bad twin: nobody looks on."""
    breaks_at_the_second(without_measure, LEAN)
    monkeypatch.setattr(pdf, "watched", lambda bound, work: work())
    assert len([pdf_maker().render(A_PAPER) for _ in range(2)]) == 2


def test_f19_twin_without_the_watch_it_is_still_at_it(
    breaks_at_the_second: Callable[[Breaks, Bound], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known-bad twin: nobody looks on."""
    stop = threading.Event()
    breaks_at_the_second(lambda: until(stop), HURRIED)
    monkeypatch.setattr(pdf, "watched", lambda bound, work: work())
    at_it = threading.Thread(target=lambda: [pdf_maker().render(A_PAPER) for _ in range(2)], daemon=True)
    at_it.start()
    at_it.join(HURRIED.seconds * 4)
    still = at_it.is_alive()
    stop.set()
    at_it.join()
    assert still


def test_what_ends_in_time_is_left_alone_however_often() -> None:
    for _ in range(200):
        assert watched(HURRIED, lambda: "done") == "done"


def test_what_ends_just_when_it_is_stopped_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stop may be on its way while the paper ends: it arrives in the watch, never in what comes after."""
    monkeypatch.setattr("recovery_college.kernel.pdf_watch.LOOK_EVERY_SECONDS", 0.0005)
    stopped = 0
    for number in range(300):
        try:
            watched(Bound(seconds=0.001, mebibytes=10_000), partial(time.sleep, 0.0005 + number % 10 / 5_000))
        except PaperStopped:
            stopped += 1
        sum(range(2_000))
    assert 0 < stopped < 300


def test_what_comes_after_runs_under_a_tracer() -> None:
    """What was sent and not raised makes CPython 3.11 go round in circles as soon as somebody traces."""

    def trace(*_: object) -> None:
        return None

    for breaks in (lambda: None, looked_over, without_end):
        with suppress(PaperStopped):
            watched(HURRIED, breaks)
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            sum(range(10))
            numbered = [str(number) for number in range(10)]
        finally:
            sys.settrace(before)
        assert numbered


def test_a_page_says_it_is_not_to_be_had_just_now(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped() -> str:
        raise PdfStopped("The paper was stopped, because it took longer than 20 seconds")

    rule = next(rule for rule in app.url_map.iter_rules() if rule.rule == "/help")
    monkeypatch.setitem(app.view_functions, rule.endpoint, stopped)
    answer = app.test_client().get("/help")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
