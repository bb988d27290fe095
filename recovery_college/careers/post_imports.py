"""`import posts`: peer support workers' posts from before this system (P6, P7). A team not yet known is made."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record_many
from recovery_college.careers.bands import Band, read_bands
from recovery_college.careers.models import Funding, Post
from recovery_college.careers.rules import ContractKind, WeeklyHoursError, read_weekly_hours
from recovery_college.careers.team_intake import NamedTeams
from recovery_college.courses.imports.cells import one_line
from recovery_college.courses.imports.lookups import parts, people_named, refusal
from recovery_college.courses.imports.notes import Notes
from recovery_college.imports.kind import ImportKind, Options, Outcome
from recovery_college.imports.rules import CellProblem, CheckedRow, Column, Refusal, choice, iso_date
from recovery_college.kernel import clock
from recovery_college.kernel.db import add_rows
from recovery_college.kernel.ids import new_id

FACTS = ("band", "weekly_hours", "contract", "funding", "left_on", "leaving_kind")
Key = tuple[UUID, UUID, Any]


def apply_posts(s: Session, actor: Actor, rows: list[CheckedRow], options: Options) -> Outcome:
    """Make or change a post for each row: known by its person, its team and its first day."""
    people = people_named(s, [row.values["student_ref"] for row in rows])
    notes, refusals, events = Notes(), list[Refusal](), list[Event]()
    teams = NamedTeams(s)
    good = [row for row in rows if _is_good(row, people, refusals, notes)]
    teams.make(row.values["team"] for row in good)
    stored = _stored(s, [people[row.values["student_ref"]] for row in good])
    new: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    for row in good:
        person_id, team_id = people[row.values["student_ref"]], teams.id_of(row.values["team"])
        facts = {fact: row.values[fact] for fact in FACTS} | {
            "leaving_kind": row.values["leaving_kind"] or ""
        }
        old = stored.get((person_id, team_id, row.values["started_on"]))
        if old is None:
            post_id = new_id()
            place = {"person_id": person_id, "team_id": team_id, "started_on": row.values["started_on"]}
            new.append({"id": post_id, "is_job_share": False, **place, **facts})
            events.append(event_of(actor, "imported post", "post", post_id))
            continue
        facts = {fact: value for fact, value in facts.items() if fact in row.raw}
        if _differs(old, facts):
            changes.append({"id": old.id, **{fact: facts.get(fact, getattr(old, fact)) for fact in FACTS}})
            events.append(event_of(actor, "changed post", "post", old.id))
    add_rows(s, Post, new)
    if changes:
        s.execute(update(Post), changes)
    record_many(s, [*teams.events(actor), *events])
    unchanged = len(good) - len(new) - len(changes)
    return Outcome(len(new), len(changes), unchanged, refusals, [*teams.told(), *notes.sentences()])


def _is_good(row: CheckedRow, people: dict[str, UUID], refusals: list[Refusal], notes: Notes) -> bool:
    left_on, kind = row.values["left_on"], row.values["leaving_kind"]
    if row.values["student_ref"] not in people:
        reason = "The college does not know this person yet. Import graduates first"
        refusals.append(refusal(row, "student_ref", reason))
    elif left_on is not None and left_on < row.values["started_on"]:
        refusals.append(refusal(row, "left_on", "This day is before the first day of the post"))
    elif kind and left_on is None:
        refusals.append(refusal(row, "leaving_kind", "Add the day the post ended, or leave this empty"))
    else:
        if row.values["started_on"] > clock.today():
            notes.add("the first day is still to come", row.line)
        return True
    return False


def _stored(s: Session, people: list[UUID]) -> dict[Key, Post]:
    return {
        (post.person_id, post.team_id, post.started_on): post
        for part in parts(people)
        for post in s.scalars(select(Post).where(Post.person_id.in_(part)))
    }


def _differs(old: Post, facts: dict[str, Any]) -> bool:
    return any(getattr(old, fact) != value for fact, value in facts.items())


def one_band(given: str) -> Band:
    """The one band of a post, as 3, Band 3 or 8a."""
    reading = read_bands(given)
    if len(reading.bands) != 1:
        raise CellProblem("Write one band, like 3 or 8a")
    return reading.bands[0]


def hours(given: str) -> Decimal:
    """Hours a week as a number: more than 0, 60 at most (P6)."""
    try:
        found = read_weekly_hours(given)
    except WeeklyHoursError as problem:
        raise CellProblem(str(problem)) from None
    if found is None:
        raise CellProblem("Write the hours a week as a number, like 22.5")
    return found


POSTS = ImportKind(
    name="posts",
    title="Posts",
    columns=(
        Column("student_ref", one_line(40), required=True, help="The college's own number for the graduate",
               example="S0001"),
        Column("team", one_line(120), required=True, help="The team of the post; made if it is not known yet",
               example="Ward S3"),
        Column("band", one_band, required=True, help="The band of the post, like 3", example="3"),
        Column("weekly_hours", hours, required=True, help="Hours a week, as a number", example="22.5"),
        Column("contract", choice(ContractKind), required=True,
               help="permanent, fixed-term, bank or apprenticeship", example="permanent"),
        Column("funding", choice(Funding), required=True, help="substantive or fixed-term",
               example="substantive"),
        Column("started_on", iso_date, required=True, help="The first day in post", example="2024-09-02"),
        Column("left_on", iso_date, help="The last day in post; empty while they are in it", example=""),
        Column("leaving_kind", one_line(80), help="Why they left, in a few words; never health",
               example=""),
    ),
    key=("student_ref", "team", "started_on"),
    apply=apply_posts,
    permission=Permission.POST_IMPORT,
    note="One row for each post, known by its person, its team and its first day. Import graduates first.",
)  # fmt: skip
