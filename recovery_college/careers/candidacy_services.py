"""Moving a candidacy on: by its vacancy's manager or HR, never by the candidate or their line manager (P3, A10)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.candidacy_facts import visible
from recovery_college.careers.candidacy_models import (
    Candidacy,
    CandidacyEvent,
    CandidacyNote,
    EventKind,
    Interview,
    VacancyHiring,
)
from recovery_college.careers.candidacy_rules import (
    LEAST_MINUTES,
    MOST_MINUTES,
    Move,
    OutcomeMessage,
    Stage,
    check_move,
)
from recovery_college.careers.considerations import Refused, VacancyChanged, VacancyNotFound
from recovery_college.careers.deputy_facts import is_hiring_manager
from recovery_college.careers.interview_mail import cancel_interview, meeting_words, send_invitations
from recovery_college.careers.models import Vacancy
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.mail import is_address, queue_mail
from recovery_college.kernel.wording import day
from recovery_college.people.queries import address_of

LONGEST_NOTE = 2000
LONGEST_WAIT = timedelta(days=731)
LONGEST_MESSAGE = 5000
NO_ADDRESS = (
    "We have no email address for them that works, so nothing can be sent. Call them, or ask the college"
)


class CandidacyNotFound(LookupError):
    """There is no such candidacy, or none that this actor may know of: both are the same answer."""


class CandidacyChanged(Exception):
    """Somebody saved this candidacy after the page was opened."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """When and where somebody is to be met."""

    starts_at: datetime
    minutes: int
    place: str


def move_candidacy(actor: Actor, candidacy_id: UUID, move: Move, version: int) -> Stage:
    """Move a card by one, or end it with a reason. Raises Refused with what is wrong by box, CandidacyChanged."""
    with transaction() as s:
        row = claim_candidacy(s, actor, candidacy_id, version)
        errors = check_move(row.stage, move, asked_for_interview=row.wants_interview)
        if errors:
            raise Refused(next(iter(errors.values())), errors)
        if move.to is Stage.NOT_PROGRESSING:
            cancel_interview(s, row)
            row.end_reason, row.end_text = move.reason, move.text.strip()
        if move.meets_criteria is not None:
            row.meets_criteria = move.meets_criteria
        reason = move.reason.value if move.reason else ""
        words = ": ".join(part for part in (reason, move.text.strip()) if part)
        go_to(s, actor, row, move.to, words)
        return row.stage


def claim_candidacy(s: Session, actor: Actor, candidacy_id: UUID, version: int | None) -> Candidacy:
    """The candidacy, where the actor may change it and nobody saved since `version` (None: whoever saved).

    Two who move one card at once cannot both pass: the version is claimed in one statement.
    """
    if not may(actor, Permission.CANDIDACY_MOVE):
        raise CandidacyNotFound
    known = s.scalar(
        select(Candidacy)
        .join(Vacancy, Vacancy.id == Candidacy.vacancy_id)
        .where(Candidacy.id == candidacy_id, visible(actor))
    )
    if known is None:
        raise CandidacyNotFound
    same = () if version is None else (Candidacy.version == version,)
    claimed = s.execute(
        update(Candidacy)
        .where(Candidacy.id == candidacy_id, *same)
        .values(version=Candidacy.version + 1)
        .returning(Candidacy.id)
        .execution_options(synchronize_session=False)
    ).first()
    if claimed is None:
        raise CandidacyChanged
    s.refresh(known)
    return known


def go_to(s: Session, actor: Actor, row: Candidacy, stage: Stage, words: str = "") -> None:
    """Write the new stage with its event and its line in the audit trail, in the caller's transaction."""
    old = row.stage
    row.stage, row.stage_on = stage, clock.today()
    row.next_step, row.next_step_on = "", None
    happened(s, actor, row, EventKind.MOVED, old.value, stage.value, words)
    record(s, actor, "moved candidacy", "candidacy", row.id, was=old.value, now=stage.value)


def happened(
    s: Session, actor: Actor, row: Candidacy, kind: EventKind, old: str = "", new: str = "", words: str = ""
) -> None:
    """Add one line to the candidacy's own record."""
    event = CandidacyEvent(
        candidacy_id=row.id,
        kind=kind,
        was=old[:200],
        became=new[:200],
        words=words[:500],
        by_id=actor.person_id,
        at=clock.now(),
    )
    s.add(event)
    s.flush()


def set_next_step(actor: Actor, candidacy_id: UUID, step: str, on: date | None, version: int) -> None:
    """Say what comes next and by when."""
    step = step.strip()
    if step and on is None:
        raise Refused("Add a day", {"on": "Say by which day"})
    if on is not None and not step:
        raise Refused("Add the step", {"step": "Say what comes next"})
    with transaction() as s:
        row = claim_candidacy(s, actor, candidacy_id, version)
        if row.stage.is_over:
            raise Refused("Nothing comes next: this candidacy is over.")
        old = _step_words(row.next_step, row.next_step_on)
        row.next_step, row.next_step_on = step[:200], on
        happened(s, actor, row, EventKind.NEXT_STEP, old, _step_words(step, on))
        record(s, actor, "set next step", "candidacy", row.id, on=on.isoformat() if on else "")


def _step_words(step: str, on: date | None) -> str:
    return f"{step[:160]} by {day(on)}" if on else ""


def add_note(actor: Actor, candidacy_id: UUID, text: str) -> None:
    """Write a note. The candidate can ask to read it."""
    text = text.strip()
    if not text or len(text) > LONGEST_NOTE:
        raise Refused("Write the note", {"text": f"Write a note of {LONGEST_NOTE:,} characters or fewer"})
    with transaction() as s:
        row = claim_candidacy(s, actor, candidacy_id, None)
        newest = s.scalar(
            select(CandidacyNote)
            .where(CandidacyNote.candidacy_id == row.id)
            .order_by(CandidacyNote.at.desc())
            .limit(1)
        )
        if newest is not None and (newest.by_id, newest.text) == (actor.person_id, text):
            return  # the same form sent twice
        s.add(CandidacyNote(candidacy_id=row.id, text=text, by_id=actor.person_id, at=clock.now()))
        record(s, actor, "added note", "candidacy", row.id)


def plan_interview(actor: Actor, candidacy_id: UUID, meeting: Meeting, version: int) -> bool:
    """Say when and where the interview is and invite both; whether the candidate could be written to.

    A change counts the calendar's sequence up. Saving what stands there already sends nothing.
    """
    if meeting.starts_at <= clock.now():
        raise Refused("Choose a time to come", {"on": "Choose a day and time that are still to come"})
    if meeting.starts_at > clock.now() + LONGEST_WAIT:
        raise Refused("Check the year", {"on": "This day is more than 2 years ahead. Check the year"})
    if not meeting.place.strip():
        raise Refused("Say where", {"place": "Say where, or how to join"})
    if not LEAST_MINUTES <= meeting.minutes <= MOST_MINUTES:
        lasts = f"from {LEAST_MINUTES} to {MOST_MINUTES} minutes"
        raise Refused("Say how long it takes", {"minutes": f"An interview takes {lasts}"})
    with transaction() as s:
        row = claim_candidacy(s, actor, candidacy_id, version)
        if row.stage not in (Stage.SHORTLISTED, Stage.INTERVIEW):
            raise Refused("An interview is planned for somebody on the shortlist. Move the card first.")
        found = s.get(Interview, row.id)
        values: dict[str, Any] = {
            "starts_at": meeting.starts_at,
            "minutes": meeting.minutes,
            "place": meeting.place.strip()[:300],
        }
        stands = found is not None and found.cancelled_at is None
        if stands and all(getattr(found, name) == value for name, value in values.items()):
            return bool(address_of(row.person_id))
        old = meeting_words(found) if found and stands else ""
        if found is None:
            found = Interview(candidacy_id=row.id, changed_at=clock.now(), **values)
            s.add(found)
        else:
            found.sequence += 1
            found.cancelled_at, found.changed_at = None, clock.now()
            for name, value in values.items():
                setattr(found, name, value)
        s.flush()
        reached = send_invitations(s, row, found)
        happened(s, actor, row, EventKind.INTERVIEW, old, meeting_words(found))
        record(s, actor, "planned interview", "candidacy", row.id, sequence=found.sequence)
        return reached


def call_off_interview(actor: Actor, candidacy_id: UUID, version: int) -> None:
    """Call the interview off; both are told, and their calendars with them."""
    with transaction() as s:
        row = claim_candidacy(s, actor, candidacy_id, version)
        old = cancel_interview(s, row)
        if old:
            happened(s, actor, row, EventKind.INTERVIEW, old, "called off")
            record(s, actor, "called off interview", "candidacy", row.id)


def send_message(actor: Actor, candidacy_id: UUID, kind: OutcomeMessage, text: str, version: int) -> None:
    """Send the words that were looked at, from the outbox. The audit trail says that, not what."""
    text = text.strip()
    if not text or len(text) > LONGEST_MESSAGE:
        raise Refused(
            "Write the message", {"text": f"Write a message of {LONGEST_MESSAGE:,} characters or fewer"}
        )
    with transaction() as s:
        row = claim_candidacy(s, actor, candidacy_id, version)
        to = address_of(row.person_id)
        if not is_address(to):
            raise Refused(NO_ADDRESS, {"text": NO_ADDRESS})
        vacancy = s.get_one(Vacancy, row.vacancy_id)
        queue_mail(s, to, f"About the post “{vacancy.title[:150]}”", text + "\n", "candidacy")
        happened(s, actor, row, EventKind.MESSAGE, "", kind.value)
        record(s, actor, "sent message", "candidacy", row.id, kind=kind.value)


def save_hiring(
    actor: Actor,
    vacancy_id: UUID,
    *,
    anonymous: bool,
    funded_hours: Decimal | None,
    places: int | None,
    version: int,
) -> None:
    """Say how a vacancy hires. Its own manager or HR; the first version of all is 0."""
    with transaction() as s:
        vacancy = s.get(Vacancy, vacancy_id)
        theirs = vacancy is not None and (
            may(actor, Permission.VACANCY_EDIT) or is_hiring_manager(actor, vacancy)
        )
        if vacancy is None or not theirs or not may(actor, Permission.CANDIDACY_MOVE):
            raise VacancyNotFound
        row = s.get(VacancyHiring, vacancy_id, with_for_update=True, populate_existing=True)
        if (row.version if row else 0) != version:
            raise VacancyChanged
        if row is None:
            row = VacancyHiring(vacancy_id=vacancy_id, version=0)
            s.add(row)
        row.anonymous, row.funded_hours, row.places = anonymous, funded_hours, places
        row.version = version + 1
        s.flush()
        record(
            s,
            actor,
            "changed how it hires",
            "vacancy",
            vacancy_id,
            anonymous=anonymous,
            funded_hours=str(funded_hours or ""),
            places=places or 0,
        )
