"""Making packs beside the pages: started, stopped and taken up again without harm, and removed in time (A11)."""

from uuid import UUID

from flask import current_app

from recovery_college.kernel.tasks import Sweep, Task, enqueue, sweep, task
from recovery_college.quality.pack_services import lost_packs, make_pack, remove_closed_packs

NAME = "make a pack"


@task(NAME)
def go_on_with_pack(pack_id: UUID) -> None:
    """Make one pack. Safe to run twice: a finished one is passed over, and of two only one is kept."""
    make_pack(pack_id)


@sweep(minutes=1)
def take_up_packs() -> None:
    """Go on with packs that somebody started and nobody is working on."""
    for pack_id in lost_packs():
        make_pack(pack_id)


@sweep(minutes=5)
def sweep_packs() -> None:
    """Remove the packs of engagements that are over, and those that hold what may be seen no more."""
    remove_closed_packs()


def go_on_with(pack_id: UUID) -> None:
    """Ask for a pack, beside the pages."""
    enqueue(current_app._get_current_object(), NAME, pack_id)  # type: ignore[attr-defined]


JOBS: tuple[Task | Sweep, ...] = (go_on_with_pack, take_up_packs, sweep_packs)
