"""What suits whom (P2): the examples, and properties that hold for all wishes and posts."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery_college.careers.matching_rules import (
    FEW,
    Half,
    HowMany,
    Match,
    MatchKind,
    PostFacts,
    Wish,
    fit_summary,
    how_many,
    match,
    pair_suits,
    pairs_of,
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
    one, other = uuid4(), uuid4()
    assert pairs_of([Half(one, early), Half(other, late)], post, TODAY) == [(one, other)]
    # Who could hold the post alone is not half of a pair.
    alone = Half(uuid4(), Wishes(job_share=True))
    assert pairs_of([Half(one, early), alone], post, TODAY) == []


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
