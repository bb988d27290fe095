"""Importing sessions: the planned course of a cohort."""

from datetime import date, time
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record_many
from recovery_college.courses.imports.cells import one_line
from recovery_college.courses.imports.lookups import Sites, cohorts_named, column, parts, refusal
from recovery_college.courses.imports.notes import Notes
from recovery_college.courses.models import CourseSession
from recovery_college.imports.kind import ImportKind, Options, Outcome
from recovery_college.imports.rules import CheckedRow, Column, Refusal, clock_time, iso_date
from recovery_college.kernel.ids import new_id

FACTS = ("ends", "title", "site_id")
Key = tuple[UUID, date, time]


def apply_sessions(s: Session, actor: Actor, rows: list[CheckedRow], options: Options) -> Outcome:
    """Make or change a session for each row. None is ever taken out by an import."""
    cohorts = cohorts_named(s, column(rows, "cohort"))
    known = _planned(s, [cohort.id for cohort in cohorts.values()])
    sites, notes, refusals, events = Sites(s), Notes(), list[Refusal](), list[Event]()
    new: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    unchanged = 0
    for row in rows:
        cohort = cohorts.get(row.values["cohort"])
        day, starts, ends = (row.values[name] for name in ("session_on", "starts", "ends"))
        if cohort is None:
            reason = "There is no such cohort. Import it first, or check the reference"
            refusals.append(refusal(row, "cohort", reason))
        if ends <= starts:
            refusals.append(refusal(row, "ends", "The session ends before it starts. Check both times"))
        if cohort is None or ends <= starts:
            continue
        if not cohort.starts_on <= day <= cohort.ends_on:
            notes.add("the day lies outside the cohort's dates", row.line)
        old = known.get((cohort.id, day, starts))
        facts: dict[str, Any] = {"ends": ends, "title": "", "site_id": None}
        if old is not None:
            facts = {fact: old[fact] for fact in FACTS} | {"ends": ends}
        if "title" in row.raw:
            facts["title"] = row.values["title"] or ""
        if "site" in row.raw:
            facts["site_id"] = sites.id_of(row.values["site"]) if row.values["site"] else None
        if old is None:
            session_id = new_id()
            key = {"id": session_id, "cohort_id": cohort.id, "session_on": day, "starts": starts}
            new.append({**key, **facts})
            events.append(event_of(actor, "imported session", "session", session_id, cohort=str(cohort.id)))
        elif changed := [fact for fact in FACTS if facts[fact] != old[fact]]:
            changes.append({"id": old["id"], **facts})
            events.append(event_of(actor, "changed session", "session", old["id"], fields=",".join(changed)))
        else:
            unchanged += 1
    if new:
        s.execute(insert(CourseSession), new)
    if changes:
        s.execute(update(CourseSession), changes)
    record_many(s, [*sites.events(actor), *events])
    told = [*sites.told(), *notes.sentences()]
    return Outcome(len(new), len(changes), unchanged, refusals, told)


def _planned(s: Session, cohort_ids: list[UUID]) -> dict[Key, dict[str, Any]]:
    names = ("id", "cohort_id", "session_on", "starts", *FACTS)
    statement = select(*(getattr(CourseSession, name) for name in names))
    found: dict[Key, dict[str, Any]] = {}
    for part in parts(cohort_ids):
        for row in s.execute(statement.where(CourseSession.cohort_id.in_(part))):
            facts = dict(zip(names, row, strict=True))
            found[facts["cohort_id"], facts["session_on"], facts["starts"]] = facts
    return found


SESSIONS = ImportKind(
    name="sessions",
    title="Sessions",
    columns=(
        Column("cohort", one_line(40), required=True, help="The cohort's reference", example="C11"),
        Column("session_on", iso_date, required=True, help="The day", example="2026-09-14"),
        Column("starts", clock_time, required=True, help="On the 24-hour clock", example="09:30"),
        Column("ends", clock_time, required=True, help="On the 24-hour clock", example="15:30"),
        Column("title", one_line(200), help="What it is about", example="Welcome and values"),
        Column("site", one_line(120), help="Where, if not at the cohort's own site", example=""),
    ),
    key=("cohort", "session_on", "starts"),
    apply=apply_sessions,
    permission=Permission.COURSE_IMPORT,
    note="One row for each session of the course, those to come as well. Without sessions the days of the "
    "register stand for the course.",
    seen_at="courses.cohorts_list",
    seen_as="See the cohorts",
)  # fmt: skip
