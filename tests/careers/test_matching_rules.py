"""What suits whom (P2): the examples, and properties that hold for all wishes and posts."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery_college.careers.job_share_rules import Share, Whole, pairs_of, sharers_of, whole_of
from recovery_college.careers.matching_rules import (
    FEW,
    HowMany,
    Match,
    MatchKind,
    PostFacts,
    Wish,
    fit_summary,
    how_many,
    match,
    pair_suits,
)
from recovery_college.careers.preference_rules import (
    Day,
    SiteEase,
    TimeOfDay,
    Wishes,
    check_hours,
    everything,
    mask_of,
    words_in,
)
from recovery_college.careers.rules import ContractKind, ServiceArea, Setting

TODAY = date(2026, 11, 28)
SITES = ("Cambridge", "Peterborough", "Ely")
WEEK = frozenset(list(Day)[:5])


def some_of(kind: object) -> st.SearchStrategy[frozenset[object]]:
    return st.integers(0, everything(kind)).map(lambda mask: frozenset(words_in(mask, kind)))  # type: ignore


hours = st.sampled_from([Decimal(n) for n in ("4", "7.5", "15", "22.5", "30", "37.5")])


@st.composite
def wishes(draw: st.DrawFn) -> Wishes:
    least, most = draw(st.none() | hours), draw(st.none() | hours)
    if least and most and least > most:
        least, most = most, least
    return Wishes(
        least_hours=least,
        most_hours=most,
        areas=draw(some_of(ServiceArea)),
        settings=draw(some_of(Setting)),
        contracts=draw(some_of(ContractKind)),
        days=draw(some_of(Day)),
        times=draw(some_of(TimeOfDay)),
        job_share=draw(st.booleans()),
        earliest_start=draw(st.none() | st.dates(TODAY - timedelta(days=30), TODAY + timedelta(days=200))),
        sites=draw(st.dictionaries(st.sampled_from(SITES), st.sampled_from(list(SiteEase)), max_size=2)),
    )


@st.composite
def posts(draw: st.DrawFn) -> PostFacts:
    return PostFacts(
        weekly_hours=draw(st.none() | hours),
        area=draw(st.none() | st.sampled_from(list(ServiceArea))),
        setting=draw(st.none() | st.sampled_from(list(Setting))),
        contract=draw(st.none() | st.sampled_from(list(ContractKind))),
        site=draw(st.sampled_from(["", *SITES])),
        days=draw(some_of(Day)),
        times=draw(some_of(TimeOfDay)),
        job_share=draw(st.booleans()),
        closes_on=draw(st.none() | st.dates(TODAY, TODAY + timedelta(days=60))),
    )


WARD = PostFacts(
    Decimal("22.5"), ServiceArea.ADULT, Setting.WARD, ContractKind.PERMANENT, "Cambridge", closes_on=TODAY
)


@pytest.mark.parametrize(
    ("asked", "missing"),
    [
        (Wishes(), ()),
        (Wishes(least_hours=Decimal(15), most_hours=Decimal("22.5")), ()),
        (Wishes(most_hours=Decimal(15)), (Wish.HOURS,)),
        (Wishes(least_hours=Decimal(30)), (Wish.HOURS,)),
        (Wishes(sites={"Cambridge": SiteEase.IF_NEED_BE}), ()),
        (Wishes(sites={"Ely": SiteEase.EASILY}), (Wish.PLACE,)),
        (Wishes(areas=frozenset({ServiceArea.OLDER_PEOPLE}), settings=frozenset({Setting.COMMUNITY})),
         (Wish.SERVICE, Wish.SETTING)),
        (Wishes(contracts=frozenset({ContractKind.BANK})), (Wish.CONTRACT,)),
        (Wishes(days=frozenset({Day.MONDAY})), ()),
        (Wishes(earliest_start=TODAY + timedelta(weeks=12)), ()),
        (Wishes(earliest_start=TODAY + timedelta(weeks=12, days=1)), (Wish.START,)),
    ],
)  # fmt: skip
def test_each_wish_is_met_or_missing(asked: Wishes, missing: tuple[Wish, ...]) -> None:
    found = match(asked, WARD, TODAY)
    assert found.missing == missing
    assert found.kind is [MatchKind.FITS, MatchKind.NEARLY, MatchKind.NOT][min(len(missing), 2)]


def test_days_that_must_be_worked_are_all_needed() -> None:
    post = replace(WARD, days=frozenset({Day.MONDAY, Day.FRIDAY}), times=frozenset({TimeOfDay.EVENING}))
    can = Wishes(days=WEEK, times=frozenset({TimeOfDay.MORNING, TimeOfDay.EVENING}))
    assert match(can, post, TODAY).missing == ()
    cannot = replace(can, days=frozenset({Day.MONDAY}), times=frozenset({TimeOfDay.MORNING}))
    assert match(cannot, post, TODAY).missing == (Wish.DAYS, Wish.TIMES)


def test_a_job_share_fits_who_wants_fewer_hours_and_would_share() -> None:
    post = replace(WARD, weekly_hours=Decimal("37.5"), job_share=True, days=WEEK)
    asked = Wishes(most_hours=Decimal(20), job_share=True, days=frozenset({Day.MONDAY, Day.TUESDAY}))
    found = match(asked, post, TODAY)
    assert (found.missing, found.as_share) == ((), True)
    assert match(replace(asked, job_share=False), post, TODAY).missing == (Wish.HOURS, Wish.DAYS)


def test_a_pair_adds_up_and_covers_the_days() -> None:
    post = replace(WARD, weekly_hours=Decimal("37.5"), days=WEEK)
    early = Wishes(most_hours=Decimal(20), job_share=True, days=frozenset(list(Day)[:3]))
    late = Wishes(most_hours=Decimal("17.5"), job_share=True, days=frozenset(list(Day)[2:5]))
    assert pair_suits(early, late, post, TODAY)
    assert not pair_suits(early, replace(late, most_hours=Decimal(17)), post, TODAY)
    assert not pair_suits(early, replace(late, days=frozenset({Day.THURSDAY})), post, TODAY)
    assert not pair_suits(early, replace(late, job_share=False), post, TODAY)
    assert not pair_suits(early, replace(late, areas=frozenset({ServiceArea.OLDER_PEOPLE})), post, TODAY)
    one, other, alone = uuid4(), uuid4(), uuid4()
    assert found_among(post, [(one, early), (other, late)]) == [(one, other)]
    # Who could hold the post alone is not half of a pair.
    assert found_among(post, [(one, early), (alone, Wishes(job_share=True))]) == []


def found_among(
    post: PostFacts, people: list[tuple[UUID, Wishes]], most: int = 20
) -> list[tuple[UUID, UUID]]:
    """What the search makes of the wishes of people who could be a half, as the queries hand them over."""
    whole = whole_of(post)
    assert whole
    return pairs_of(whole, [(one, share_of(asked, whole)) for one, asked in people], most)


def share_of(asked: Wishes, whole: Whole) -> Share:
    days, times = mask_of(asked.days, Day), mask_of(asked.times, TimeOfDay)
    return whole.share(asked.least_hours, asked.most_hours, days, times)


def bare(one: Wishes) -> Wishes:
    """Would share, and minds nothing else."""
    return Wishes(one.least_hours, one.most_hours, days=one.days, times=one.times, job_share=True)


@st.composite
def a_crowd(draw: st.DrawFn) -> tuple[PostFacts, list[tuple[UUID, Wishes]]]:
    """A post and people who mind nothing but hours, days and times; many are alike, as they are in a real crowd."""
    post = PostFacts(draw(hours), days=draw(some_of(Day)), times=draw(some_of(TimeOfDay)))  # type: ignore
    kinds = draw(st.lists(wishes(), min_size=1, max_size=8))
    crowd = draw(st.lists(st.sampled_from(kinds), max_size=24))
    people = [(uuid4(), bare(one)) for one in crowd]
    return post, [
        one for one in people if one[1].least_hours is None or one[1].least_hours < post.weekly_hours
    ]


@settings(max_examples=60)
@given(a_crowd(), st.sampled_from([1, 3, 400]))
def test_the_search_for_pairs_finds_what_comparing_each_with_each_finds(
    crowd: tuple[PostFacts, list[tuple[UUID, Wishes]]], most: int
) -> None:
    post, people = crowd

    def alone(asked: Wishes) -> bool:
        found = match(asked, post, TODAY)
        return not found.missing and not found.as_share

    plain = [
        (one, other)
        for (one, mine), (other, theirs) in combinations(people, 2)
        if pair_suits(mine, theirs, post, TODAY) and not alone(mine) and not alone(theirs)
    ]
    assert found_among(post, people, most) == plain[:most]
    whole = whole_of(post)
    assert whole
    known = sharers_of(whole, (share_of(asked, whole) for _, asked in people))
    assert known.any_pair() == bool(plain)
    assert {one for one, asked in people if known.has_other(share_of(asked, whole))} == {
        one for pair in plain for one in pair
    }


def test_twenty_thousand_who_would_share_and_one_who_completes_them_are_searched_whole() -> None:
    """The only other half is the last of them: a search of the first ones would find nobody."""
    post = PostFacts(Decimal("37.5"), days=WEEK)
    first = Wishes(most_hours=Decimal(15), job_share=True)
    kinds = [replace(first, least_hours=Decimal(n) / 4) for n in range(60)]
    many = [(uuid4(), kinds[n % 60]) for n in range(20_000)]
    assert found_among(post, many) == []
    last = (uuid4(), Wishes(most_hours=Decimal("22.5"), job_share=True))
    assert found_among(post, [*many, last], most=2) == [(many[0][0], last[0]), (many[1][0], last[0])]


@settings(max_examples=60)
@given(wishes(), posts())
def test_every_wish_is_told_once_and_silence_misses_nothing(asked: Wishes, post: PostFacts) -> None:
    found: Match = match(asked, post, TODAY)
    told = [*found.met, *found.missing, *found.not_said]
    assert len(told) == len(set(told))
    assert match(Wishes(), post, TODAY).missing == ()
    assert set(match(asked, PostFacts(), TODAY).missing) <= {Wish.START}


@settings(max_examples=40)
@given(wishes(), wishes(), posts())
def test_a_pair_is_a_pair_both_ways(one: Wishes, other: Wishes, post: PostFacts) -> None:
    assert pair_suits(one, other, post, TODAY) == pair_suits(other, one, post, TODAY)


@given(st.integers(0, 200), st.integers(0, 200), some_of(Wish))
def test_a_manager_is_told_no_number(fitting: int, nearly: int, missing: frozenset[Wish]) -> None:
    """Two counts between which only words stand give the very same answer (P1)."""
    said = fit_summary(WARD, fitting, missing, nearly)
    stand_in = {HowMany.NONE: 0, HowMany.SOME: FEW - 1, HowMany.SEVERAL: FEW}
    assert said == fit_summary(WARD, stand_in[how_many(fitting)], missing, stand_in[how_many(nearly)])
    assert not any(sign.isdigit() for part in (*said.met, *said.missing) for sign in part)


@given(some_of(Day))
def test_words_as_a_number_come_back(days: frozenset[Day]) -> None:
    assert frozenset(words_in(mask_of(days, Day), Day)) == days


def test_hours_the_wrong_way_round_are_said_at_their_box() -> None:
    assert check_hours(Decimal(10), Decimal(20)) == {}
    assert set(check_hours(Decimal(20), Decimal(10))) == {"most_hours"}
    assert set(check_hours(Decimal(0), Decimal(61))) == {"least_hours", "most_hours"}
