"""Whether a new cohort may use a version: it is not superseded, and nothing is missing in it (A2)."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.courses.models import Qualification
from recovery_college.courses.specification import check_specification
from recovery_college.courses.specification_queries import superseded_versions
from recovery_college.courses.syllabus_queries import syllabus_of


class Usable:
    """Versions asked after in one import or one form, each looked at once."""

    def __init__(self, s: Session) -> None:
        self.s = s
        self.superseded = superseded_versions()
        self.answers: dict[UUID, str] = {}

    def why_not(self, qualification_id: UUID) -> str:
        """Why the version takes no new cohort and no new student, in a sentence; empty when it does."""
        if qualification_id in self.superseded:
            newer = self.superseded[qualification_id]
            return f"This version is superseded by version {newer} and takes no new cohort. Use the newer one"
        return self.missing(qualification_id)

    def missing(self, qualification_id: UUID) -> str:
        """What is missing in the version before anybody may be on it; empty when nothing is."""
        if qualification_id not in self.answers:
            # Whoever edits the version waits until this is done, and the other way round.
            self.s.scalar(
                select(Qualification.id)
                .where(Qualification.id == qualification_id)
                .with_for_update(read=True)
            )
            problems = check_specification(syllabus_of(qualification_id).specification).problems
            told = " ".join(problems[:3]).rstrip(".")
            self.answers[qualification_id] = (
                f"This version is not ready for a cohort yet. {told}" if problems else ""
            )
        return self.answers[qualification_id]
