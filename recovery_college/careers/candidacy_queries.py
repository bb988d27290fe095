"""One candidacy as its manager or HR sees it: what the person consented to, what happened, and the notes."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, true

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.careers.candidacy_facts import visible
from recovery_college.careers.candidacy_models import (
    Candidacy,
    CandidacyEvent,
    CandidacyNote,
    EventKind,
    Interview,
    InterviewHelp,
    VacancyHiring,
)
from recovery_college.careers.candidacy_rules import (
    EndReason,
    Stage,
    days_waited,
    has_waited_too_long,
    is_anonymous,
    name_shown,
)
from recovery_college.careers.consent_queries import profile_for
from recovery_college.careers.consent_rules import CandidateProfile, ConsentPurpose
from recovery_college.careers.models import Team, Vacancy
from recovery_college.careers.offer_models import Offer
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.paging import Page, page_of
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline."""

    at: datetime
    kind: str
    old: str
    new: str
    words: str
    by: str


@dataclass(frozen=True, slots=True)
class Note:
    """A note, with who wrote it."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class CandidacyView:
    """A candidacy as its manager or HR sees it: consented fields of the person and nothing else of them."""

    id: UUID
    person_id: UUID
    number: int
    name: str
    is_anonymous: bool
    profile: CandidateProfile | None
    stage: Stage
    stage_on: date
    days: int
    has_waited: bool
    wants_interview: bool
    meets_criteria: bool | None
    end_reason: EndReason | None
    end_text: str
    next_step: str
    next_step_on: date | None
    version: int
    vacancy_id: UUID
    title: str
    reference: str
    team_id: UUID | None
    team: str
    interview: Interview | None
    start_on: date | None


def candidacy_visible_to(actor: Actor, candidacy_id: UUID) -> CandidacyView | None:
    """One candidacy, or None for one that is not there and one the actor may not know of."""
    found = (
        session()
        .execute(
            select(Candidacy, Vacancy, VacancyHiring.anonymous, Team.name)
            .join(Vacancy, Vacancy.id == Candidacy.vacancy_id)
            .outerjoin(VacancyHiring, VacancyHiring.vacancy_id == Candidacy.vacancy_id)
            .outerjoin(Team, Team.id == Vacancy.team_id)
            .where(Candidacy.id == candidacy_id, visible(actor))
        )
        .first()
    )
    if found is None:
        return None
    row, vacancy, anonymous, team = found
    hidden = is_anonymous(row.stage, bool(anonymous))
    # HR needs to know who it is, and sees of their wishes what was given for being introduced: not the manager's.
    purpose = ConsentPurpose.MANAGER if actor.role is Role.MANAGER else ConsentPurpose.INTRODUCE
    named, profile = (None, None) if hidden else profile_for(row.person_id, ConsentPurpose.MANAGER, purpose)
    today = clock.today()
    return CandidacyView(
        row.id,
        row.person_id,
        row.number,
        name_shown(named.name if named else None, row.number, row.stage, bool(anonymous)),
        hidden,
        profile,
        row.stage,
        row.stage_on,
        days_waited(row.stage_on, today),
        has_waited_too_long(row.stage, row.stage_on, today, row.next_step_on),
        row.wants_interview,
        row.meets_criteria,
        row.end_reason,
        row.end_text,
        row.next_step,
        row.next_step_on,
        row.version,
        vacancy.id,
        vacancy.title,
        vacancy.reference,
        vacancy.team_id,
        team or "",
        session().get(Interview, row.id),
        session().scalar(select(Offer.start_on).where(Offer.candidacy_id == row.id)),
    )


def happenings_of(actor: Actor, view: CandidacyView, asked_page: int = 1) -> tuple[list[Happening], Page]:
    """A page of what happened to a candidacy, newest first. The candidate's own name stays hidden where it is.

    Which check stands where is for who keeps checks (P4); a manager reads "clear" or "not yet" elsewhere.
    """
    shown = true() if may(actor, Permission.CHECK_KEEP) else CandidacyEvent.kind != EventKind.CHECK
    of_it = (CandidacyEvent.candidacy_id == view.id, shown)
    page = page_of(asked_page, session().scalar(select(func.count(CandidacyEvent.id)).where(*of_it)) or 0)
    rows = session().execute(
        select(CandidacyEvent, Person)
        .outerjoin(Person, Person.id == CandidacyEvent.by_id)
        .where(*of_it)
        .order_by(CandidacyEvent.at.desc(), CandidacyEvent.id.desc())
        .offset(page.skipped)
        .limit(page.size)
    )
    return [
        Happening(
            event.at,
            event.kind.value,
            event.was,
            event.became,
            event.words,
            "" if person is None else view.name if person.id == view.person_id else name_of(person),
        )
        for event, person in rows
    ], page


def notes_of(view: CandidacyView, asked_page: int = 1) -> tuple[list[Note], Page]:
    """A page of the notes about a candidacy, newest first."""
    about = CandidacyNote.candidacy_id == view.id
    page = page_of(asked_page, session().scalar(select(func.count(CandidacyNote.id)).where(about)) or 0)
    rows = session().execute(
        select(CandidacyNote, Person)
        .join(Person, Person.id == CandidacyNote.by_id)
        .where(about)
        .order_by(CandidacyNote.at.desc(), CandidacyNote.id.desc())
        .offset(page.skipped)
        .limit(page.size)
    )
    return [Note(note.at, name_of(person), note.text) for note, person in rows], page


def help_asked(actor: Actor, view: CandidacyView) -> str:
    """What the candidate asks for on the day. For the interviewer alone, and only once there is a shortlist.

    Who shares their name no longer has taken this back with it.
    """
    if (
        view.profile is None
        or actor.role is not Role.MANAGER
        or view.stage not in (Stage.SHORTLISTED, Stage.INTERVIEW)
    ):
        return ""
    found = session().get(InterviewHelp, view.id)
    return found.text if found else ""


def hiring_of(vacancy_id: UUID) -> VacancyHiring | None:
    """How a vacancy hires, where somebody has said."""
    return session().get(VacancyHiring, vacancy_id)
