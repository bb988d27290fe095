"""Telling people of answers that are waited for, and of follow-ups: one mail a person and day, each on record (V4, P7).

Nothing here decides. A step that finds nobody to tell is recorded as such, and the next one comes in its turn.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record_many
from recovery_college.careers.consideration import working_days_left
from recovery_college.careers.deputy_facts import standing
from recovery_college.careers.deputy_models import Deputy
from recovery_college.careers.deputy_services import ROLE_FOR
from recovery_college.careers.escalation_models import CareersDuty, Escalation
from recovery_college.careers.escalation_rules import Duty, Reached, Step, next_step
from recovery_college.careers.follow_up_facts import Due, due_by_lead, told_lately
from recovery_college.careers.models import PswRule, Vacancy
from recovery_college.careers.offer_models import PostFollowUpReminder
from recovery_college.careers.queries import WAITING
from recovery_college.careers.terms_facts import terms_now
from recovery_college.careers.vacancy_list import joined, state_today
from recovery_college.kernel import clock
from recovery_college.kernel.db import add_rows, transaction
from recovery_college.kernel.mail import is_address, queue_mail
from recovery_college.kernel.running_app import the_settings
from recovery_college.kernel.wording import day
from recovery_college.kernel.working_days import BankHolidaysNotKnown, england_bank_holidays
from recovery_college.people.models import Account, Person, RoleGrant
from recovery_college.people.rules import display_name

PURPOSE = "consideration"
LOOKS_AHEAD = timedelta(days=14)
MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Waits:
    """A vacancy whose answer is waited for."""

    id: UUID
    title: str
    reference: str
    due_on: date
    manager_id: UUID | None
    days_left: int


@dataclass(frozen=True, slots=True)
class Told:
    """What a round did: mails written, steps taken, and people without an address."""

    mails: int
    steps: int
    unreachable: int


@dataclass(frozen=True, slots=True)
class _People:
    """Whom each step tells, and where they are written to."""

    deputies: dict[UUID, list[UUID]]
    leads: dict[Step, list[UUID]]
    names: dict[UUID, str]
    addresses: dict[UUID, str]

    def for_step(self, step: Step, waits: Waits) -> Sequence[UUID]:
        if step in self.leads:
            return self.leads[step]
        if waits.manager_id is None:
            return ()
        return self.deputies.get(waits.manager_id, ()) if step is Step.DEPUTY else (waits.manager_id,)


def send_escalations(actor: Actor) -> Told:
    """Take today's steps and write one mail to each person. Run twice a day, nobody is told twice.

    On days when nobody works nothing is sent: a bank holiday is no time to be reminded.
    """
    today = clock.today()
    try:
        if not england_bank_holidays().is_working_day(today):
            return Told(0, 0, 0)
    except BankHolidaysNotKnown:
        return Told(0, 0, 0)
    with transaction() as s:
        # Two rounds at once would both find a step untaken: the second waits here, and finds it taken.
        s.execute(select(PswRule.version).with_for_update())
        waiting = _waiting(s, today)
        steps = _steps(s, waiting, today)
        due = due_by_lead(s, today)
        if not steps and not due:
            return Told(0, 0, 0)
        people = _people(s, waiting, [one for one in due if one is not None], today)
        digests: dict[UUID, list[tuple[Step, Waits]]] = defaultdict(list)
        events, rows, unreachable = [], [], set()
        for waits, step in steps:
            told = people.for_step(step, waits)
            for person_id in told or (None,):
                reached = Reached.NOBODY
                if person_id is not None and people.addresses.get(person_id):
                    reached = Reached.TOLD
                    digests[person_id].append((step, waits))
                elif person_id is not None:
                    reached = Reached.NO_ADDRESS
                    unreachable.add(person_id)
                rows.append(_row(waits, step, person_id, reached, today))
                events.append(_event(actor, waits, step, person_id, reached))
        to_ask = _to_ask(s, due, people, today)
        s.add_all(rows)
        for person_id in (*digests, *(one for one in to_ask if one not in digests)):
            asks = to_ask.get(person_id, ())
            subject, body = words_of(people.names[person_id], digests.get(person_id, ()), people.names, asks)
            queue_mail(s, people.addresses[person_id], subject, body, PURPOSE)
            if asks:
                events.append(event_of(actor, "reminded of follow-ups", "person", person_id, count=len(asks)))
        record_many(s, events)
        return Told(len({*digests, *to_ask}), len(steps), len(unreachable))


def _to_ask(
    s: Session, due: dict[UUID | None, list[Due]], people: _People, today: date
) -> dict[UUID, list[Due]]:
    """The follow-ups each person is reminded of today, which is written down; where nobody leads, the HR lead's."""
    lately = told_lately(s, today) if due else set()
    found: dict[UUID, list[Due]] = defaultdict(list)
    for lead_id, all_due in due.items():
        for person_id in (lead_id,) if lead_id is not None else people.leads[Step.HR_LEAD]:
            if people.addresses.get(person_id):
                found[person_id].extend(
                    one
                    for one in all_due
                    if (one.post_id, one.months, person_id) not in lately and one.holder_id != person_id
                )
    told = [
        {"post_id": one.post_id, "months": one.months, "told_id": person_id, "told_on": today}
        for person_id, all_due in found.items()
        for one in all_due
    ]
    if told:
        add_rows(s, PostFollowUpReminder, told)
    return {person_id: all_due for person_id, all_due in found.items() if all_due}


def _waiting(s: Session, today: date) -> list[Waits]:
    """Every vacancy that waits for its manager with a last day that is near or past, the oldest first."""
    columns = (
        Vacancy.id,
        Vacancy.title,
        Vacancy.reference,
        Vacancy.consideration_due_on,
        Vacancy.manager_id,
    )
    statement = (
        joined(select(*columns).select_from(Vacancy))
        .where(state_today(today).in_(WAITING), Vacancy.consideration_due_on <= today + LOOKS_AHEAD)
        .order_by(Vacancy.consideration_due_on, Vacancy.reference)
    )
    found = []
    for vacancy_id, title, reference, due_on, manager_id in s.execute(statement):
        try:
            left = working_days_left(today, due_on, england_bank_holidays())
        except BankHolidaysNotKnown:
            continue
        found.append(Waits(vacancy_id, title, reference, due_on, manager_id, left))
    return found


def _steps(s: Session, waiting: Sequence[Waits], today: date) -> list[tuple[Waits, Step]]:
    """The step of each vacancy that has one today. A moved last day begins anew."""
    taken: dict[tuple[UUID, date], set[Step]] = defaultdict(set)
    taken_today: set[UUID] = set()
    earliest = min((one.due_on for one in waiting), default=today)
    logged = select(Escalation.vacancy_id, Escalation.due_on, Escalation.step, Escalation.sent_on).where(
        Escalation.due_on >= earliest
    )
    for vacancy_id, due_on, step, sent_on in s.execute(logged):
        taken[vacancy_id, due_on].add(step)
        if sent_on == today:
            taken_today.add(vacancy_id)
    steps, terms = [], terms_now(s)
    for one in waiting:
        now = next_step(one.days_left, taken[one.id, one.due_on], terms, taken_today=one.id in taken_today)
        if now is not None:
            steps.append((one, now))
    return steps


def _people(s: Session, waiting: Sequence[Waits], others: Iterable[UUID], today: date) -> _People:
    deputies: dict[UUID, list[UUID]] = defaultdict(list)
    for manager_id, deputy_id in s.execute(
        select(Deputy.manager_id, Deputy.deputy_id)
        .where(*standing(today))
        .distinct()
        .order_by(Deputy.deputy_id)
    ):
        if deputy_id is not None:
            deputies[manager_id].append(deputy_id)
    leads: dict[Step, list[UUID]] = {Step.PSW_LEAD: [], Step.HR_LEAD: []}
    for duty, step in ((Duty.PSW_LEAD, Step.PSW_LEAD), (Duty.HR_LEAD, Step.HR_LEAD)):
        holding = select(RoleGrant.person_id).where(
            RoleGrant.role == ROLE_FOR[duty], RoleGrant.ended_at.is_(None)
        )
        leads[step] = list(
            s.scalars(
                select(CareersDuty.person_id)
                .where(
                    CareersDuty.duty == duty,
                    CareersDuty.ended_at.is_(None),
                    CareersDuty.person_id.in_(holding),
                )
                .order_by(CareersDuty.person_id)
            )
        )
    managers = {one.manager_id for one in waiting if one.manager_id is not None}
    everybody = {
        *managers,
        *others,
        *(deputy for manager_id in managers for deputy in deputies.get(manager_id, ())),
        *(lead for led in leads.values() for lead in led),
    }
    names, addresses = _reached_at(s, everybody)
    return _People(dict(deputies), leads, names, addresses)


def _reached_at(s: Session, person_ids: Collection[UUID]) -> tuple[dict[UUID, str], dict[UUID, str]]:
    """Names, and the address each signs in with: staff are written to at work, never at a private address."""
    names: dict[UUID, str] = {}
    addresses: dict[UUID, str] = {}
    wanted = sorted(person_ids)
    for start in range(0, len(wanted), 500):
        rows = s.execute(
            select(Person.id, Person.given_name, Person.family_name, Person.preferred_name, Account.email)
            .outerjoin(Account, (Account.person_id == Person.id) & Account.closed_at.is_(None))
            .where(Person.id.in_(wanted[start : start + 500]))
            .order_by(Account.created_at)
        )
        for person_id, given, family, preferred, address in rows:
            names[person_id] = display_name(given, family, preferred)
            if address and is_address(address):
                addresses[person_id] = address
    return names, addresses


def _row(waits: Waits, step: Step, told_id: UUID | None, reached: Reached, today: date) -> Escalation:
    return Escalation(
        vacancy_id=waits.id,
        due_on=waits.due_on,
        step=step,
        told_id=told_id,
        reached=reached,
        sent_on=today,
        sent_at=clock.now(),
    )


def _event(actor: Actor, waits: Waits, step: Step, told_id: UUID | None, reached: Reached) -> Event:
    return event_of(
        actor,
        "told of waiting answer",
        "vacancy",
        waits.id,
        step=step.value,
        told=str(told_id) if told_id else "",
        reached=reached.value,
    )


def words_of(
    name: str,
    lines: Sequence[tuple[Step, Waits]],
    names: dict[UUID, str] | None = None,
    to_ask: Sequence[Due] = (),
) -> tuple[str, str]:
    """Subject and text of one person's mail: what waits for them, then what they are told of as another's, and how
    many to ask how it goes. Nobody in post is named in it: that would tell of their health to whoever reads along.
    """
    settings = the_settings()
    own = [waits for step, waits in lines if step in (Step.SOON, Step.REMINDER)]
    covered = [waits for step, waits in lines if step is Step.DEPUTY]
    led = [waits for step, waits in lines if step in (Step.PSW_LEAD, Step.HR_LEAD)]
    count = len({waits.id for _, waits in lines})
    subject = f"{count} {'vacancy waits' if count == 1 else 'vacancies wait'} for a decision"
    if not lines:
        subject = f"{len(to_ask)} {'person' if len(to_ask) == 1 else 'people'} in post to ask how it goes"
    parts = [f"Hello {name.split(' ')[0]},"]
    if own:
        parts.append(
            "Could a peer support worker do these jobs? Your decision is needed; it takes a minute.\n"
            + _listed(own)
        )
    if covered:
        parts.append(
            "You stand in for a manager who has not answered yet. You may decide for them:\n"
            + _listed(covered, names)
        )
    if led:
        parts.append(
            "Nobody has decided about these yet, although manager and deputy were reminded. You are told as the "
            "lead; nothing is decided without the manager:\n" + _listed(led, names)
        )
    if lines:
        where = f"{settings.public_base_url}/{'considerations' if own or covered else 'vacancies'}"
        parts.append(f"You find them here:\n{where}")
    if to_ask:
        parts.append(
            "It is time to ask how it goes in these posts, and to write down in a line what was said:\n"
            + _posts_listed(to_ask)
        )
        parts.append(f"Who they are stands here:\n{settings.public_base_url}/posts/follow-ups")
    parts.append(f"{settings.college_name}\n")
    return subject, "\n\n".join(parts)


def _posts_listed(to_ask: Sequence[Due]) -> str:
    lines = [
        f"- {one.team}, after {one.months} {'month' if one.months == 1 else 'months'}, since {day(one.due_on)}"
        for one in to_ask[:MOST_LINES]
    ]
    if len(to_ask) > MOST_LINES:
        lines.append(f"- and {len(to_ask) - MOST_LINES} more")
    return "\n".join(lines)


def _listed(waiting: Iterable[Waits], names: dict[UUID, str] | None = None) -> str:
    all_of_them = list(dict.fromkeys(waiting))
    lines = []
    for one in all_of_them[:MOST_LINES]:
        when = f"by {day(one.due_on)}" if one.days_left >= 0 else f"was due {day(one.due_on)}"
        who = ""
        if names is not None:
            who = f", {names[one.manager_id]}" if one.manager_id in names else ", nobody to ask yet"
        lines.append(f"- {one.title} ({one.reference}), {when}{who}")
    if len(all_of_them) > MOST_LINES:
        lines.append(f"- and {len(all_of_them) - MOST_LINES} more")
    return "\n".join(lines)
