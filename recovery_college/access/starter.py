"""Who pressed the button of work that is done beside the pages, as its own row remembers them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from recovery_college.access.rules import Role


@dataclass(frozen=True, slots=True)
class Starter:
    """The actor of what is done on somebody's behalf: in the role they wore when they pressed the button."""

    audit_id: str
    role: Role

    @property
    def person_id(self) -> UUID | None:
        """The person, unless it was the console."""
        try:
            return UUID(self.audit_id)
        except ValueError:
            return None

    @property
    def name(self) -> str:
        """Never shown."""
        return self.audit_id

    @property
    def roles(self) -> Collection[Role]:
        """The role worn when the button was pressed."""
        return (self.role,)
