"""Giving and withdrawing consent, answering a vacancy, blocking a team: the person's own deeds, at once (P1)."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Role
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record, record_many
from recovery_college.careers.candidacy_openings import follow_application, follow_no, follow_yes
from recovery_college.careers.consent_models import (
    CandidateBlock,
    CandidateConsent,
    VacancyAnswer,
    VacancyApplication,
)
from recovery_college.careers.consent_queries import NAME_TO_MANAGERS, consents_of
from recovery_college.careers.consent_rules import (
    COUNTED,
    POSSIBLE,
    ApplicationWay,
    Consent,
    VacancyAnswerKind,
)
from recovery_college.careers.considerations import VacancyNotFound
from recovery_college.careers.models import Team, Vacancy
from recovery_college.careers.preference_services import PreferenceChanged, candidate_row
from recovery_college.careers.queries import open_posts
from recovery_college.kernel import clock
from recovery_college.kernel.db import add_rows, transaction
from recovery_college.people.models import RoleGrant


class BlockRefused(LookupError):
    """There is no such team or manager."""


def save_consents(actor: Actor, wanted: Collection[Consent], seen: int | None = None) -> None:
    """Make one's consents exactly these; what changes is a new row each. Unknown ones are refused.

    `seen` is how many rows there were when the page was opened: a page left open must not give again what was
    withdrawn elsewhere meanwhile. Raises PreferenceChanged.
    """
    if not set(wanted) <= POSSIBLE:
        raise ValueError("there is no such consent")
    with transaction() as s:
        row = candidate_row(s, actor)
        if seen is not None and seen != words_on_record(s, row.person_id):
            raise PreferenceChanged
        change_consents(s, actor, row.person_id, set(wanted))


def words_on_record(s: Session, person_id: UUID | None) -> int:
    """How many words on consent somebody has given so far."""
    statement = select(func.count()).select_from(CandidateConsent)
    return s.scalar(statement.where(CandidateConsent.person_id == person_id)) or 0


def change_consents(s: Session, actor: Actor, person_id: UUID, wanted: set[Consent]) -> None:
    """Write what differs from now, and keep `counted` with it. The caller has locked the person's row."""
    row = candidate_row(s, actor)
    now = consents_of([person_id]).get(person_id, frozenset())
    changed = sorted(wanted ^ now)
    if not changed:
        return
    last = {
        (field, purpose): number
        for field, purpose, number in s.execute(
            select(CandidateConsent.field, CandidateConsent.purpose, func.max(CandidateConsent.number))
            .where(CandidateConsent.person_id == person_id)
            .group_by(CandidateConsent.field, CandidateConsent.purpose)
        )
    }
    at = clock.now()
    events: list[Event] = []
    for consent in changed:
        field, purpose = consent
        given = consent in wanted
        s.add(
            CandidateConsent(
                person_id=person_id,
                field=field,
                purpose=purpose,
                number=last.get(consent, 0) + 1,
                given=given,
                at=at,
            )
        )
        action = "gave consent" if given else "withdrew consent"
        events.append(
            event_of(actor, action, "candidate", person_id, field=field.value, purpose=purpose.value)
        )
    row.counted = COUNTED in wanted
    record_many(s, events)


def answer_vacancy(actor: Actor, vacancy_id: UUID, answer: VacancyAnswerKind) -> None:
    """Say yes or no to one vacancy, or take a yes back. A yes shows one's name to its manager, as the page says.

    Twice the same is once. A yes needs a post that is open to the actor; raises VacancyNotFound else.
    """
    with transaction() as s:
        row = candidate_row(s, actor)
        now = answer_now(s, row.person_id, vacancy_id)
        if answer is not VacancyAnswerKind.WITHDRAWN:
            if not open_posts(actor, vacancy_id) or _is_own(s, row.person_id, vacancy_id):
                raise VacancyNotFound
        elif now is None:
            raise VacancyNotFound
        if now is answer:
            return
        if answer is VacancyAnswerKind.YES:
            given = consents_of([row.person_id]).get(row.person_id, frozenset())
            change_consents(s, actor, row.person_id, {*given, NAME_TO_MANAGERS})
        _add_answer(s, row.person_id, vacancy_id, answer)
        record(s, actor, "answered vacancy", "vacancy", vacancy_id, answer=answer.value)


def ask_to_go_on(actor: Actor, vacancy_id: UUID, way: ApplicationWay) -> None:
    """Apply here, say that one applied at the advert, or ask to be introduced.

    Applying here and being introduced say yes as well: without a yes nobody could be told (P1).
    """
    with transaction() as s:
        row = candidate_row(s, actor)
        if not open_posts(actor, vacancy_id):
            raise VacancyNotFound
        if way is not ApplicationWay.BY_LINK:
            answer_vacancy(actor, vacancy_id, VacancyAnswerKind.YES)
        there = s.scalar(
            select(VacancyApplication.id).where(
                VacancyApplication.person_id == row.person_id,
                VacancyApplication.vacancy_id == vacancy_id,
                VacancyApplication.way == way,
            )
        )
        if there is not None:
            return
        if way is ApplicationWay.HERE:
            follow_application(s, row.person_id, vacancy_id)
        s.add(VacancyApplication(person_id=row.person_id, vacancy_id=vacancy_id, way=way, at=clock.now()))
        record(s, actor, "goes on with vacancy", "vacancy", vacancy_id, way=way.value)


def block(actor: Actor, *, team_id: UUID | None = None, manager_id: UUID | None = None) -> None:
    """Be shown to this team or manager no more. A yes to one of their vacancies is taken back with it."""
    with transaction() as s:
        row = candidate_row(s, actor)
        if (team_id is None) == (manager_id is None) or not _is_there(s, team_id, manager_id):
            raise BlockRefused
        if _live_block(s, row.person_id, team_id, manager_id) is not None:
            return
        s.add(
            CandidateBlock(
                person_id=row.person_id, team_id=team_id, manager_id=manager_id, since_at=clock.now()
            )
        )
        theirs = select(Vacancy.id).where(
            Vacancy.team_id == team_id if team_id is not None else Vacancy.manager_id == manager_id,
            Vacancy.id.in_(select(VacancyAnswer.vacancy_id).where(VacancyAnswer.person_id == row.person_id)),
        )
        for vacancy_id in s.scalars(theirs).all():
            if answer_now(s, row.person_id, vacancy_id) is VacancyAnswerKind.YES:
                _add_answer(s, row.person_id, vacancy_id, VacancyAnswerKind.WITHDRAWN)
        # The trail is read by others: it says that one was added, and never which.
        record(s, actor, "changed who may see them", "candidate", row.person_id)


def unblock(actor: Actor, block_id: UUID) -> None:
    """End a block. Answers taken back with it stay taken back."""
    with transaction() as s:
        row = candidate_row(s, actor)
        found = s.get(CandidateBlock, block_id, populate_existing=True)
        if found is None or found.person_id != row.person_id:
            raise BlockRefused
        if found.ended_at is None:
            found.ended_at = clock.now()
            record(s, actor, "changed who may see them", "candidate", row.person_id)


def answer_now(s: Session, person_id: UUID, vacancy_id: UUID) -> VacancyAnswerKind | None:
    """What somebody says to a vacancy now."""
    return s.scalar(
        select(VacancyAnswer.answer)
        .where(VacancyAnswer.person_id == person_id, VacancyAnswer.vacancy_id == vacancy_id)
        .order_by(VacancyAnswer.number.desc())
        .limit(1)
    )


def _add_answer(s: Session, person_id: UUID, vacancy_id: UUID, answer: VacancyAnswerKind) -> None:
    last = s.scalar(
        select(func.max(VacancyAnswer.number)).where(
            VacancyAnswer.person_id == person_id, VacancyAnswer.vacancy_id == vacancy_id
        )
    )
    add_rows(
        s,
        VacancyAnswer,
        [
            {
                "person_id": person_id,
                "vacancy_id": vacancy_id,
                "answer": answer,
                "number": (last or 0) + 1,
                "at": clock.now(),
            }
        ],
    )
    if answer is VacancyAnswerKind.YES:
        follow_yes(s, person_id, vacancy_id)
    else:
        follow_no(s, person_id, vacancy_id)


def _is_own(s: Session, person_id: UUID, vacancy_id: UUID) -> bool:
    return s.scalar(select(Vacancy.manager_id).where(Vacancy.id == vacancy_id)) == person_id


def _live_block(
    s: Session, person_id: UUID, team_id: UUID | None, manager_id: UUID | None
) -> CandidateBlock | None:
    return s.scalar(
        select(CandidateBlock).where(
            CandidateBlock.person_id == person_id,
            CandidateBlock.ended_at.is_(None),
            CandidateBlock.team_id == team_id
            if team_id is not None
            else CandidateBlock.manager_id == manager_id,
        )
    )


def _is_there(s: Session, team_id: UUID | None, manager_id: UUID | None) -> bool:
    if team_id is not None:
        return s.get(Team, team_id) is not None
    return (
        s.scalar(
            select(RoleGrant.id).where(RoleGrant.person_id == manager_id, RoleGrant.role == Role.MANAGER)
        )
        is not None
    )
