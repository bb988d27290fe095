"""`import posts`: what was before this system (P6, P7)."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from recovery_college.careers.models import Funding, Post, Team
from recovery_college.careers.post_imports import POSTS
from recovery_college.imports.kind import run_import
from recovery_college.imports.rules import Report
from recovery_college.kernel.db import session
from tests.factories.people import CONSOLE, a_person

pytestmark = pytest.mark.usefixtures("app")
HEAD = "student_ref,team,band,weekly_hours,contract,funding,started_on,left_on,leaving_kind\n"
ROW = "S1,Ward S3,Band 3,18.75,permanent,substantive,2024-09-02,,\n"


def brought(text: str, **options: object) -> Report:
    return run_import(POSTS, CONSOLE, text.encode(), "posts.csv", **options)  # type: ignore[arg-type]


def test_a_post_comes_in_once_and_can_end() -> None:
    a_person(student_ref="S1")
    report = brought(HEAD + ROW)
    assert (report.ok, report.created) == (True, 1)
    assert "Ward S3" in report.warnings[0]
    assert brought(HEAD + ROW).unchanged == 1
    ended = brought(HEAD + ROW.replace(",,\n", ",2026-01-30,moved on to a better post\n"))
    assert ended.updated == 1
    session().expire_all()
    post = session().scalars(select(Post)).one()
    assert (post.weekly_hours, post.funding, post.leaving_kind) == (
        Decimal("18.75"),
        Funding.SUBSTANTIVE,
        "moved on to a better post",
    )


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("S1", "S9", "student_ref"),
        ("Band 3", "3 to 5", "band"),
        ("18.75", "0", "weekly_hours"),
        ("18.75", "61", "weekly_hours"),
        ("permanent", "forever", "contract"),
        ("substantive", "somehow", "funding"),
        ("2024-09-02", "02/09/2024", "started_on"),
        (",,\n", ",2024-09-01,\n", "left_on"),
        (",,\n", ",,moved on\n", "leaving_kind"),
    ],
)
def test_a_row_is_refused_with_its_line_and_column(old: str, new: str, column: str) -> None:
    a_person(student_ref="S1")
    report = brought(HEAD + ROW.replace(old, new, 1))
    assert [(one.line, one.column) for one in report.refused] == [(2, column)]
    assert session().scalar(select(func.count()).select_from(Post)) == 0
    assert session().scalar(select(func.count()).select_from(Team)) == 0


def test_the_same_post_twice_in_one_file_with_other_hours_is_refused() -> None:
    a_person(student_ref="S1")
    report = brought(HEAD + ROW + ROW.replace("18.75", "20"))
    assert {one.line for one in report.refused} == {2, 3}
