"""Importing a qualification: a row a criterion, whole or not at all (A1-A3)."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record_many
from recovery_college.courses.imports.cells import number_label, one_line, unit_code, wording
from recovery_college.courses.imports.lookups import parts
from recovery_college.courses.imports.notes import Notes
from recovery_college.courses.imports.sheet import Sheet, contradictions, sheets_in
from recovery_college.courses.imports.stored import StoredQualification
from recovery_college.courses.models import Cohort, Enrolment, Qualification
from recovery_college.courses.rules import unit_reference_warning
from recovery_college.courses.specification import check_specification
from recovery_college.imports.kind import ImportKind, Options, Outcome
from recovery_college.imports.rules import CheckedRow, Column, Refusal, whole_number


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
        students = _students_on(s, row) if row else 0
        stored = StoredQualification(s, row)
        if students:
            wrong = stored.more_than_wording(sheet, students)
        else:
            wrong = _check(sheet, notes)
        if wrong:
            refusals += wrong
            continue
        change = stored.correct_wording(sheet) if students else stored.write(sheet)
        created += change.created
        updated += change.updated
        unchanged += change.unchanged
        for sentence in change.taken_out:
            notes.add(sentence)
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
        for one in s.scalars(select(Qualification).where(Qualification.title.in_(part)))
    }


def _students_on(s: Session, qualification: Qualification) -> int:
    return (
        s.scalar(
            select(func.count())
            .select_from(Enrolment)
            .join(Cohort, Enrolment.cohort_id == Cohort.id)
            .where(Cohort.qualification_id == qualification.id)
        )
        or 0
    )


def _check(sheet: Sheet, notes: Notes) -> list[Refusal]:
    """What is wrong with the specification as a whole; what is only unusual is noted."""
    first = sheet.rows[0]
    check = check_specification(sheet.specification())
    for warning in check.warnings:
        notes.add(f"{sheet.title}, {warning.rstrip('.')}")
    for code in sheet.units:
        warning_of = unit_reference_warning(code)
        if warning_of:
            notes.add(f"{code}: {warning_of.rstrip('.')}")
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
