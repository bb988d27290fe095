"""What is done about answers beside the pages: telling people of those that are waited for."""

from recovery_college.access.console import ConsoleActor
from recovery_college.careers.escalation_services import send_escalations
from recovery_college.kernel import clock
from recovery_college.kernel.tasks import Sweep, Task, sweep
from recovery_college.kernel.wording import in_london

MORNING, EVENING = 8, 18
"""Mail about work goes out in working hours, in London."""


@sweep(minutes=60)
def tell_of_waiting_answers() -> None:
    """Take today's steps; who was told today is not told again."""
    if MORNING <= in_london(clock.now()).hour < EVENING:
        send_escalations(ConsoleActor("reminders"))


JOBS: tuple[Task | Sweep, ...] = (tell_of_waiting_answers,)
