"""Teams and directorates that given vacancies name: found by their words in any case, or made and told."""

from uuid import UUID

from sqlalchemy.orm import Session

from recovery_college.careers.intake_known import Known, named
from recovery_college.careers.models import Directorate, Team
from recovery_college.careers.vacancy_row import GivenVacancy
from recovery_college.kernel.ids import new_id


class Teams:
    """The teams of one intake. What is made is flushed at once, because vacancies point at it."""

    def __init__(self, s: Session, known: Known) -> None:
        self.s = s
        self.known = known
        self.made: list[str] = []
        self.made_directorates: list[str] = []

    def of(self, row: GivenVacancy) -> tuple[Team | None, UUID | None]:
        """The team and the directorate a row names; a team brings its directorate when the row names none."""
        directorate = self._directorate(str(row.said.get("directorate") or ""))
        name = str(row.said.get("team") or "")
        if not name:
            return None, directorate.id if directorate else None
        team = self.known.teams.get(name.casefold())
        if team is None:
            team = Team(
                id=new_id(),
                name=name,
                directorate_id=directorate.id if directorate else None,
                service_area=row.said.get("service_area"),
                setting=row.said.get("setting"),
            )
            self.s.add(team)
            self.s.flush()
            self.known.teams[name.casefold()] = team
            self.known.team_names[team.id] = name
            self.made.append(name)
        return team, directorate.id if directorate else team.directorate_id

    def told(self) -> list[str]:
        """What was made, in words."""
        kinds = (("directorates", self.made_directorates), ("teams", self.made))
        return [
            f"Not known before, so made with this file, {kind}: {named(names)}"
            for kind, names in kinds
            if names
        ]

    def _directorate(self, name: str) -> Directorate | None:
        if not name:
            return None
        found = self.known.directorates.get(name.casefold())
        if found is None:
            found = Directorate(id=new_id(), name=name)
            self.s.add(found)
            self.s.flush()
            self.known.directorates[name.casefold()] = found
            self.made_directorates.append(name)
        return found
