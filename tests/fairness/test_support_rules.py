"""What helps (A14): the latest answer counts, nobody decides for themselves, and no fact has a place for a reason."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from recovery_college.fairness import support_models, support_queries, support_rules
from recovery_college.fairness.support_forms import AnswerForm, AskForm
from recovery_college.fairness.support_rules import (
    AnswerFact,
    AoPermission,
    SupportAnswer,
    SupportState,
    support_state,
    why_not_answered,
)

START = datetime(2026, 1, 5, tzinfo=UTC)
answers = st.lists(st.tuples(st.sampled_from(SupportAnswer), st.sampled_from(AoPermission)), max_size=6)


def facts(given: list[tuple[SupportAnswer, AoPermission]]) -> list[AnswerFact]:
    return [AnswerFact(one, how, START + timedelta(days=n)) for n, (one, how) in enumerate(given)]


@given(answers, st.booleans(), st.randoms(use_true_random=False))
def test_the_latest_answer_counts_in_whatever_order_they_are_read(
    given_: list[tuple[SupportAnswer, AoPermission]], taken_back: bool, random: object
) -> None:
    told = facts(given_)
    state = support_state(told, taken_back=taken_back)
    shuffled = list(told)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert support_state(shuffled, taken_back=taken_back) is state
    if taken_back:
        assert state is SupportState.TAKEN_BACK
    elif not told:
        assert state is SupportState.ASKED
    elif state is SupportState.AGREED:
        assert told[-1].answer is SupportAnswer.AGREED
        assert told[-1].permission is not AoPermission.ASKED


@given(
    st.sampled_from(SupportAnswer),
    st.sampled_from(SupportState),
    st.sampled_from(AoPermission),
    st.integers(0, 3),
)
def test_nobody_decides_what_helps_themselves(
    answer: SupportAnswer, state: SupportState, permission: AoPermission, who: int
) -> None:
    asked = {"helps": "breaks", "words": "Thank you", "permission": permission, "decider": who}
    assert why_not_answered(answer, state, **asked, student=who) is not None  # type: ignore[arg-type]


def test_what_was_agreed_says_what_to_do() -> None:
    asked = {"words": "", "permission": AoPermission.NOT_NEEDED, "decider": 1, "student": 2}
    assert why_not_answered(SupportAnswer.AGREED, SupportState.ASKED, helps="breaks", **asked) is None
    problem = why_not_answered(SupportAnswer.AGREED, SupportState.ASKED, helps="", **asked)
    assert problem is not None
    assert problem[0] == "helps"


def test_there_is_no_place_for_a_reason() -> None:
    """What helps is kept, never why (A14): neither a column, nor a fact, nor a box on a form."""
    places = {column.name for table in (support_models.SupportRequest, support_models.SupportDecision)
              for column in table.__table__.columns}  # fmt: skip
    places |= {field.name for kind in (support_queries.SupportFile, support_queries.Answer, support_rules.AnswerFact)
               for field in fields(kind)}  # fmt: skip
    places |= set(AskForm._fields) if hasattr(AskForm, "_fields") else set()
    places |= {name for form in (AskForm, AnswerForm) for name in vars(form) if not name.startswith("_")}
    assert not {one for one in places if any(word in one for word in ("reason", "why", "diagnos", "health"))}
