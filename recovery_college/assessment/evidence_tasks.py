"""What is done about evidence and due dates beside the pages."""

from recovery_college.access.console import ConsoleActor
from recovery_college.assessment.evidence_drafts import sweep_gone_drafts
from recovery_college.assessment.evidence_services import sweep_files
from recovery_college.assessment.reminder_services import send_reminders
from recovery_college.kernel import clock
from recovery_college.kernel.running_app import the_storage
from recovery_college.kernel.tasks import Sweep, Task, sweep
from recovery_college.kernel.wording import in_london


@sweep(minutes=360)
def sweep_evidence_files() -> None:
    """Remove files that were stored for evidence which never came to be, or was taken back; forget old drafts."""
    sweep_files(the_storage())
    sweep_gone_drafts()


MORNING, EVENING = 8, 20
"""Reminders go out by day, in London."""


@sweep(minutes=60)
def remind_students() -> None:
    """Write today's reminders; who got theirs gets no second one."""
    if MORNING <= in_london(clock.now()).hour < EVENING:
        send_reminders(ConsoleActor("reminders"))


JOBS: tuple[Task | Sweep, ...] = (sweep_evidence_files, remind_students)
