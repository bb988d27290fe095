"""What HR says of vacancies that look alike: they differ, or one of them is the same and is withdrawn (V6)."""

from collections.abc import Sequence
from itertools import combinations
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.band_rule import ask_the_rule, rule_of_today, stored_rules
from recovery_college.careers.bands import BandReading, BandSource
from recovery_college.careers.considerations import Refused, VacancyNotFound, bands_of, claim_version
from recovery_college.careers.look_alike_models import VacancyDifferent
from recovery_college.careers.models import Vacancy
from recovery_college.careers.rules import PswFlag, VacancySource, VacancyStatus, status_on
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction


def say_different(actor: Actor, vacancy_ids: Sequence[UUID]) -> None:
    """Record that these vacancies are not the same, each with each; said twice is said once. Only HR."""
    with transaction() as s:
        ids = sorted(set(vacancy_ids), key=lambda one: one.hex)
        if not may(actor, Permission.VACANCY_EDIT) or actor.person_id is None or len(ids) < 2:
            raise VacancyNotFound
        here = set(s.scalars(select(Vacancy.id).where(Vacancy.id.in_(ids)).with_for_update()))
        if here != set(ids):
            raise VacancyNotFound
        rows = s.execute(
            select(VacancyDifferent.first_id, VacancyDifferent.second_id).where(
                VacancyDifferent.first_id.in_(ids), VacancyDifferent.second_id.in_(ids)
            )
        )
        said = {(first, second) for first, second in rows}
        s.add_all(
            VacancyDifferent(first_id=first, second_id=second, said_by=actor.person_id, said_at=clock.now())
            for first, second in combinations(ids, 2)
            if (first, second) not in said
        )
        record(s, actor, "said vacancies differ", "vacancy", ids[0], others=len(ids) - 1)


def withdraw_duplicate(actor: Actor, vacancy_id: UUID, same_as: UUID, version: int) -> str:
    """Withdraw a vacancy that is the same as another one, which stays; the reference of that one. Only HR.

    Nobody is asked about it any more, and no import opens it again. Raises VacancyNotFound, VacancyChanged, Refused.
    """
    with transaction() as s:
        vacancy, other = _for_hr(s, actor, vacancy_id), _for_hr(s, actor, same_as)
        if vacancy.id == other.id:
            raise VacancyNotFound
        if vacancy.status is VacancyStatus.WITHDRAWN:
            return other.reference
        if other.status is VacancyStatus.WITHDRAWN:
            raise Refused(f"{other.reference} is withdrawn itself, so this one stays.")
        claim_version(s, vacancy, version)
        vacancy.status = VacancyStatus.WITHDRAWN
        vacancy.flag, vacancy.flag_overridden = PswFlag.NO, f"The same vacancy as {other.reference}"
        vacancy.flagged_on = vacancy.consideration_due_on = None
        record(s, actor, "withdrew vacancy", "vacancy", vacancy.id, same_as=str(other.id))
        return other.reference


def bring_back(actor: Actor, vacancy_id: UUID, version: int) -> None:
    """Take a withdrawal back: the vacancy stands as its dates say, and the rule of today is asked. Only HR."""
    with transaction() as s:
        vacancy = _for_hr(s, actor, vacancy_id)
        if vacancy.status is not VacancyStatus.WITHDRAWN:
            return
        claim_version(s, vacancy, version)
        today = clock.today()
        on_a_site = vacancy.source is VacancySource.NHS_JOBS
        base = VacancyStatus.ADVERTISED if on_a_site else VacancyStatus.DRAFT
        if vacancy.left_feed_on is not None:
            base = VacancyStatus.CLOSED
        vacancy.status = status_on(base, vacancy.posted_on, vacancy.closes_on, today)
        known = vacancy.band_source is not BandSource.UNREADABLE
        reading = BandReading(bands_of(s, vacancy.id), known, vacancy.band_source, vacancy.band_text)
        ask_the_rule(vacancy, reading, rule_of_today(stored_rules(s), today), today)
        record(s, actor, "brought vacancy back", "vacancy", vacancy.id, possible_psw_role=vacancy.flag.value)


def _for_hr(s: Session, actor: Actor, vacancy_id: UUID) -> Vacancy:
    may_edit = may(actor, Permission.VACANCY_EDIT)
    vacancy = s.get(Vacancy, vacancy_id, with_for_update=True, populate_existing=True) if may_edit else None
    if vacancy is None:
        raise VacancyNotFound
    return vacancy
