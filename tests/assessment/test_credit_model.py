"""The unit and credit rule (A1, A5, A7, A8) against an independent model, over random histories.

The model walks through the story event by event and keeps a little state, as a person with a paper
register would; the rule looks at all facts at once. Each known-bad rule below must be caught.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from recovery_college.assessment.rules import (
    DecisionFact,
    Outcome,
    UnitState,
    Verdict,
    VerdictFact,
    credit_awarded,
    credit_recommended,
    next_attempt,
    unit_state,
)

CRITERIA = ("1.1", "1.2", "2.1")
CREDIT = 6
DAY = date(2026, 3, 2)

Event = tuple[str, ...]
"""("decide", criterion, outcome), ("release", criterion), ("verdict", verdict), or a stamp alone."""

events = st.one_of(
    st.tuples(st.just("decide"), st.sampled_from(CRITERIA), st.sampled_from(["met", "met", "not yet met"])),
    st.tuples(st.just("release"), st.sampled_from(CRITERIA)),
    st.tuples(st.just("verdict"), st.sampled_from(["confirmed", "returned", "sample closed"])),
    st.sampled_from([("claim",), ("award",), ("leave",)]),
)
ALL_MET: list[Event] = [
    step for criterion in CRITERIA for step in (("decide", criterion, "met"), ("release", criterion))
]
stories = st.builds(
    lambda head, tail: [*head, *tail],
    st.sampled_from([[], ALL_MET, [*ALL_MET, ("verdict", "confirmed")], [*ALL_MET, ("verdict", "returned")]]),
    st.lists(events, max_size=14),
)
SEARCH = settings(max_examples=4000, deadline=None, database=None, derandomize=True)


@dataclass
class PaperRegister:
    """The independent model: what a careful person writes down, line by line."""

    shown: dict[str, str] = field(default_factory=dict)
    pencilled: dict[str, tuple[str, bool]] = field(default_factory=dict)
    verified: bool = False
    reopened: bool = False
    stamps: set[str] = field(default_factory=set)

    def write(self, event: Event) -> None:
        if event[0] == "decide":
            self.pencilled[event[1]] = (event[2], self.reopened)
        elif event[0] == "release" and event[1] in self.pencilled:
            self.shown[event[1]], answers_the_return = self.pencilled.pop(event[1])
            self.verified = False
            if answers_the_return:
                self.reopened = False
        elif event[0] == "verdict":
            returned = event[1] == "returned"
            self.verified, self.reopened = not returned, returned
            if returned:  # what was pencilled before the return does not answer it
                self.pencilled = {key: (outcome, False) for key, (outcome, _) in self.pencilled.items()}
        elif event[0] in ("claim", "award", "leave"):
            self.stamps.add(event[0])

    def answer(self) -> tuple[str, int, int]:
        if "award" in self.stamps:
            return ("awarded", CREDIT, CREDIT)
        if "claim" in self.stamps:
            return ("claimed", CREDIT, 0)
        everything_met = [self.shown.get(criterion) for criterion in CRITERIA] == ["met", "met", "met"]
        if everything_met and self.verified:
            return ("verified", CREDIT, 0)
        if everything_met and not self.reopened:
            return ("assessed", 0, 0)
        return ("withdrawn" if "leave" in self.stamps else "in progress", 0, 0)


@dataclass
class Facts:
    """The same story as the rows the product stores."""

    decisions: list[DecisionFact] = field(default_factory=list)
    verdicts: list[VerdictFact] = field(default_factory=list)
    stamps: set[str] = field(default_factory=set)


def as_facts(story: list[Event]) -> Facts:
    facts = Facts()
    for sequence, event in enumerate(story, start=1):
        if event[0] == "decide":
            history = [row for row in facts.decisions if row.criterion == event[1]]
            attempt, revision = next_attempt(history)
            facts.decisions.append(
                DecisionFact(event[1], attempt, revision, Outcome(event[2]), DAY, sequence)
            )
        elif event[0] == "release":
            rows = [row for row in facts.decisions if row.criterion == event[1]]
            if rows and not rows[-1].released:
                place = facts.decisions.index(rows[-1])
                facts.decisions[place] = replace(rows[-1], released_sequence=sequence)
        elif event[0] == "verdict":
            facts.verdicts.append(VerdictFact(Verdict(event[1]), sequence))
        else:
            facts.stamps.add(event[0])
    return facts


def by_the_model(story: list[Event]) -> tuple[str, int, int]:
    register = PaperRegister()
    for event in story:
        register.write(event)
    return register.answer()


def state_of(facts: Facts) -> UnitState:
    return unit_state(
        CRITERIA,
        facts.decisions,
        facts.verdicts,
        claimed="claim" in facts.stamps,
        awarded="award" in facts.stamps,
        withdrawn="leave" in facts.stamps,
    )


def by_the_rule(story: list[Event]) -> tuple[str, int, int]:
    state = state_of(as_facts(story))
    return (str(state), credit_recommended(state, CREDIT), credit_awarded(state, CREDIT))


@settings(max_examples=1500, deadline=None)
@given(stories)
def test_the_rule_agrees_with_the_model(story: list[Event]) -> None:
    assert by_the_rule(story) == by_the_model(story)


@pytest.mark.parametrize("wanted", list(UnitState))
def test_the_random_stories_reach_every_state(wanted: UnitState) -> None:
    story = find(stories, lambda story: by_the_rule(story)[0] == wanted, settings=SEARCH)
    assert by_the_model(story)[0] == wanted


@given(stories, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(story: list[Event], random: Random) -> None:
    facts = as_facts(story)
    state = state_of(facts)
    random.shuffle(facts.decisions)
    random.shuffle(facts.verdicts)
    assert state_of(facts) is state


def answer(facts: Facts) -> tuple[str, int, int]:
    state = state_of(facts)
    return (str(state), credit_recommended(state, CREDIT), credit_awarded(state, CREDIT))


def counts_drafts(story: list[Event]) -> tuple[str, int, int]:
    facts = as_facts(story)
    facts.decisions = [
        replace(row, released_sequence=row.released_sequence or row.sequence) for row in facts.decisions
    ]
    return answer(facts)


def keeps_verified_after_a_change(story: list[Event]) -> tuple[str, int, int]:
    facts = as_facts(story)
    facts.verdicts = [
        replace(row, sequence=row.sequence + 10_000) if row.verdict is not Verdict.RETURNED else row
        for row in facts.verdicts
    ]
    return answer(facts)


def forgets_a_return(story: list[Event]) -> tuple[str, int, int]:
    facts = as_facts(story)
    facts.verdicts = [row for row in facts.verdicts if row.verdict is not Verdict.RETURNED]
    return answer(facts)


def goes_by_the_first_attempt(story: list[Event]) -> tuple[str, int, int]:
    facts = as_facts(story)
    facts.decisions = [replace(row, attempt=-row.attempt) for row in facts.decisions]
    return answer(facts)


def lets_an_older_draft_answer_a_return(story: list[Event]) -> tuple[str, int, int]:
    facts = as_facts(story)
    facts.decisions = [
        replace(row, sequence=row.released_sequence or row.sequence) for row in facts.decisions
    ]
    return answer(facts)


def gives_part_credit(story: list[Event]) -> tuple[str, int, int]:
    state, recommended, awarded = by_the_rule(story)
    met = {row.criterion for row in as_facts(story).decisions if row.released and row.outcome is Outcome.MET}
    return (state, recommended or CREDIT * len(met) // len(CRITERIA), awarded)


def recommends_before_verification(story: list[Event]) -> tuple[str, int, int]:
    state, recommended, awarded = by_the_rule(story)
    return (state, CREDIT if state == "assessed" else recommended, awarded)


def loses_achieved_units_on_leaving(story: list[Event]) -> tuple[str, int, int]:
    return ("withdrawn", 0, 0) if ("leave",) in story else by_the_rule(story)


@pytest.mark.parametrize(
    "bad_rule",
    [
        counts_drafts,
        keeps_verified_after_a_change,
        forgets_a_return,
        goes_by_the_first_attempt,
        lets_an_older_draft_answer_a_return,
        gives_part_credit,
        recommends_before_verification,
        loses_achieved_units_on_leaving,
    ],
)
def test_a_known_bad_rule_is_caught(bad_rule: Callable[[list[Event]], tuple[str, int, int]]) -> None:
    caught = find(stories, lambda story: bad_rule(story) != by_the_model(story), settings=SEARCH)
    assert by_the_rule(caught) == by_the_model(caught)
