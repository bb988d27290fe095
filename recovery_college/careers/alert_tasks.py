"""Messages about new posts, written beside the pages by day."""

from recovery_college.access.console import ConsoleActor
from recovery_college.careers.alert_services import send_alerts
from recovery_college.kernel import clock
from recovery_college.kernel.tasks import Sweep, Task, sweep
from recovery_college.kernel.wording import in_london

MORNING, EVENING = 8, 20
"""They go out by day, in London."""


@sweep(minutes=60)
def tell_of_jobs() -> None:
    """Write today's messages; who was told of a post is not told again."""
    if MORNING <= in_london(clock.now()).hour < EVENING:
        send_alerts(ConsoleActor("job alerts"))


JOBS: tuple[Task | Sweep, ...] = (tell_of_jobs,)
