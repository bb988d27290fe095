"""Matching in the database says what the pure rule says, both ways, on whichever database this run is (P2)."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from random import Random
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import case, insert, literal, select, update

from recovery_college.access.rules import Role
from recovery_college.careers import people_match_queries
from recovery_college.careers.bands import BandSource
from recovery_college.careers.consent_rules import COUNTED
from recovery_college.careers.consent_services import block, save_consents
from recovery_college.careers.hours_match_queries import posts_that_suit_one, posts_two_could_share
from recovery_college.careers.matching_facts import misses_of_people, misses_of_posts, missing_in, usual_start
from recovery_college.careers.matching_rules import HowMany, PostFacts, match, pair_suits
from recovery_college.careers.models import Team, Vacancy
from recovery_college.careers.people_match_queries import (
    counts_up_to,
    fit_of_vacancy,
    people_for,
    sharing_of,
    two_could_share,
)
from recovery_college.careers.preference_models import CandidatePreference, CandidateSite, VacancyPattern
from recovery_college.careers.preference_queries import facts_in
from recovery_college.careers.preference_rules import (
    AlertFrequency,
    Day,
    SiteEase,
    TimeOfDay,
    Wishes,
    mask_of,
)
from recovery_college.careers.preference_services import set_looking
from recovery_college.careers.rules import (
    ContractKind,
    PswFlag,
    ServiceArea,
    Setting,
    VacancySource,
    VacancyStatus,
)
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people.models import Account, Person, RoleGrant
from recovery_college.reporting.hours_queries import hours_to_fill
from tests.factories.candidates import a_candidate, an_open_post
from tests.factories.careers import a_manager, a_vacancy
from tests.factories.people import signed_in

pytestmark = pytest.mark.usefixtures("app")
HOURS = [None, *map(Decimal, ("4", "7.5", "15", "22.5", "30", "37.5"))]
SITES = ("Cambridge", "Peterborough", "Ely")


def some(chance: Random, kind: object) -> frozenset[object]:
    words = list(kind)  # type: ignore[call-overload]
    return frozenset(chance.sample(words, chance.choice([0, 0, 1, 2, len(words)])))


def a_wish(chance: Random) -> Wishes:
    least, most = sorted((chance.choice(HOURS), chance.choice(HOURS)), key=lambda one: one or 0)
    today = clock.today()
    return Wishes(
        least_hours=least,
        most_hours=most,
        areas=some(chance, ServiceArea),
        settings=some(chance, Setting),
        contracts=some(chance, ContractKind),
        days=some(chance, Day),
        times=some(chance, TimeOfDay),
        job_share=chance.random() < 0.5,
        earliest_start=chance.choice([None, today, today + timedelta(days=chance.randrange(60, 120))]),
        sites={
            site: chance.choice(list(SiteEase)) for site in chance.sample(SITES, chance.choice([0, 1, 2]))
        },
    )


def a_post(chance: Random) -> PostFacts:
    return PostFacts(
        weekly_hours=chance.choice(HOURS),
        area=chance.choice([None, *ServiceArea]),
        setting=chance.choice([None, *Setting]),
        contract=chance.choice([None, *ContractKind]),
        site=chance.choice(["", *SITES]),
        days=some(chance, Day),
        times=some(chance, TimeOfDay),
        job_share=chance.random() < 0.5,
        closes_on=chance.choice([None, clock.today() + timedelta(days=chance.randrange(40))]),
    )


def people(chance: Random, count: int) -> dict[UUID, Wishes]:
    """So many people with wishes of all kinds, in bulk."""
    made = {uuid4(): a_wish(chance) for _ in range(count)}
    now = clock.now()
    with transaction() as s:
        s.execute(
            insert(Person),
            [{"id": one, "given_name": "A", "family_name": "B", "created_at": now} for one in made],
        )
        s.execute(
            insert(CandidatePreference),
            [
                {
                    "person_id": one,
                    "counted": True,
                    "least_hours": wish.least_hours,
                    "most_hours": wish.most_hours,
                    "areas": mask_of(wish.areas, ServiceArea),
                    "settings": mask_of(wish.settings, Setting),
                    "contracts": mask_of(wish.contracts, ContractKind),
                    "days": mask_of(wish.days, Day),
                    "times": mask_of(wish.times, TimeOfDay),
                    "job_share": wish.job_share,
                    "anywhere": not wish.sites,
                    "earliest_start": wish.earliest_start,
                    "alerts": AlertFrequency.NEVER,
                    "updated_at": now,
                }
                for one, wish in made.items()
            ],
        )
        s.execute(
            insert(CandidateSite),
            [
                {"person_id": one, "site": site, "ease": ease}
                for one, wish in made.items()
                for site, ease in wish.sites.items()
            ],
        )
    return made


def vacancies(chance: Random, count: int) -> None:
    """So many vacancies of all kinds, in bulk."""
    now = clock.now()
    made = [(uuid4(), a_post(chance)) for _ in range(count)]
    with transaction() as s:
        s.execute(
            insert(Vacancy),
            [
                {
                    "id": one,
                    "reference": one.hex,
                    "source": VacancySource.HAND,
                    "title": "A post",
                    "band_source": BandSource.BAND_FIELD,
                    "weekly_hours": post.weekly_hours,
                    "service_area": post.area,
                    "setting": post.setting,
                    "contract": post.contract,
                    "site": post.site,
                    "closes_on": post.closes_on,
                    "status": VacancyStatus.ADVERTISED,
                    "flag": PswFlag.YES,
                    "created_at": now,
                    "updated_at": now,
                }
                for one, post in made
            ],
        )
        s.execute(
            insert(VacancyPattern),
            [
                {
                    "vacancy_id": one,
                    "days": mask_of(post.days, Day),
                    "times": mask_of(post.times, TimeOfDay),
                    "job_share": post.job_share,
                    "updated_at": now,
                }
                for one, post in made
                if post.days or post.times or post.job_share
            ],
        )


def with_account(people_ids: Iterable[UUID]) -> None:
    """Let all of these sign in as graduates."""
    ids, now = list(people_ids), clock.now()
    with transaction() as s:
        s.execute(
            insert(Account),
            [{"person_id": one, "email": f"{one.hex}@x.example", "created_at": now} for one in ids],
        )
        s.execute(
            insert(RoleGrant),
            [
                {"person_id": one, "role": Role.GRADUATE, "granted_at": now, "granted_by": "a test"}
                for one in ids
            ],
        )


def test_a_post_against_everybody_is_the_rule(app: Flask) -> None:
    chance, today = Random(4), clock.today()
    made = people(chance, 60)
    for _ in range(60):
        post = a_post(chance)
        misses = misses_of_people(post, today)
        mask = literal(0)
        for place, condition in enumerate(misses.values()):
            mask = mask + case((condition, 1 << place), else_=0)
        for person_id, found in session().execute(select(CandidatePreference.person_id, mask)):
            assert set(missing_in(list(misses), found)) == set(match(made[person_id], post, today).missing)


def test_somebody_against_all_posts_is_the_rule(app: Flask) -> None:
    chance, today = Random(5), clock.today()
    vacancies(chance, 60)
    for _ in range(60):
        wishes = a_wish(chance)
        misses = misses_of_posts(wishes, today)
        mask = literal(0)
        for place, condition in enumerate(misses.values()):
            mask = mask + case((condition, 1 << place), else_=0)
        rows = session().execute(
            select(Vacancy, VacancyPattern, mask).outerjoin(
                VacancyPattern, VacancyPattern.vacancy_id == Vacancy.id
            )
        )
        for vacancy, pattern, found in rows:
            wanted = match(wishes, facts_in(vacancy, pattern), today).missing
            assert set(missing_in(list(misses), found)) == set(wanted)


def test_counts_and_lists_are_the_rule_however_few_are_looked_at(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever misses two things is not looked at further, and what is rare is looked for by itself."""
    chance, today = Random(6), clock.today()
    with_account(made := people(chance, 80))
    for _ in range(12):
        post = a_post(chance)
        missing = {one: match(wishes, post, today).missing for one, wishes in made.items()}
        near = {one: found for one, found in missing.items() if len(found) < 2}
        assert {one.person_id: one.missing for one in people_for(post, today)} == near
        told = Counter(near.values())
        for looked_at, enough in ((500, 8), (4, 3)):
            monkeypatch.setattr(people_match_queries, "LOOKED_AT", looked_at)
            counts = counts_up_to(post, today, enough)
            assert {key: min(n, enough) for key, n in counts.items()} == {
                key: min(n, enough) for key, n in told.items()
            }


def test_posts_that_suit_one_or_two_are_the_rule(app: Flask) -> None:
    """A start is compared with each post's own last day to apply, as the pages compare it."""
    chance, today = Random(7), clock.today()
    with_account(made := people(chance, 14))
    vacancies(chance, 60)
    rows = session().execute(
        select(Vacancy, VacancyPattern).outerjoin(VacancyPattern, VacancyPattern.vacancy_id == Vacancy.id)
    )
    single, shared, rest, closes = set(), set(), set(), {}
    for vacancy, pattern in rows.all():
        post = facts_in(vacancy, pattern)
        found = [match(wishes, post, today) for wishes in made.values()]
        fits = any(not one.missing and not one.as_share for one in found)
        pair = any(pair_suits(one, other, post, today) for one, other in combinations(made.values(), 2))
        assert two_could_share(post, today) == pair or fits
        (single if fits else shared if pair else rest).add(vacancy.id)
        closes[vacancy.id] = vacancy.closes_on
    assert len(single) > 5 < len(shared), "too few to tell by"
    assert posts_that_suit_one(closes, today) == single
    assert posts_two_could_share({one: closes[one] for one in shared | rest}, today) == shared


def test_a_start_is_compared_with_the_vacancys_own_last_day_to_apply(app: Flask) -> None:
    today = clock.today()
    far, usual = today + timedelta(days=200), usual_start()
    a_candidate("Later", Wishes(earliest_start=far + usual))
    manager = a_manager()
    late, soon = an_open_post(manager), an_open_post(manager)
    closes = {late.id: far, soon.id: far - timedelta(days=1)}
    for one, on in closes.items():
        session().execute(update(Vacancy).where(Vacancy.id == one).values(closes_on=on))
    assert posts_that_suit_one(closes, today) == {late.id}
    assert posts_that_suit_one(dict.fromkeys(closes), today) == set(), "the twin that counts from today"
    hours = hours_to_fill(signed_in(Role.HR))
    assert hours
    assert (hours.total.posts, hours.total.posts_that_fit) == (2, 1)


def test_who_fits_is_told_to_the_vacancys_manager_in_words() -> None:
    manager = a_manager()
    post = a_vacancy(manager, weekly_hours="22.5", site="Cambridge", service_area="adult")
    assert fit_of_vacancy(manager, post.id).kind is HowMany.NONE
    people_ = [a_candidate(f"Person {n}") for n in range(8)]
    a_candidate("Far", Wishes(sites={"Ely": SiteEase.EASILY}))
    found = fit_of_vacancy(manager, post.id)
    assert (found.kind, found.nearly) == (HowMany.SEVERAL, HowMany.SOME)
    assert found.met == ("The hours fit", "The place fits", "The kind of service fits")
    assert found.missing == ("Others would need a different place",)
    assert found.not_said == (
        "The vacancy does not say ward or community",
        "The vacancy does not say which contract",
    )
    # Each of these changes the answer on the next request.
    save_consents(people_[0], ())
    assert fit_of_vacancy(manager, post.id).kind is HowMany.SOME
    save_consents(people_[0], (COUNTED,))
    assert fit_of_vacancy(manager, post.id).kind is HowMany.SEVERAL
    set_looking(people_[1], False)
    assert fit_of_vacancy(manager, post.id).kind is HowMany.SOME
    set_looking(people_[1], True)
    with transaction() as s:
        s.execute(
            RoleGrant.__table__.update()
            .where(RoleGrant.person_id == people_[2].person_id)
            .values(ended_at=clock.now())
        )
    assert fit_of_vacancy(manager, post.id).kind is HowMany.SOME


def test_a_block_changes_nothing_a_manager_is_told() -> None:
    """Nobody blocked can infer it, not even by comparing posts: the words do not depend on blocks (P1)."""
    manager = a_manager()
    post = a_vacancy(manager, team="Ward S3")
    one = a_candidate("Only")
    before = fit_of_vacancy(manager, post.id)
    assert before.kind is HowMany.SOME
    team = session().execute(select(Team.id)).scalar_one()
    block(one, team_id=team)
    block(one, manager_id=manager.person_id)
    assert fit_of_vacancy(manager, post.id) == before


def test_others_are_told_nothing() -> None:
    manager, other = a_manager(), a_manager("Other")
    post = a_vacancy(manager)
    a_candidate()
    assert fit_of_vacancy(signed_in(Role.HR), post.id).kind is HowMany.SOME
    for who in (other, signed_in(Role.GRADUATE), signed_in(Role.TUTOR), signed_in(Role.SYSADMIN)):
        assert fit_of_vacancy(who, post.id) is None
    assert fit_of_vacancy(manager, uuid4()) is None


def test_two_who_share_are_found_where_nobody_fits_alone() -> None:
    manager = a_manager()
    post = an_open_post(manager, weekly_hours="37.5")
    half = Wishes(most_hours=Decimal("18.75"), job_share=True)
    first = a_candidate("First", half)
    assert not fit_of_vacancy(manager, post.id).job_share
    second = a_candidate("Second", half)
    found = fit_of_vacancy(manager, post.id)
    assert (found.kind, found.job_share) == (HowMany.NONE, True)
    facts = facts_in(post, None)
    sharing = sharing_of(facts, clock.today(), COUNTED, ())
    assert [set(pair) for pair in sharing.pairs] == [sharing.halves] == [{first.person_id, second.person_id}]
    assert sharing_of(facts, clock.today(), COUNTED, {first.person_id}).pairs == []
    assert {one.person_id for one in people_for(facts, clock.today())} == {first.person_id, second.person_id}
