"""The way from interest to a post (P3), without app or database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.careers.candidacy_calendar import LINE, interview_calendar
from recovery_college.careers.candidacy_rules import (
    MESSAGE_AT,
    PATH,
    EndReason,
    Move,
    OutcomeMessage,
    Stage,
    check_move,
    has_waited_too_long,
    message_text,
    moves_from,
    name_shown,
    next_stage,
)

stages = st.sampled_from(Stage)
moves = st.builds(
    Move, stages, st.none() | st.sampled_from(EndReason), st.text(max_size=600), st.none() | st.booleans()
)


@given(stages, moves, st.booleans())
def test_nothing_is_skipped_and_an_end_stays_an_end(stage: Stage, move: Move, asked: bool) -> None:
    if check_move(stage, move, asked_for_interview=asked):
        return
    assert not stage.is_over
    if move.to is Stage.NOT_PROGRESSING:
        assert move.reason is not None
        return
    assert move.to in PATH
    assert abs(PATH.index(move.to) - PATH.index(stage)) == 1


@given(moves, st.booleans())
def test_only_the_person_withdraws(move: Move, asked: bool) -> None:
    for stage in Stage:
        assert Stage.WITHDREW not in moves_from(stage)


def test_a_reason_is_owed() -> None:
    assert "reason" in check_move(Stage.APPLIED, Move(Stage.NOT_PROGRESSING))
    assert "text" in check_move(Stage.APPLIED, Move(Stage.NOT_PROGRESSING, EndReason.OTHER))
    assert not check_move(Stage.APPLIED, Move(Stage.NOT_PROGRESSING, EndReason.HOURS))
    assert "text" in check_move(Stage.INTERVIEW, Move(Stage.SHORTLISTED))
    assert not check_move(Stage.INTERVIEW, Move(Stage.SHORTLISTED, text="A slip"))


def test_offers_starts_and_posts_have_pages_of_their_own() -> None:
    for stage in (Stage.INTERVIEW, Stage.CHECKS, Stage.START_AGREED):
        onward = next_stage(stage)
        assert onward is not None
        assert "to" in check_move(stage, Move(onward))


def test_who_asked_for_an_interview_and_meets_the_criteria_is_offered_one() -> None:
    no = Move(Stage.NOT_PROGRESSING, EndReason.OTHER_CHOSEN)
    assert "meets_criteria" in check_move(Stage.APPLIED, no, asked_for_interview=True)
    met = Move(Stage.NOT_PROGRESSING, EndReason.OTHER_CHOSEN, meets_criteria=True)
    assert "to" in check_move(Stage.SHORTLISTED, met, asked_for_interview=True)
    assert not check_move(Stage.INTERVIEW, met, asked_for_interview=True)
    not_met = Move(Stage.NOT_PROGRESSING, EndReason.CRITERIA, meets_criteria=False)
    assert not check_move(Stage.APPLIED, not_met, asked_for_interview=True)
    gone = Move(Stage.NOT_PROGRESSING, EndReason.NO_POST, meets_criteria=True)
    assert not check_move(Stage.APPLIED, gone, asked_for_interview=True)


def test_waiting_counts_from_the_promised_day_where_there_is_one() -> None:
    today = date(2026, 11, 28)
    old = today - timedelta(days=8)
    assert has_waited_too_long(Stage.INTERESTED, old, today, None)
    assert not has_waited_too_long(Stage.INTERESTED, old, today, today)
    assert has_waited_too_long(Stage.INTERESTED, today, today, today - timedelta(days=1))
    assert not has_waited_too_long(Stage.WITHDREW, old - timedelta(days=400), today, None)


@pytest.mark.parametrize("stage", list(Stage))
def test_a_hidden_name_is_hidden_until_the_shortlist(stage: Stage) -> None:
    shown = name_shown("Greta Lund", 4, stage, True)
    # Who did not go on was perhaps never shortlisted: their name stays hidden too.
    hidden = (Stage.INTERESTED, Stage.APPLIED, Stage.NOT_PROGRESSING)
    assert (shown == "Candidate 4") is (stage in hidden)
    assert name_shown(None, 4, stage, False) == "Candidate 4"


@pytest.mark.parametrize("kind", list(OutcomeMessage))
def test_messages_are_kind_and_say_nothing_of_health(kind: OutcomeMessage) -> None:
    words = message_text(kind, "Greta", "Peer support worker", "1 May 2027", "http://x/y", "Morgan").lower()
    assert "greta" in words
    assert "{" not in words
    for never in ("reject", "fail", "unsuccessful", "health", "illness", "disab", "unfortunately"):
        assert never not in words
    assert kind in MESSAGE_AT.values()


@given(st.text(max_size=120), st.text(max_size=200), st.integers(0, 99), st.booleans())
def test_a_calendar_file_cannot_be_broken_by_words(
    reference: str, place: str, sequence: int, off: bool
) -> None:
    at = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    text = interview_calendar(
        uid="interview-1@x", sequence=sequence, changed_at=at, starts_at=at, minutes=45,
        reference=reference, place=place, organisation="Fenside", cancelled=off,
    )  # fmt: skip
    lines = text.split("\r\n")
    assert all(len(line.encode()) <= LINE for line in lines)
    unfolded = text.replace("\r\n ", "")
    assert unfolded.count("BEGIN:VEVENT") - reference.count("BEGIN:VEVENT") - place.count("BEGIN:VEVENT") == 1
    names = [line.split(":")[0].split(";")[0] for line in unfolded.split("\r\n") if line]
    assert names.count("UID") == names.count("SEQUENCE") == names.count("STATUS") == 1
    assert f"SEQUENCE:{sequence}\r\n" in unfolded
    assert ("STATUS:CANCELLED" in unfolded) is off
    assert "DTEND:20270328T011500Z" in unfolded
