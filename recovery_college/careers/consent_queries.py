"""Who said yes to which vacancy, and what others may therefore see (P1).

A manager gets a CandidateProfile, drawn from the consents as they are at this very request, and each time one is
handed out it is recorded that they looked: there is no way to have the one without the other.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.audit.services import event_of, record_many
from recovery_college.careers.candidacy_models import Candidacy, VacancyHiring
from recovery_college.careers.candidacy_rules import is_anonymous
from recovery_college.careers.candidate_facts import keeps_away, leads_the_candidate, still_a_candidate
from recovery_college.careers.consent_models import CandidateConsent, VacancyAnswer
from recovery_college.careers.consent_rules import (
    CandidateFacts,
    CandidateProfile,
    Consent,
    ConsentField,
    ConsentPurpose,
    VacancyAnswerKind,
    given_for,
    profile_of,
)
from recovery_college.careers.deputy_facts import hires_for
from recovery_college.careers.models import Vacancy
from recovery_college.careers.preference_models import CandidateStatement
from recovery_college.careers.preference_queries import wishes_of
from recovery_college.careers.preference_rules import Wishes
from recovery_college.careers.vacancy_list import is_over_today
from recovery_college.graduation.models import Graduation
from recovery_college.kernel import clock
from recovery_college.kernel.db import aside, session
from recovery_college.people.models import Account, Person
from recovery_college.people.queries import name_of


def consents_of(person_ids: Sequence[UUID]) -> dict[UUID, frozenset[Consent]]:
    """What each of these people consents to now: the newest word on each field and purpose."""
    later = aliased(CandidateConsent)
    newer = exists().where(
        later.person_id == CandidateConsent.person_id,
        later.field == CandidateConsent.field,
        later.purpose == CandidateConsent.purpose,
        later.number > CandidateConsent.number,
    )
    rows = session().execute(
        select(CandidateConsent.person_id, CandidateConsent.field, CandidateConsent.purpose).where(
            CandidateConsent.person_id.in_(person_ids), CandidateConsent.given, ~newer
        )
    )
    found: dict[UUID, set[Consent]] = {}
    for person_id, field, purpose in rows:
        found.setdefault(person_id, set()).add((field, purpose))
    return {person_id: frozenset(given) for person_id, given in found.items()}


def said_yes(vacancy_id: UUID) -> set[UUID]:
    """Whoever says yes to this vacancy now, is not blocked from it by their own wish, and may still be shown.

    The vacancy's own manager is never among them.
    """
    later = aliased(VacancyAnswer)
    newer = exists().where(
        later.person_id == VacancyAnswer.person_id,
        later.vacancy_id == VacancyAnswer.vacancy_id,
        later.number > VacancyAnswer.number,
    )
    statement = (
        select(VacancyAnswer.person_id)
        .join(Vacancy, Vacancy.id == VacancyAnswer.vacancy_id)
        .where(
            VacancyAnswer.vacancy_id == vacancy_id,
            VacancyAnswer.answer == VacancyAnswerKind.YES,
            or_(Vacancy.manager_id.is_(None), Vacancy.manager_id != VacancyAnswer.person_id),
            ~newer,
            ~keeps_away(VacancyAnswer.person_id),
            still_a_candidate(VacancyAnswer.person_id),
        )
    )
    return set(session().scalars(statement))


def profile_as_manager_sees(actor: Actor, person_id: UUID, vacancy_id: UUID) -> CandidateProfile | None:
    """One person as the vacancy's manager may see them now; None when they may not. Recorded as a view."""
    found = _for_manager(actor, vacancy_id, {person_id})
    record_looks(actor, vacancy_id, found)
    return found[0] if found else None


def profiles_as_manager_sees(actor: Actor, vacancy_id: UUID) -> list[CandidateProfile]:
    """Everybody who said yes, as the vacancy's manager may see them now, by name. Each is recorded as a view."""
    found = _for_manager(actor, vacancy_id, None)
    record_looks(actor, vacancy_id, found)
    return found


def _for_manager(actor: Actor, vacancy_id: UUID, wanted: set[UUID] | None) -> list[CandidateProfile]:
    """A manager sees a name when its bearer said yes to that vacancy AND it is open AND it is theirs."""
    if actor.role is not Role.MANAGER or not may(actor, Permission.CANDIDATE_SEE):
        return []
    theirs = session().scalar(
        select(Vacancy.id).where(
            Vacancy.id == vacancy_id,
            hires_for(actor),
            ~is_over_today(clock.today()),
        )
    )
    if theirs is None:
        return []
    people = said_yes(vacancy_id) - _kept_from(vacancy_id, actor.person_id)
    return shown_profiles(people if wanted is None else people & wanted, ConsentPurpose.MANAGER)


def names_are_hidden(vacancy_id: UUID) -> bool:
    """Whether this vacancy hides names until the shortlist."""
    hiring = session().get(VacancyHiring, vacancy_id)
    return hiring is not None and hiring.anonymous


def _kept_from(vacancy_id: UUID, manager_id: UUID | None) -> set[UUID]:
    """Whom this manager may not meet by name: themselves, whom they lead, and before the shortlist whoever waits."""
    hidden = names_are_hidden(vacancy_id)
    rows = session().execute(
        select(Candidacy.person_id, Candidacy.stage, leads_the_candidate(manager_id)).where(
            Candidacy.vacancy_id == vacancy_id
        )
    )
    kept = {person_id for person_id, stage, led in rows if led or is_anonymous(stage, hidden)}
    return kept | ({manager_id} if manager_id else set())


def shown_profiles(person_ids: set[UUID], purpose: ConsentPurpose) -> list[CandidateProfile]:
    """These people with what each of them gave for one purpose, by name; who gave no name is not in it."""
    consents = consents_of(list(person_ids))
    # Who gave no name is not read at all: of thousands whom a post suits, few may be shown.
    ids = [one for one, given in consents.items() if (ConsentField.NAME, purpose) in given]
    facts = facts_of(ids)
    found = [profile_of(facts[one], given_for(consents.get(one, ()), purpose)) for one in ids if one in facts]
    return sorted((one for one in found if one is not None), key=lambda one: (one.name, str(one.person_id)))


def profile_for(person_id: UUID, *purposes: ConsentPurpose) -> tuple[CandidateProfile | None, ...]:
    """One person with what they gave for each of these purposes, all from one look at their record."""
    facts, given = facts_of([person_id]).get(person_id), consents_of([person_id]).get(person_id, ())
    if facts is None:
        return (None,) * len(purposes)
    return tuple(profile_of(facts, given_for(given, purpose)) for purpose in purposes)


def facts_of(person_ids: Sequence[UUID]) -> dict[UUID, CandidateFacts]:
    """All that could be shared of these people, in a constant number of queries. Not for pages."""
    wishes = wishes_of(person_ids)
    texts: dict[UUID, str] = {}
    for person_id, words in session().execute(
        select(CandidateStatement.person_id, CandidateStatement.text).where(
            CandidateStatement.person_id.in_(person_ids)
        )
    ):
        texts[person_id] = words
    years: dict[UUID, int] = {}
    for person_id, day in session().execute(
        select(Graduation.person_id, func.max(Graduation.graduated_on))
        .where(Graduation.person_id.in_(person_ids))
        .group_by(Graduation.person_id)
    ):
        years[person_id] = day.year
    rows = session().execute(
        select(Person, func.min(Account.email))
        .outerjoin(Account, and_(Account.person_id == Person.id, Account.closed_at.is_(None)))
        .where(Person.id.in_(person_ids))
        .group_by(Person.id)
    )
    return {
        person.id: CandidateFacts(
            person.id,
            name_of(person),
            person.email or signs_in_with or "",
            texts.get(person.id, ""),
            wishes.get(person.id, Wishes()),
            years.get(person.id),
        )
        for person, signs_in_with in rows
    }


def record_looks(actor: Actor, vacancy_id: UUID, found: Iterable[CandidateProfile]) -> None:
    """Record that these people were looked at for a vacancy: part of handing their profiles out."""
    with aside() as s:
        record_many(
            s,
            [event_of(actor, "viewed", "candidate", one.person_id, vacancy=str(vacancy_id)) for one in found],
        )


def consent_history(person_id: UUID) -> list[CandidateConsent]:
    """Every word on consent one ever gave, newest first."""
    return list(
        session().scalars(
            select(CandidateConsent)
            .where(CandidateConsent.person_id == person_id)
            .order_by(CandidateConsent.at.desc(), CandidateConsent.field, CandidateConsent.number.desc())
        )
    )


def is_given(consents: dict[UUID, frozenset[Consent]], person_id: UUID, consent: Consent) -> bool:
    """Whether somebody gives this one."""
    return consent in consents.get(person_id, frozenset())


NAME_TO_MANAGERS: Consent = (ConsentField.NAME, ConsentPurpose.MANAGER)
NAME_TO_INTRODUCE: Consent = (ConsentField.NAME, ConsentPurpose.INTRODUCE)
