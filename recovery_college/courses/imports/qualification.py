"""Importing a qualification: a row a criterion, whole or not at all (A1-A3)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record_many
from recovery_college.courses.imports.cells import number_label, one_line, unit_code, wording
from recovery_college.courses.imports.lookups import parts
from recovery_college.courses.imports.notes import Notes
from recovery_college.courses.imports.sheet import Sheet, contradictions, sheets_in
from recovery_college.courses.imports.stored import StoredQualification
from recovery_college.courses.models import Qualification, WordingCorrection
from recovery_college.courses.rules import (
    AccreditationKind,
    qualification_number_warning,
    unit_reference_warning,
)
from recovery_college.courses.specification import check_specification
from recovery_college.courses.specification_queries import is_frozen, students_on
from recovery_college.imports.kind import ImportKind, Options, Outcome
from recovery_college.imports.rules import CheckedRow, Column, Refusal, choice, whole_number
from recovery_college.kernel import clock


def apply_qualification(s: Session, actor: Actor, rows: list[CheckedRow], options: Options) -> Outcome:
    """Make or change each qualification the rows tell of.

    The file says the whole of it: units and criteria that are not in it are taken out. With students on it
    only wording may change, and what is not in the file stays.
    """
    notes, refusals, events = Notes(), list[Refusal](), list[Event]()
    created = updated = unchanged = 0
    known = _known(s, [row.values["qualification"] for row in rows])
    for sheet in sheets_in(rows):
        wrong = contradictions(sheet.rows)
        if wrong:
            refusals += wrong
            continue
        row = known.get((sheet.title, sheet.version))
        students = students_on(s, row.id) if row else 0
        frozen = row is not None and is_frozen(s, row.id)
        stored = StoredQualification(s, row)
        if frozen:
            wrong = stored.more_than_wording(sheet, students)
        else:
            wrong = _check(sheet, notes)
        if wrong:
            refusals += wrong
            continue
        change = stored.correct_wording(sheet) if frozen else stored.write(sheet)
        created += change.created
        updated += change.updated
        unchanged += change.unchanged
        for sentence in change.taken_out:
            notes.add(sentence)
        s.add_all(
            WordingCorrection(
                qualification_id=stored.id, place=place, before=before, after=after,
                corrected_by=actor.audit_id, at=clock.now(),
            )
            for place, before, after in stored.corrections
        )  # fmt: skip
        if change.created or change.updated or change.taken_out:
            action = "changed qualification" if row else "imported qualification"
            events.append(
                event_of(
                    actor, action, "qualification", stored.id, units=len(sheet.units),
                    criteria_made=change.created, criteria_changed=change.updated,
                    taken_out=len(change.taken_out),
                )
            )  # fmt: skip
    record_many(s, events)
    return Outcome(created, updated, unchanged, refusals, notes.sentences())


def _known(s: Session, titles: list[str]) -> dict[tuple[str, str], Qualification]:
    return {
        (one.title, one.version): one
        for part in parts(titles)
        for one in s.scalars(select(Qualification).where(Qualification.title.in_(part)).with_for_update())
    }


def _check(sheet: Sheet, notes: Notes) -> list[Refusal]:
    """What is wrong with the specification as a whole; what is only unusual is noted."""
    first = sheet.rows[0]
    check = check_specification(sheet.specification())
    for warning in check.warnings:
        notes.add(f"{sheet.title}, {warning.rstrip('.')}")
    number = qualification_number_warning(sheet.facts.get("number", ""))
    if number:
        notes.add(f"{sheet.title}: {number.rstrip('.')}")
    for code, unit in sheet.units.items():
        warning_of = unit_reference_warning(unit.facts.get("reference") or code)
        if warning_of:
            notes.add(f"{code}: {warning_of.rstrip('.')}")
    if bool(sheet.facts.get("at_level")) != bool(sheet.facts.get("min_credit_at_level")):
        reason = "Give both the level and the least credit at it, or neither"
        return [Refusal(first.line, "at_level", first.raw.get("at_level", ""), reason)]
    return [Refusal(first.line, "qualification", sheet.title, text.rstrip(".")) for text in check.problems]


QUALIFICATION = ImportKind(
    name="qualification",
    title="Qualification",
    columns=(
        Column("qualification", one_line(200), required=True, help="Its title, the same in every row",
               example="Peer Support Work (EXAMPLE)"),
        Column("version", one_line(40), required=True,
               help="The version of the specification. Students stay on theirs", example="1"),
        Column("qualification_min_credit", whole_number(0, 9_999),
               help="Least credit for the whole qualification, if there is one", example="3"),
        Column("unit_code", unit_code, required=True, help="The unit's code", example="EX-01"),
        Column("unit_title", one_line(200), required=True, help="The unit's title",
               example="Values of peer support"),
        Column("level", whole_number(1, 8), required=True, help="From 1 to 8", example="4"),
        Column("credit", whole_number(0, 999), required=True, help="One credit is ten hours of learning",
               example="3"),
        Column("glh", whole_number(0, 9_999), help="Guided learning hours", example="20"),
        Column("group", one_line(120), required=True,
               help="mandatory, or the name of a group of options", example="mandatory"),
        Column("group_min_credit", whole_number(0, 9_999), help="Least credit out of the group"),
        Column("group_min_units", whole_number(0, 999), help="Least units out of the group"),
        Column("outcome", number_label, required=True, help="The number of the learning outcome",
               example="1"),
        Column("outcome_text", wording(2_000), required=True, help="The learner will ...",
               example="Understand the values of peer support"),
        Column("criterion", number_label, required=True, help="The number of the assessment criterion",
               example="1.1"),
        Column("criterion_text", wording(4_000), required=True, help="The learner can ...",
               example="Explain three values of peer support"),
        Column("accreditation", choice(AccreditationKind),
               help="regulated, centre-devised or not accredited. Empty: centre-devised"),
        Column("qualification_number", one_line(20), help="Ofqual's number, if it has one"),
        Column("resubmissions", whole_number(0, 20), help="How many are planned. Empty: 1"),
        Column("min_credit_at_level", whole_number(0, 9_999),
               help="Least credit at a level or above, if the rule asks for it"),
        Column("at_level", whole_number(1, 8), help="At which level that credit is needed"),
        Column("unit_reference", one_line(20), help="Ofqual's reference of the unit, if it has one"),
    ),
    key=("qualification", "version", "unit_code", "criterion"),
    apply=apply_qualification,
    permission=Permission.COURSE_IMPORT,
    note="One row for each assessment criterion; the file holds the whole qualification. Once students are "
    "on a version, an import may only correct its wording: give a new version a new name.",
    rows_stand_alone=False,
    seen_at="courses.qualifications_list",
    seen_as="See the qualifications",
)  # fmt: skip
