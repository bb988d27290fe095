"""Fetching beside the pages: started by a button or once a day, and taken up again without harm (V6)."""

from uuid import UUID

from flask import current_app

from recovery_college.access.rules import Role
from recovery_college.careers.feed_queries import BY_ITSELF
from recovery_college.careers.feed_services import feeds_due, lost_fetches, make_fetch, start_fetch
from recovery_college.kernel.tasks import Sweep, Task, enqueue, sweep, task

NAME = "fetch vacancies"


class _Daily:
    """The clock, as the actor of a fetch that nobody pressed a button for."""

    audit_id = BY_ITSELF
    name = "Every day"
    role = Role.ADMIN
    roles = (Role.ADMIN,)
    person_id = None


@task(NAME)
def go_on_with_fetch(run_id: UUID) -> None:
    """Make one fetch. Safe to run twice: each band is taken in once."""
    make_fetch(run_id)


@sweep(minutes=5)
def take_up_fetches() -> None:
    """Go on with fetches that somebody started and nobody is working on."""
    for run_id in lost_fetches():
        make_fetch(run_id)


@sweep(minutes=60)
def fetch_every_day() -> None:
    """Fetch the sources whose day it is."""
    for feed_id in feeds_due():
        make_fetch(start_fetch(_Daily(), feed_id))


def go_on_with(run_id: UUID) -> None:
    """Ask for a fetch, beside the pages."""
    enqueue(current_app._get_current_object(), NAME, run_id)  # type: ignore[attr-defined]


JOBS: tuple[Task | Sweep, ...] = (go_on_with_fetch, take_up_fetches, fetch_every_day)
