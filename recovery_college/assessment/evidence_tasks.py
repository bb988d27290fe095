"""What is done about evidence beside the pages."""

from flask import current_app

from recovery_college.assessment.evidence_services import sweep_files
from recovery_college.kernel.tasks import Sweep, Task, sweep


@sweep(minutes=360)
def sweep_evidence_files() -> None:
    """Remove files that were stored for evidence which never came to be, or was taken back."""
    sweep_files(current_app.extensions["storage"])


JOBS: tuple[Task | Sweep, ...] = (sweep_evidence_files,)
