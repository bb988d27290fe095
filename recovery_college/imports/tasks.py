"""What is done about uploads beside the pages."""

from datetime import timedelta

from recovery_college.imports.services import WAITS_DAYS, forget_uploads
from recovery_college.kernel import clock
from recovery_college.kernel.running_app import the_storage
from recovery_college.kernel.tasks import Sweep, sweep


@sweep(minutes=1440)
def forget_old_uploads() -> None:
    """Forget files that nobody imported in time, and what was found in them."""
    forget_uploads(the_storage(), clock.now() - timedelta(days=WAITS_DAYS))


JOBS: tuple[Sweep, ...] = (forget_old_uploads,)
