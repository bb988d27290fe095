"""Preparing a team: steps with owners and dates, and a visit that the visitor agrees to first (P4)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.check_rules import TeamStep
from recovery_college.careers.considerations import Refused
from recovery_college.careers.team_models import TeamPreparation, TeamVisit
from recovery_college.careers.team_queries import team_visible_to, visitors_for
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.mail import is_address, queue_mail
from recovery_college.people.queries import address_of


class TeamNotFound(LookupError):
    """There is no such team, step or visit, or none that this actor may know of."""


class StepChanged(Exception):
    """Somebody saved this step after the page was opened."""


@dataclass(frozen=True, slots=True)
class StepSaid:
    """What somebody says about a step."""

    owner: str = ""
    due_on: date | None = None
    done_on: date | None = None
    named: str = ""
    impossible_why: str = ""


def save_step(actor: Actor, team_id: UUID, step: TeamStep, said: StepSaid, version: int) -> None:
    """Say who sees to a step, by when, and when it was done. Raises Refused with what is wrong by box."""
    if not may(actor, Permission.TEAM_PREPARE):
        raise TeamNotFound
    errors = _wrong(step, said)
    if errors:
        raise Refused(next(iter(errors.values())), errors)
    with transaction() as s:
        if team_visible_to(actor, team_id) is None:
            raise TeamNotFound
        if step is TeamStep.VISIT and said.done_on is not None:
            agreed = s.scalar(
                select(TeamVisit.id).where(TeamVisit.team_id == team_id, TeamVisit.agreed.is_(True)).limit(1)
            )
            if agreed is None:
                text = "Nobody agreed to visit yet. Human resources asks somebody first"
                raise Refused(text, {"done_on": text})
        row = s.get(TeamPreparation, (team_id, step), with_for_update=True, populate_existing=True)
        if (row.version if row else 0) != version:
            raise StepChanged
        if row is None:
            row = TeamPreparation(team_id=team_id, step=step, version=0)
            s.add(row)
        row.owner, row.due_on, row.done_on = said.owner.strip(), said.due_on, said.done_on
        row.named, row.impossible_why = said.named.strip(), said.impossible_why.strip()
        row.version = version + 1
        s.flush()
        record(
            s,
            actor,
            "prepared team",
            "team",
            team_id,
            step=step.value,
            done=said.done_on.isoformat() if said.done_on else "",
        )


def _wrong(step: TeamStep, said: StepSaid) -> dict[str, str]:
    errors: dict[str, str] = {}
    if said.done_on is not None and said.done_on > clock.today():
        errors["done_on"] = "This day is still to come. Use it as the day by which"
    if said.due_on is not None and not said.owner.strip():
        errors["owner"] = "Say who sees to it"
    if step.names_somebody and said.done_on is not None and not said.named.strip():
        errors["named"] = "Write the name of the person"
    if said.impossible_why.strip() and not step.may_be_impossible:
        errors["impossible_why"] = "This step is always needed"
    return errors


def ask_for_visit(actor: Actor, team_id: UUID, person_id: UUID, visit_on: date | None) -> UUID:
    """Ask a peer support worker of another team whether they would visit. The team learns the name after a yes."""
    if not may(actor, Permission.VISIT_ASK):
        raise TeamNotFound
    if visit_on is not None and visit_on < clock.today():
        raise Refused("Choose a day to come", {"visit_on": "Choose a day that is still to come"})
    with transaction() as s:
        team = team_visible_to(actor, team_id)
        if team is None:
            raise TeamNotFound
        if person_id not in {one[0] for one in visitors_for(actor, team_id)}:
            raise Refused("Choose who to ask", {"person": "Choose somebody who works in another team"})
        open_one = s.scalar(
            select(TeamVisit).where(
                TeamVisit.team_id == team_id, TeamVisit.person_id == person_id, TeamVisit.ended_at.is_(None)
            )
        )
        if open_one is not None:
            return open_one.id
        assert actor.person_id is not None
        row = TeamVisit(
            team_id=team_id,
            person_id=person_id,
            visit_on=visit_on,
            asked_by=actor.person_id,
            asked_at=clock.now(),
        )
        s.add(row)
        s.flush()
        to = address_of(person_id)
        if is_address(to):
            words = (
                f"Hello,\n\nthe team {team.name} is getting ready for its first peer support worker, and would "
                "like to learn from you. Would you visit them once? You can say yes or no in My future, "
                "under the jobs you said yes to, and nobody asks why. They do not learn your name unless you say yes.\n"
            )
            queue_mail(s, to, "Would you visit a team?", words, "team visit")
        record(s, actor, "asked for visit", "team", team_id, visit=str(row.id))
        return row.id


def answer_visit(actor: Actor, visit_id: UUID, agreed: bool) -> None:
    """Say yes or no to a visit; a yes may be taken back. Only the person asked."""
    if actor.person_id is None or not may(actor, Permission.OWN_FUTURE):
        raise TeamNotFound
    with transaction() as s:
        row = s.scalar(
            select(TeamVisit)
            .where(
                TeamVisit.id == visit_id,
                TeamVisit.person_id == actor.person_id,
                TeamVisit.ended_at.is_(None),
            )
            .with_for_update()
        )
        if row is None:
            raise TeamNotFound
        if row.agreed is agreed:
            return
        row.agreed, row.answered_at = agreed, clock.now()
        record(s, actor, "answered visit", "team", row.team_id, visit=str(row.id), agreed=agreed)
