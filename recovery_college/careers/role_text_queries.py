"""The words about the role as they stand, and who saved them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from recovery_college.careers.consideration_models import RoleTextVersion
from recovery_college.careers.role_text_rules import STARTER, RoleText
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of


@dataclass(frozen=True, slots=True)
class SavedText:
    """When a version was saved and by whom."""

    version: int
    saved_by: str
    saved_at: datetime


def role_text() -> RoleText:
    """The newest version; the starter words until the college has saved its own. No secret: it is advertised."""
    row = session().scalars(select(RoleTextVersion).order_by(RoleTextVersion.version.desc()).limit(1)).first()
    if row is None:
        return STARTER
    return RoleText(row.version, row.brings, row.paragraph, row.specification)


def saved_texts() -> list[SavedText]:
    """The last saved versions, newest first: the college edits these words a few times a year."""
    statement = (
        select(RoleTextVersion.version, RoleTextVersion.saved_at, Person)
        .join(Person, Person.id == RoleTextVersion.saved_by)
        .order_by(RoleTextVersion.version.desc())
        .limit(20)
    )
    return [SavedText(version, name_of(who), at) for version, at, who in session().execute(statement)]
