"""The grid drawn a thousand times: no crash, no growth (ORM rows and a macro a cell once crashed CPython 3.11)."""

import pytest
from flask import Flask

from recovery_college.kernel.db import session
from tests.factories.marking import a_decision, a_marked_cohort
from tests.memory import grown


@pytest.mark.trust
def test_a_thousand_grids_are_drawn_alike_in_the_same_memory(app: Flask) -> None:
    made = a_marked_cohort(16, units=((4, 4),) * 5)
    for student in range(16):
        for criterion in range(24):
            a_decision(made, student, criterion, released=criterion % 4 != 0)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = made.tutor.get_id(), True
    session().rollback()
    first = client.get(made.path).text

    def draw() -> None:
        assert client.get(made.path).text == first

    assert first.count('class="rc-cell ') >= 640
    assert grown(draw, 1_000, warm_up=100) < 10
