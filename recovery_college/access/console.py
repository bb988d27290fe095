"""The console as an actor: it acts as administrator, recorded with the operating system's user."""

import getpass
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from recovery_college.access.rules import Role


@dataclass(frozen=True, slots=True)
class ConsoleActor:
    """Somebody at the console of the machine."""

    user: str
    role: Role = Role.ADMIN
    person_id: UUID | None = None

    @property
    def name(self) -> str:
        """How the console is shown in the audit trail."""
        return f"Console ({self.user})"

    @property
    def roles(self) -> Collection[Role]:
        """The console wears no other role."""
        return (self.role,)

    @property
    def audit_id(self) -> str:
        """The opaque id written in the audit trail."""
        return f"console:{self.user}"[:80]


def console_actor() -> ConsoleActor:
    """The operating-system user who runs this command."""
    try:
        return ConsoleActor(getpass.getuser())
    except (KeyError, OSError):
        return ConsoleActor("unknown")
