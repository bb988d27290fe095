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

from recovery_college.assessment.claim_rules import LineFact, Reply, credit_of
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
"""("decide", criterion, outcome), ("release", criterion), ("verdict", verdict), ("leave",), and what becomes of a
claim: "claim", the awarding organisation's "award" or "query", and the college's "claim again" after a query."""

events = st.one_of(
    st.tuples(st.just("decide"), st.sampled_from(CRITERIA), st.sampled_from(["met", "met", "not yet met"])),
    st.tuples(st.just("release"), st.sampled_from(CRITERIA)),
    st.tuples(st.just("verdict"), st.sampled_from(["confirmed", "returned", "sample closed"])),
    st.sampled_from([("leave",), ("claim",), ("claim",), ("award",), ("query",), ("claim again",)]),
)
ALL_MET: list[Event] = [
    step for criterion in CRITERIA for step in (("decide", criterion, "met"), ("release", criterion))
]
SECOND_TRY: list[Event] = [("decide", "1.1", "not yet met"), ("release", "1.1"), *ALL_MET]
stories = st.builds(
    lambda head, tail: [*head, *tail],
    st.sampled_from(
        [
            [],
            ALL_MET,
            SECOND_TRY,
            [*ALL_MET, ("verdict", "confirmed")],
            [*ALL_MET, ("verdict", "returned")],
        ]
    ),
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
    has_left: bool = False
    on_claim: bool = False
    queried: bool = False
    awarded: bool = False

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
        elif event[0] == "leave":
            self.has_left = True
        elif event[0] == "claim" and not self.awarded:
            self.on_claim = True
        elif self.on_claim and event[0] == "award":
            self.awarded, self.queried = True, False
        elif self.on_claim and event[0] == "query" and not self.awarded:
            self.queried = True
        elif self.queried and event[0] == "claim again":
            self.on_claim = self.queried = False

    def answer(self) -> tuple[str, int, int]:
        if self.awarded:
            return ("awarded", CREDIT, CREDIT)
        if self.on_claim:
            return ("claimed", CREDIT, 0)
        everything_met = [self.shown.get(criterion) for criterion in CRITERIA] == ["met", "met", "met"]
        if everything_met and self.verified:
            return ("verified", CREDIT, 0)
        if everything_met and not self.reopened:
            return ("assessed", 0, 0)
        return ("withdrawn" if self.has_left else "in progress", 0, 0)


@dataclass
class Facts:
    """The same story as the rows the product stores."""

    decisions: list[DecisionFact] = field(default_factory=list)
    verdicts: list[VerdictFact] = field(default_factory=list)
    lines: list[LineFact] = field(default_factory=list)
    has_left: bool = False

    def claim(self, event: str) -> None:
        """Lines as the claims' services and triggers leave them: one live at most, and an award is the last word."""
        live = next((line for line in self.lines if line.live), None)
        awarded = any(line.reply is Reply.AWARDED for line in self.lines)
        if event == "claim" and live is None and not awarded:
            self.lines.append(LineFact(live=True))
        elif event in ("award", "query") and live is not None and not awarded:
            said = Reply.AWARDED if event == "award" else Reply.QUERIED
            self.lines[self.lines.index(live)] = replace(live, reply=said)
        elif event == "claim again" and live is not None and live.reply is Reply.QUERIED:
            self.lines[self.lines.index(live)] = replace(live, live=False)


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
        elif event[0] == "leave":
            facts.has_left = True
        else:
            facts.claim(event[0])
    return facts


def by_the_model(story: list[Event]) -> tuple[str, int, int]:
    register = PaperRegister()
    for event in story:
        register.write(event)
    return register.answer()


def state_of(facts: Facts) -> UnitState:
    credit = credit_of(facts.lines)
    return unit_state(
        CRITERIA,
        facts.decisions,
        facts.verdicts,
        claimed=credit.claimed,
        awarded=credit.awarded,
        withdrawn=facts.has_left,
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


def keeps_what_was_taken_off(story: list[Event]) -> tuple[str, int, int]:
    facts = as_facts(story)
    facts.lines = [replace(line, live=True) for line in facts.lines]
    return answer(facts)


def takes_a_query_for_the_end(story: list[Event]) -> tuple[str, int, int]:
    facts = as_facts(story)
    facts.lines = [replace(line, live=line.live and line.reply is not Reply.QUERIED) for line in facts.lines]
    return answer(facts)


def takes_a_claim_for_an_award(story: list[Event]) -> tuple[str, int, int]:
    facts = as_facts(story)
    facts.lines = [replace(line, reply=Reply.AWARDED) for line in facts.lines]
    return answer(facts)


@pytest.mark.parametrize(
    "bad_rule",
    [
        keeps_what_was_taken_off,
        takes_a_query_for_the_end,
        takes_a_claim_for_an_award,
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
