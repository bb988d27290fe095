"""What quality assurance said of a cohort's units, as the grid needs it: locked, returned, and still owed (A8)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from recovery_college.assessment.marking_rows import (
    FACTS,
    LOOKED_AT_AFTER_LEAVING,
    RELEASED,
    VERDICTS,
    moment_of,
    plain_rows,
    uuid_of,
)
from recovery_college.assessment.queries import sequence_of
from recovery_college.assessment.rules import (
    QUALITY_ASSURED,
    DecisionFact,
    Outcome,
    Verdict,
    VerdictFact,
    unit_state,
)
from recovery_college.kernel.db import session

Verdicts = Mapping[tuple[Any, Any], Sequence[VerdictFact]]
"""Every verdict, by (enrolment, unit)."""


def verdicts_in(connection: Connection, asked: Mapping[str, UUID]) -> Verdicts:
    """Every verdict of a cohort. One query."""
    verdicts: dict[tuple[Any, Any], list[VerdictFact]] = {}
    for raw, raw_unit, verdict, at in connection.execute(VERDICTS, asked):
        verdicts.setdefault((raw, raw_unit), []).append(VerdictFact(verdict, sequence_of(at)))
    return verdicts


def returned_in(
    decisions: Sequence[Any], columns: Sequence[tuple[Any, list[Any]]], verdicts: Verdicts
) -> set[tuple[Any, Any]]:
    """(enrolment, unit) of every unit that was returned, and that no decision released since answers (A8)."""
    latest = {key: _latest(facts) for key, facts in verdicts.items()}
    since = {key: fact.sequence for key, fact in latest.items() if fact.verdict is Verdict.RETURNED}
    if not since:
        return set()
    unit_of = {raw_criterion: raw_unit for raw_unit, of_unit in columns for raw_criterion in of_unit}
    answered = set()
    for raw, raw_criterion, _, says, recorded in decisions:
        key = (raw, unit_of.get(raw_criterion))
        if says & RELEASED and key in since and sequence_of(moment_of(recorded)) > since[key]:
            answered.add(key)
    return since.keys() - answered


def owed_after_leaving(connection: Connection, asked: Mapping[str, UUID]) -> dict[tuple[Any, Any], set[Any]]:
    """By (enrolment, unit) of students who left, the criteria that the latest verdict is about. One query."""
    owed: dict[tuple[Any, Any], set[Any]] = {}
    for raw, raw_unit, raw_criterion in plain_rows(connection, LOOKED_AT_AFTER_LEAVING, asked):
        owed.setdefault((raw, raw_unit), set()).add(raw_criterion)
    return owed


def locked_in(connection: Connection, asked: Mapping[str, UUID], verdicts: Verdicts) -> set[tuple[Any, Any]]:
    """(enrolment, unit) of every unit that is quality-assured, so that its decisions are locked (A8).

    Claimed and awarded units are among them without being asked for: only a verified unit is claimed, and
    what is on a locked claim can be neither decided nor returned (triggers see to both).
    """
    closed = {key for key, facts in verdicts.items() if _latest(facts).verdict is not Verdict.RETURNED}
    if not closed:
        return set()
    decisions: dict[tuple[Any, Any], list[DecisionFact]] = {}
    numbers: dict[Any, set[str]] = {}
    for raw, raw_unit, number, attempt, revision, word, on, recorded, released, awaits in connection.execute(
        FACTS, asked
    ):
        numbers.setdefault(raw_unit, set()).add(number)
        if attempt is not None and (raw, raw_unit) in closed:
            released_sequence = sequence_of(moment_of(released)) if released else None
            fact = DecisionFact(
                number,
                attempt,
                revision,
                Outcome(word),
                on,
                sequence_of(moment_of(recorded)),
                released_sequence,
                bool(awaits),
            )
            decisions.setdefault((raw, raw_unit), []).append(fact)
    return {
        key
        for key in closed
        if unit_state(sorted(numbers.get(key[1], ())), decisions.get(key, []), verdicts[key])
        in QUALITY_ASSURED
    }


def locked_units(cohort_id: UUID) -> set[tuple[UUID, UUID]]:
    """(enrolment, unit) of every quality-assured unit of a cohort: its decisions are locked (A8)."""
    connection, asked = session().connection(), {"cohort_id": cohort_id}
    found = locked_in(connection, asked, verdicts_in(connection, asked))
    return {(uuid_of(enrolment), uuid_of(unit)) for enrolment, unit in found}


def _latest(facts: Sequence[VerdictFact]) -> VerdictFact:
    return max(facts, key=lambda fact: fact.sequence)
