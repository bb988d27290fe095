"""Around the demo's considerations: deputies, leads, reminders that went out, more time, a draft, a second read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.console import ConsoleActor
from recovery_college.access.rules import Role
from recovery_college.careers.considerations import extend_consideration
from recovery_college.careers.deputy_services import ROLE_FOR, name_deputy, name_for_duty
from recovery_college.careers.draft_services import save_answer_draft
from recovery_college.careers.escalation_services import send_escalations
from recovery_college.careers.models import Consideration, Vacancy
from recovery_college.careers.reason_services import add_reason, retire_reason
from recovery_college.careers.role_text_rules import EVERYWHERE, STARTER
from recovery_college.careers.role_text_services import save_role_text
from recovery_college.careers.second_read_models import SecondRead
from recovery_college.careers.second_read_rules import (
    Finding,
    ReadOutcome,
    days_of,
    last_quarter,
    quarter_of,
)
from recovery_college.careers.second_read_services import (
    draw_sample,
    record_finding,
    reply_to_finding,
    settle_read,
)
from recovery_college.careers.terms_facts import terms_now
from recovery_college.careers.terms_services import set_terms
from recovery_college.demo.cohorts import on
from recovery_college.demo.people import OTHER_MANAGER, DemoActor
from recovery_college.demo.timeline import Timeline

TOLD_DAYS = 12
MORE_TIME = "Activity co-ordinator"
DRAFTED = "Assistant practitioner"


def add_considering(timeline: Timeline, people: dict[str, DemoActor], today: date) -> None:
    """Let the college and HR arrange it, people be told day by day, and last quarter's sample be read."""
    hr, admin, manager = people["hr"], people["admin"], people["manager"]

    def ago(days: int, hour: int = 9) -> datetime:
        return on(today - timedelta(days=days), hour)

    def name_leads(s: Session) -> None:
        for duty, role in ROLE_FOR.items():
            name_for_duty(hr, duty, (admin if role is Role.ADMIN else hr).person_id)

    timeline.do(ago(140), name_leads)
    words = {**STARTER.brings, EVERYWHERE: f"{STARTER.brings[EVERYWHERE]}\n{OWN_POINT}"}
    timeline.do(
        ago(86, 15), lambda s: save_role_text(admin, words, STARTER.paragraph, STARTER.specification, 0)
    )
    timeline.do(ago(58), lambda s: add_reason(hr, "The post is a student placement"))
    timeline.do(ago(57, 16), lambda s: retire_reason(hr, "funding"))
    timeline.do(ago(58, 15), lambda s: _set_terms_of_the_trust(hr))
    first, last = today - timedelta(days=2), today + timedelta(days=12)
    timeline.do(ago(3, 16), lambda s: name_deputy(manager, OTHER_MANAGER.email, first, last))
    reminders = ConsoleActor("reminders")
    for days in range(TOLD_DAYS, -1, -1):
        timeline.do(ago(days, 8), lambda s: send_escalations(reminders))
    timeline.do(ago(1, 11), lambda s: _give_time(s, hr, today + timedelta(days=6)))
    timeline.do(ago(0, 8), lambda s: _begin_an_answer(s, manager))
    _read_again(timeline, people, today)


def _set_terms_of_the_trust(hr: DemoActor) -> None:
    """Posts here begin later than elsewhere, and managers hear a day sooner that a last day is near."""
    set_terms(hr, replace(terms_now(), soon_days=3, start_weeks=14), 0)


OWN_POINT = "Trained here: our graduates know the local groups, and keep coming back to learn."


def _give_time(s: Session, hr: DemoActor, until: date) -> None:
    vacancy = _vacancy(s, MORE_TIME)
    if vacancy.consideration_due_on is None:
        return  # beyond the table of bank holidays no day is set, so there is none to move
    why = "The manager was on leave for a week; their deputy starts on Monday."
    extend_consideration(hr, vacancy.id, until, why, vacancy.version)


def _begin_an_answer(s: Session, manager: DemoActor) -> None:
    begun = {"answer": "not a psw role", "reason": "team-not-ready"}
    save_answer_draft(manager, _vacancy(s, DRAFTED).id, begun, 0)


def _vacancy(s: Session, title: str) -> Vacancy:
    return s.scalars(select(Vacancy).where(Vacancy.title == title)).one()


def _read_again(timeline: Timeline, people: dict[str, DemoActor], today: date) -> None:
    """The sample of the quarter that is over: one settled, one that asks for a reply, one agreed, the rest to read."""
    hr = people["hr"]
    quarter = last_quarter(today)
    begins, _ = days_of(quarter_of(today))
    by_id = {one.person_id: one for one in people.values()}
    timeline.do(on(begins + timedelta(days=2), 10), lambda s: draw_sample(hr, quarter))

    def settle(s: Session) -> None:
        for read_id, decider in _reads(s)[:1]:
            record_finding(
                hr, read_id, Finding.POSSIBLE, "In the next team a peer worker shares work like this."
            )
            reply_to_finding(by_id[decider], read_id, "We did not know. We would like to visit them.")
            settle_read(
                hr, read_id, ReadOutcome.LEARNED, "The post is filled. The teams meet before the next one."
            )

    def ask(s: Session) -> None:
        for read_id, _ in _reads(s)[1:2]:
            record_finding(hr, read_id, Finding.UNCLEAR, "Which part of the work needs it?")

    def agree(s: Session) -> None:
        for read_id, _ in _reads(s)[2:3]:
            record_finding(hr, read_id, Finding.AGREE, "")

    timeline.do(on(begins + timedelta(days=6), 10), settle)
    timeline.do(on(today - timedelta(days=1), 10), ask)
    timeline.do(on(today - timedelta(days=1), 11), agree)


def _reads(s: Session) -> Sequence[tuple[UUID, UUID]]:
    """The answers of the sample in their order, each with who gave it."""
    return [
        (read_id, decider)
        for read_id, decider in s.execute(
            select(SecondRead.id, Consideration.decided_by)
            .join(Consideration, Consideration.id == SecondRead.consideration_id)
            .order_by(SecondRead.place)
        )
    ]
