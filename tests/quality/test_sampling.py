"""The sampling suggestion (A9), from outside."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from recovery_college.quality.sampling import UnitResult, sampling_suggestion

COHORT = [
    UnitResult(f"student {s}", f"Unit {u}", f"assessor {s % 2}") for s in range(10) for u in range(1, 4)
]
results = st.lists(
    st.builds(
        UnitResult, st.sampled_from("abcdefg"), st.sampled_from(["Unit 1", "Unit 2"]), st.sampled_from("XYZ")
    ),
    max_size=20,
)


def test_the_shares() -> None:
    assert len(sampling_suggestion(COHORT, False, 7)) == 6
    assert len(sampling_suggestion(COHORT, True, 7)) == 15
    assert len(sampling_suggestion(COHORT, False, 7, usual_percent=100)) == 30
    assert sampling_suggestion([], True, 7) == ()


def test_reasons_say_why_in_words() -> None:
    reasons = {pick.reason for pick in sampling_suggestion(COHORT, False, 7)}
    assert {"So that Unit 1 is sampled.", "Drawn by chance: 20% for the usual share, seed 7."} <= reasons
    new = {pick.reason for pick in sampling_suggestion(COHORT, True, 7)}
    assert "Drawn by chance: 50% for a new assessor, unit or cohort, seed 7." in new


def test_another_seed_draws_another_sample() -> None:
    drawn = {frozenset(pick.result for pick in sampling_suggestion(COHORT, False, seed)) for seed in range(9)}
    assert len(drawn) > 1


def test_the_draw_is_the_same_on_every_machine() -> None:
    first = sampling_suggestion(COHORT, False, 7)[0].result
    assert first == UnitResult("student 6", "Unit 2", "assessor 0")


@given(results, st.booleans(), st.integers(0, 1000), st.randoms(use_true_random=False))
def test_every_sample_covers_and_repeats(
    made: list[UnitResult], new: bool, seed: int, random: Random
) -> None:
    picks = sampling_suggestion(made, new, seed)
    shuffled = list(made)
    random.shuffle(shuffled)
    assert sampling_suggestion(shuffled, new, seed) == picks
    chosen = [pick.result for pick in picks]
    assert len(chosen) == len(set(chosen))
    assert set(chosen) <= set(made)
    assert {pick.unit for pick in chosen} == {result.unit for result in made}
    assert {pick.assessor for pick in chosen} == {result.assessor for result in made}
    assert len({pick.student for pick in chosen}) >= min(2, len({result.student for result in made}))
    assert len(chosen) * 100 >= len(set(made)) * (50 if new else 20)
    assert all(pick.reason for pick in picks)
