"""From an offer to the first day: checks by HR, a start once the gate is open, and the post (P4, P5, P6)."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.bands import Band
from recovery_college.careers.candidacy_models import Candidacy, EventKind
from recovery_college.careers.candidacy_rules import Stage
from recovery_college.careers.candidacy_services import (
    CandidacyChanged,
    CandidacyNotFound,
    claim_candidacy,
    go_to,
    happened,
)
from recovery_college.careers.check_rules import (
    CheckKind,
    CheckState,
    TeamStep,
    check_room,
    checks_to_go,
    training_due_on,
    why_no_start,
)
from recovery_college.careers.considerations import Refused
from recovery_college.careers.models import Funding, Post, Vacancy
from recovery_college.careers.offer_models import EmploymentCheck, Offer, PostOrigin
from recovery_college.careers.offer_queries import room_of, states_of
from recovery_college.careers.preference_models import VacancyPattern
from recovery_college.careers.rules import ContractKind
from recovery_college.careers.team_models import TeamPreparation
from recovery_college.careers.team_queries import preparation_to_go
from recovery_college.graduation.models import Graduation
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.wording import day, hours

SOONER_THAN = "Somebody else was started meanwhile, and nothing that is funded is left"


def make_offer(
    actor: Actor,
    candidacy_id: UUID,
    *,
    weekly_hours: Decimal,
    band: Band,
    contract: ContractKind,
    funding: Funding,
    version: int,
) -> None:
    """Offer the post on condition. Hours beyond what is funded are refused (P6)."""
    with transaction() as s:
        row = claim_candidacy(s, actor, candidacy_id, version)
        if row.stage not in (Stage.INTERVIEW, Stage.OFFER, Stage.CHECKS):
            raise Refused("An offer comes after the interview. Move the card first.")
        s.get_one(Vacancy, row.vacancy_id, with_for_update=True)
        problem = check_room(room_of(s, row.vacancy_id, row.id), weekly_hours)
        if problem:
            raise Refused(problem, {"weekly_hours": problem})
        found = s.get(Offer, row.id)
        old = hours(found.weekly_hours) if found else ""
        if found is None:
            found = Offer(candidacy_id=row.id, offered_on=clock.today())
            s.add(found)
        found.weekly_hours, found.band = weekly_hours, band
        found.contract, found.funding = contract, funding
        s.flush()
        happened(s, actor, row, EventKind.OFFER, old, f"{hours(weekly_hours)}, {funding.value}")
        if row.stage is Stage.INTERVIEW:
            go_to(s, actor, row, Stage.OFFER)
        else:
            record(s, actor, "changed offer", "candidacy", row.id)


def record_check(
    actor: Actor,
    candidacy_id: UUID,
    kind: CheckKind,
    state: CheckState,
    chase_on: date | None,
    version: int,
) -> None:
    """Record where a check stands. HR alone; only the state, the day and who (P4)."""
    if not may(actor, Permission.CHECK_KEEP):
        raise CandidacyNotFound
    if state is CheckState.CLEAR:
        chase_on = None
    with transaction() as s:
        row = claim_candidacy(s, actor, candidacy_id, None)
        if row.stage not in (Stage.OFFER, Stage.CHECKS, Stage.START_AGREED):
            raise Refused("Checks belong to a conditional offer.")
        found = s.get(EmploymentCheck, (row.id, kind), with_for_update=True, populate_existing=True)
        if (found.version if found else 0) != version:
            raise CandidacyChanged
        old = found.state if found else CheckState.NOT_STARTED
        assert actor.person_id is not None
        if found is None:
            found = EmploymentCheck(candidacy_id=row.id, kind=kind, version=0)
            s.add(found)
        found.state, found.chase_on, found.by_id = state, chase_on, actor.person_id
        found.state_on = clock.today()
        found.version = version + 1
        s.flush()
        if old is not state:
            happened(
                s, actor, row, EventKind.CHECK, f"{kind.value}: {old.value}", f"{kind.value}: {state.value}"
            )
        record(s, actor, "recorded check", "candidacy", row.id, check=kind.value, state=state.value)
        if row.stage is Stage.START_AGREED and state is not CheckState.CLEAR:
            _take_start_back(s, actor, row)


def _take_start_back(s: Session, actor: Actor, row: Candidacy) -> None:
    """A check that is clear no longer closes the gate again: the agreed start falls (P4)."""
    offer = s.get_one(Offer, row.id)
    offer.start_on = offer.training_due_on = None
    go_to(s, actor, row, Stage.CHECKS, "A check is no longer clear")


def agree_start(actor: Actor, candidacy_id: UUID, start_on: date, version: int) -> None:
    """Agree the first day. The gate: six checks clear, and the team prepared (P4)."""
    with transaction() as s:
        row = claim_candidacy(s, actor, candidacy_id, version)
        if row.stage not in (Stage.CHECKS, Stage.START_AGREED):
            raise Refused("A start is agreed while checks are under way. Move the card first.")
        offer = s.get_one(Offer, row.id)
        if start_on < offer.offered_on:
            text = f"This day is before the offer of {day(offer.offered_on)}"
            raise Refused(text, {"start_on": text})
        problem = gate(s, row)
        if problem:
            raise Refused(problem, {"start_on": problem})
        graduated = s.scalar(select(Graduation.id).where(Graduation.person_id == row.person_id).limit(1))
        old = day(offer.start_on) if offer.start_on else ""
        offer.start_on = start_on
        offer.training_due_on = training_due_on(start_on, graduated is not None)
        s.flush()
        happened(s, actor, row, EventKind.START, old, day(start_on))
        if row.stage is Stage.CHECKS:
            go_to(s, actor, row, Stage.START_AGREED)
        else:
            record(s, actor, "changed start", "candidacy", row.id)


def gate(s: Session, row: Candidacy) -> str:
    """Why no start can be set yet, in a sentence; nothing when the gate is open."""
    team_id = s.scalar(select(Vacancy.team_id).where(Vacancy.id == row.vacancy_id))
    if team_id is None:
        return "Say first which team the vacancy is in, so that the team can be prepared"
    return why_no_start(len(checks_to_go(states_of(s, row.id))), len(preparation_to_go(s, team_id)))


def start_post(actor: Actor, candidacy_id: UUID, version: int) -> UUID:
    """The first day has come: the candidacy ends in a post. The gate is asked once more, and the database counts."""
    with transaction() as s:
        row = claim_candidacy(s, actor, candidacy_id, version)
        offer = s.get(Offer, row.id)
        if row.stage is not Stage.START_AGREED or offer is None or offer.start_on is None:
            raise Refused("Agree a start date first.")
        if offer.start_on > clock.today():
            raise Refused(f"The start is on {day(offer.start_on)}. Record it on that day.")
        problem = gate(s, row)
        if problem:
            raise Refused(problem)
        vacancy = s.get_one(Vacancy, row.vacancy_id, with_for_update=True)
        room = room_of(s, row.vacancy_id, row.id)
        problem = check_room(room, offer.weekly_hours)
        if problem:
            raise Refused(problem)
        assert vacancy.team_id is not None
        pattern = s.get(VacancyPattern, row.vacancy_id)
        post = Post(
            person_id=row.person_id,
            team_id=vacancy.team_id,
            band=offer.band,
            weekly_hours=offer.weekly_hours,
            contract=offer.contract,
            funding=offer.funding,
            is_job_share=bool(pattern and pattern.job_share),
            started_on=offer.start_on,
        )
        s.add(post)
        s.flush()
        s.add(
            PostOrigin(
                post_id=post.id,
                candidacy_id=row.id,
                vacancy_id=row.vacancy_id,
                line_supervisor=_named(s, vacancy.team_id, TeamStep.LINE_SUPERVISOR),
                peer_supervisor=_named(s, vacancy.team_id, TeamStep.PEER_SUPERVISOR),
                training_due_on=offer.training_due_on,
                started_at=clock.now(),
            )
        )
        try:
            s.flush()
        except IntegrityError:
            raise Refused(SOONER_THAN) from None
        go_to(s, actor, row, Stage.IN_POST)
        record(s, actor, "started post", "post", post.id, candidacy=str(row.id))
        return post.id


def _named(s: Session, team_id: UUID, step: TeamStep) -> str:
    found = s.get(TeamPreparation, (team_id, step))
    return found.named if found else ""
