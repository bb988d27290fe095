"""Drawing a quarter's sample, reading it again, the manager's reply, and what came of it (V5)."""

import secrets
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.consideration import ConsiderationAnswer
from recovery_college.careers.considerations import Refused, return_consideration
from recovery_college.careers.deputy_facts import is_their_manager
from recovery_college.careers.deputy_services import has_duty
from recovery_college.careers.escalation_rules import Duty
from recovery_college.careers.models import Consideration, Vacancy
from recovery_college.careers.rules import status_on
from recovery_college.careers.second_read_models import SecondRead, SecondReadSample
from recovery_college.careers.second_read_rules import (
    LONGEST_WORDS,
    MOST_SEED,
    Finding,
    ReadOutcome,
    ReadState,
    days_of,
    drawn,
    quarter_of,
    sample_size,
    state_of,
    why_not_reader,
)
from recovery_college.careers.terms_facts import terms_now
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.working_days import (
    BankHolidaysNotKnown,
    add_working_days,
    england_bank_holidays,
)

MEANWHILE = "Somebody wrote this down meanwhile. Look at what it says now."


class NoSuchRead(LookupError):
    """There is no such second read, or none this actor may know of."""


def draw_sample(actor: Actor, quarter: str) -> UUID:
    """Draw the sample of a quarter that is over, once, by a seed that is stored. Only HR.

    Raises Refused when the quarter is not over, was drawn already, or has no answer to read again.
    """
    if not may(actor, Permission.SECOND_READ) or actor.person_id is None:
        raise NoSuchRead
    try:
        first, last = days_of(quarter)
    except ValueError:
        raise Refused("Choose a quarter, like 2026-Q3.") from None
    if quarter >= quarter_of(clock.today()):
        raise Refused("This quarter is not over yet.")
    with transaction() as s:
        frame = list(
            s.scalars(
                select(Consideration.id).where(
                    Consideration.answer == ConsiderationAnswer.NOT_A_PSW_ROLE,
                    Consideration.decided_on.between(first, last),
                )
            )
        )
        if not frame:
            raise Refused(
                "Nobody answered “Not a PSW role” in this quarter, so there is nothing to read again."
            )
        seed = secrets.randbelow(MOST_SEED)
        picked = drawn(frame, seed, sample_size(len(set(frame)), terms_now(s)))
        sample = SecondReadSample(
            quarter=quarter,
            seed=seed,
            frame=len(frame),
            size=len(picked),
            drawn_by=actor.person_id,
            drawn_at=clock.now(),
        )
        s.add(sample)
        try:
            s.flush()
        except IntegrityError:
            raise Refused("The sample of this quarter was drawn already.") from None
        s.add_all(
            SecondRead(sample_id=sample.id, consideration_id=one, place=place)
            for place, one in enumerate(picked, start=1)
        )
        s.flush()
        record(
            s,
            actor,
            "drew second read",
            "second read sample",
            sample.id,
            quarter=quarter,
            seed=seed,
            frame=len(frame),
            size=len(picked),
        )
        return sample.id


def record_finding(actor: Actor, read_id: UUID, finding: Finding, words: str) -> None:
    """Write down what the second reader thinks, once. Never who answered, by person (A10).

    Raises Refused with what is wrong by box, NoSuchRead for who is not named as a second reader.
    """
    if not may(actor, Permission.SECOND_READ) or not has_duty(actor, Duty.SECOND_READER):
        raise NoSuchRead
    words = _words(words, "finding_text", needed=finding.asks_reply)
    with transaction() as s:
        row, answer = _locked(s, read_id)
        if refusal := why_not_reader(actor.person_id, answer.decided_by):
            raise Refused(refusal)
        if row.finding is not None:
            raise Refused(MEANWHILE)
        days = terms_now(s).reply_days
        row.reader_id, row.finding, row.finding_text = actor.person_id, finding, words
        row.found_at = clock.now()
        if finding.asks_reply:
            row.reply_due_on = _last_day_to_reply(clock.today(), days)
        record(s, actor, "read answer again", "second read", read_id, finding=finding.value)


def reply_to_finding(actor: Actor, read_id: UUID, words: str) -> None:
    """The manager's reply to a finding, once, before the outcome. Whoever answered, or answers for it now."""
    if not may(actor, Permission.CONSIDERATION_RECORD):
        raise NoSuchRead
    words = _words(words, "reply_text", needed=True)
    with transaction() as s:
        row, answer = _locked(s, read_id)
        vacancy = s.get_one(Vacancy, answer.vacancy_id)
        is_theirs = answer.decided_by == actor.person_id or is_their_manager(actor, vacancy, clock.today())
        if row.finding is None or not is_theirs:
            raise NoSuchRead
        if not row.finding.asks_reply or row.outcome is not None:
            raise Refused("There is nothing to reply to any more.")
        if row.replied_at is not None:
            raise Refused(MEANWHILE)
        row.replied_by, row.reply_text, row.replied_at = actor.person_id, words, clock.now()
        record(s, actor, "replied to second read", "second read", read_id)


def settle_read(actor: Actor, read_id: UUID, outcome: ReadOutcome, words: str) -> None:
    """Write down what came of it, once the manager replied or their days are over. Only HR, never who answered.

    "Look again" gives a live answer about an open vacancy back to its manager: nobody else decides.
    """
    if not may(actor, Permission.SECOND_READ):
        raise NoSuchRead
    words = _words(words, "outcome_text", needed=True)
    with transaction() as s:
        row, answer = _locked(s, read_id)
        if refusal := why_not_reader(actor.person_id, answer.decided_by):
            raise Refused(refusal)
        now = state_of(
            row.finding,
            replied=row.replied_at is not None,
            reply_due_on=row.reply_due_on,
            outcome=row.outcome,
            today=clock.today(),
        )
        if now is ReadState.REPLY_ASKED:
            raise Refused("The manager may still reply. The outcome waits for them, or for their last day.")
        if now is not ReadState.TO_SETTLE:
            raise Refused(MEANWHILE)
        row.settled_by, row.outcome, row.outcome_text = actor.person_id, outcome, words
        row.settled_at = clock.now()
        s.flush()
        record(s, actor, "settled second read", "second read", read_id, outcome=outcome.value)
        vacancy = s.get_one(Vacancy, answer.vacancy_id)
        over = status_on(vacancy.status, vacancy.posted_on, vacancy.closes_on, clock.today()).is_over
        is_live = answer.superseded_at is None and answer.returned_at is None
        if outcome is ReadOutcome.LOOK_AGAIN and is_live and not over:
            return_consideration(actor, vacancy.id, words, vacancy.version)


def _last_day_to_reply(today: date, days: int) -> date:
    """So many working days; where bank holidays are not known, twice as many and a week, which are never fewer."""
    try:
        return add_working_days(today, days, england_bank_holidays())
    except BankHolidaysNotKnown:
        return today + timedelta(days=2 * days + 7)


def _locked(s: Session, read_id: UUID) -> tuple[SecondRead, Consideration]:
    row = s.get(SecondRead, read_id, with_for_update=True)
    if row is None:
        raise NoSuchRead
    return row, s.get_one(Consideration, row.consideration_id)


def _words(words: str, box: str, *, needed: bool) -> str:
    words = words.strip()
    if needed and not words:
        raise Refused("Write why", {box: "Write it in a sentence or two."})
    if len(words) > LONGEST_WORDS:
        text = f"Shorten the text to {LONGEST_WORDS:,} characters or fewer. It has {len(words):,}."
        raise Refused("Shorten the text", {box: text})
    return words
