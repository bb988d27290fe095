"""The consideration report's figures (V5), recounted here in another way."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.careers.compliance import (
    ComplianceCounts,
    ComplianceFact,
    Dimension,
    Outcome,
    compliance_by,
    compliance_total,
    outcome_of,
)
from recovery_college.careers.consideration import (
    ConsiderationAnswer,
    ConsiderationState,
    consideration_state,
)
from recovery_college.careers.rules import PswFlag, VacancyStatus

TODAY = date(2026, 11, 23)
GO_LIVE = date(2026, 11, 1)
PAST, LATER = TODAY - timedelta(days=5), TODAY + timedelta(days=5)
near = st.dates(TODAY - timedelta(days=30), TODAY + timedelta(days=10))
names = st.sampled_from([None, "Adult", "adult", "Children", "Older people"])


@st.composite
def vacancies(draw: st.DrawFn) -> ComplianceFact:
    """A vacancy as the states' own rule sees it, so that impossible mixtures are not drawn."""
    flag = draw(st.sampled_from(PswFlag))
    posted_on, answer = draw(near), draw(st.sampled_from([None, *ConsiderationAnswer]))
    due_on = posted_on + timedelta(days=7) if posted_on >= GO_LIVE else None
    state = consideration_state(
        flag=flag,
        status=draw(st.sampled_from(VacancyStatus)),
        posted_on=posted_on,
        go_live_on=GO_LIVE,
        due_on=due_on,
        answer=answer,
        returned=draw(st.booleans()),
        today=TODAY,
    )
    decided_on = draw(near) if answer else None
    return ComplianceFact(
        flag,
        state,
        due_on,
        decided_on,
        draw(st.booleans()),
        draw(names),
        draw(names),
        draw(names),
        draw(names),
    )


def recount(facts: list[ComplianceFact]) -> dict[str, int]:
    """The same figures by sets of positions, written without the product's functions."""
    flagged = {i for i, f in enumerate(facts) if f.flag == "yes"}
    decided = {i for i in flagged if facts[i].state in ("psw post", "open to both", "not a psw role")}
    dated = {i for i in flagged if facts[i].due_on}
    on_time = {i for i in decided & dated if not facts[i].decided_on > facts[i].due_on}
    past = {i for i in dated if facts[i].due_on < TODAY}
    closed = {i for i in flagged if facts[i].state == "closed undecided"}
    open_undecided = {i for i in flagged if facts[i].state in ("due", "overdue", "returned")}
    return {
        "flagged": len(flagged),
        "on_time": len(on_time),
        "late": len((decided & dated) - on_time),
        "never": len(closed | (open_undecided & past)),
        "not_due_yet": len(open_undecided - past),
        "before_the_rule": len(flagged - dated),
        "advertised_before_considered": sum(facts[i].advertised_before_considered for i in flagged),
        "band_needed": sum(f.flag == "unknown" for f in facts),
    }


@given(st.lists(vacancies(), max_size=40))
def test_every_figure_agrees_with_an_independent_recount(facts: list[ComplianceFact]) -> None:
    total = compliance_total(facts, TODAY)
    expected = recount(facts)
    assert {name: getattr(total, name) for name in expected} == expected


@given(st.lists(vacancies(), max_size=40), st.sampled_from(Dimension))
def test_parts_add_up_to_the_flagged_and_rows_to_the_total(
    facts: list[ComplianceFact], by: Dimension
) -> None:
    total = compliance_total(facts, TODAY)
    parts = total.on_time + total.late + total.never + total.not_due_yet + total.before_the_rule
    assert parts == total.flagged == sum(fact.flag is PswFlag.YES for fact in facts)
    assert total.advertised_before_considered <= total.flagged
    rows = compliance_by(by, facts, TODAY)
    assert sum((row.counts for row in rows), ComplianceCounts()) == total
    assert len({row.name for row in rows}) == len(rows)
    assert all(row.counts.flagged + row.counts.band_needed for row in rows)


@given(st.lists(vacancies(), max_size=40))
def test_the_share_is_on_time_of_due_or_nothing(facts: list[ComplianceFact]) -> None:
    total = compliance_total(facts, TODAY)
    if total.due == 0:
        assert total.share_on_time is None
    else:
        assert total.share_on_time is not None
        assert total.share_on_time * total.due == total.on_time
        assert 0 <= total.share_on_time <= 1


S = ConsiderationState


@pytest.mark.parametrize(
    ("state", "due_on", "decided_on", "outcome"),
    [
        (S.PSW_POST, PAST, PAST, Outcome.ON_TIME),
        (S.OPEN_TO_BOTH, PAST, PAST - timedelta(days=1), Outcome.ON_TIME),
        (S.NOT_A_PSW_ROLE, PAST, PAST + timedelta(days=1), Outcome.LATE),
        (S.PSW_POST, LATER, TODAY, Outcome.ON_TIME),
        (S.PSW_POST, None, TODAY, Outcome.BEFORE_THE_RULE),
        (S.PSW_POST, LATER, None, Outcome.LATE),
        (S.BEFORE_THE_RULE, None, None, Outcome.BEFORE_THE_RULE),
        (S.OVERDUE, PAST, None, Outcome.NEVER),
        (S.CLOSED_UNDECIDED, LATER, None, Outcome.NEVER),
        (S.RETURNED, PAST, PAST, Outcome.NEVER),
        (S.RETURNED, TODAY, PAST, Outcome.NOT_DUE_YET),
        (S.DUE, LATER, None, Outcome.NOT_DUE_YET),
        (S.DUE, None, None, Outcome.NOT_DUE_YET),
    ],
)
def test_each_vacancy_has_one_outcome(
    state: ConsiderationState, due_on: date | None, decided_on: date | None, outcome: Outcome
) -> None:
    fact = ComplianceFact(PswFlag.YES, state, due_on, decided_on, False)
    assert outcome_of(fact, TODAY) is outcome
    assert compliance_total([fact], TODAY).flagged == 1


def test_unflagged_vacancies_are_no_part_but_unknown_bands_are_shown() -> None:
    facts = [
        ComplianceFact(PswFlag.NO, S.NOT_NEEDED, None, None, True, "Adult"),
        ComplianceFact(PswFlag.UNKNOWN, S.BAND_NEEDED, None, None, True, "Children"),
    ]
    assert compliance_total(facts, TODAY) == ComplianceCounts(band_needed=1)
    assert [row.name for row in compliance_by(Dimension.DIRECTORATE, facts, TODAY)] == ["Children"]


def test_rows_are_sorted_with_not_recorded_last_and_the_share_is_exact() -> None:
    def fact(directorate: str | None, decided_on: date) -> ComplianceFact:
        return ComplianceFact(PswFlag.YES, S.PSW_POST, PAST, decided_on, False, directorate)

    facts = [fact(None, PAST), fact("b", PAST), fact("A", PAST), fact("A", TODAY), fact("A", TODAY)]
    rows = compliance_by(Dimension.DIRECTORATE, facts, TODAY)
    assert [row.name for row in rows] == ["A", "b", None]
    assert rows[0].counts.share_on_time == Fraction(1, 3)
    assert compliance_total([], TODAY).share_on_time is None
