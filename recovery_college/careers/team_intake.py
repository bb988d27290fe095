"""Teams that a file of managers or posts names: found by their words in any case, or made and told."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of
from recovery_college.careers.models import Team
from recovery_college.kernel.db import add_rows
from recovery_college.kernel.ids import new_id

MOST_NAMED = 20


class NamedTeams:
    """The teams of one file. Call `make` with every name first: rows that are made point at them."""

    def __init__(self, s: Session) -> None:
        self.ids = {name.casefold(): team_id for name, team_id in s.execute(select(Team.name, Team.id))}
        self.made: dict[str, UUID] = {}
        self._s = s

    def make(self, names: Iterable[str]) -> None:
        """Make those that are not known yet."""
        for name in names:
            if name.casefold() not in self.ids:
                self.ids[name.casefold()] = self.made[name] = new_id()
        rows = [{"id": team_id, "name": name} for name, team_id in self.made.items()]
        add_rows(self._s, Team, rows)

    def id_of(self, name: str) -> UUID:
        """The team with this name."""
        return self.ids[name.casefold()]

    def told(self) -> list[str]:
        """What was made, in words."""
        if not self.made:
            return []
        names = list(self.made)
        more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
        return [f"Not known before, so made with this file, teams: {', '.join(names[:MOST_NAMED])}{more}"]

    def events(self, actor: Actor) -> list[Event]:
        """The audit events of the teams that were made."""
        return [event_of(actor, "made team", "team", team_id) for team_id in self.made.values()]
