"""Reading what somebody would like, for themselves and for comparing with posts."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from recovery_college.careers.matching_rules import PostFacts
from recovery_college.careers.models import Vacancy
from recovery_college.careers.preference_models import CandidatePreference, CandidateSite, VacancyPattern
from recovery_college.careers.preference_rules import Day, SiteEase, TimeOfDay, Wishes, words_in
from recovery_college.careers.rules import ContractKind, ServiceArea, Setting
from recovery_college.kernel.db import session


def wishes_of(person_ids: Sequence[UUID]) -> dict[UUID, Wishes]:
    """The wishes of these people, in two queries; who said nothing is not in the answer."""
    sites: dict[UUID, dict[str, SiteEase]] = {}
    for person_id, site, ease in session().execute(
        select(CandidateSite.person_id, CandidateSite.site, CandidateSite.ease).where(
            CandidateSite.person_id.in_(person_ids)
        )
    ):
        sites.setdefault(person_id, {})[site] = ease
    rows = session().scalars(select(CandidatePreference).where(CandidatePreference.person_id.in_(person_ids)))
    return {row.person_id: wishes_in(row, sites.get(row.person_id, {})) for row in rows}


def wishes_in(row: CandidatePreference, sites: dict[str, SiteEase]) -> Wishes:
    """A row and its places as the rule takes them."""
    return Wishes(
        least_hours=row.least_hours,
        most_hours=row.most_hours,
        areas=frozenset(words_in(row.areas, ServiceArea)),
        settings=frozenset(words_in(row.settings, Setting)),
        contracts=frozenset(words_in(row.contracts, ContractKind)),
        days=frozenset(words_in(row.days, Day)),
        times=frozenset(words_in(row.times, TimeOfDay)),
        job_share=row.job_share,
        earliest_start=row.earliest_start,
        sites=sites,
    )


def posts_as_facts(vacancies: Iterable[Vacancy]) -> dict[UUID, PostFacts]:
    """What these vacancies offer, in one query."""
    found = {vacancy.id: vacancy for vacancy in vacancies}
    patterns = {
        row.vacancy_id: row
        for row in session().scalars(select(VacancyPattern).where(VacancyPattern.vacancy_id.in_(list(found))))
    }
    return {vacancy_id: facts_in(vacancy, patterns.get(vacancy_id)) for vacancy_id, vacancy in found.items()}


def facts_in(vacancy: Vacancy, pattern: VacancyPattern | None) -> PostFacts:
    """A vacancy as the rule takes it."""
    return PostFacts(
        weekly_hours=vacancy.weekly_hours,
        area=vacancy.service_area,
        setting=vacancy.setting,
        contract=vacancy.contract,
        site=vacancy.site,
        days=frozenset(words_in(pattern.days, Day)) if pattern else frozenset(),
        times=frozenset(words_in(pattern.times, TimeOfDay)) if pattern else frozenset(),
        job_share=pattern.job_share if pattern else False,
        closes_on=vacancy.closes_on,
    )
