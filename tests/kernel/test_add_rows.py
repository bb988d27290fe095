"""Many rows at once: the same rows, defaults and refusals whichever way the database takes them."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from recovery_college.kernel import clock
from recovery_college.kernel.db import COPIED_FROM, add_rows, session, transaction
from recovery_college.people.models import Person

MANY = COPIED_FROM * 2


def people(count: int, **rest: object) -> list[dict[str, object]]:
    at = clock.now()
    return [
        {"student_ref": f"S{n}", "given_name": "Siân\t", "family_name": "\\N", "created_at": at, **rest}
        for n in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, MANY])
def test_rows_come_out_as_they_went_in(app: Flask, count: int) -> None:
    with transaction() as s:
        add_rows(s, Person, people(count))
    found = session().scalars(select(Person)).all()
    assert len({one.id for one in found}) == count, "each has an id of its own"
    assert {(one.given_name, one.family_name, one.preferred_name, one.is_made_up) for one in found} <= {
        ("Siân\t", "\\N", "", False)
    }
    assert all(one.created_at.tzinfo is not None for one in found)


def test_what_the_table_refuses_is_refused_whole(app: Flask) -> None:
    with pytest.raises(IntegrityError), transaction() as s:
        add_rows(s, Person, [*people(MANY), *people(1)])
    assert session().scalar(select(func.count()).select_from(Person)) == 0
