"""What HR and a manager do on a phone while they hire: cards that move, vacancies side by side."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from recovery_college.access.rules import Role
from recovery_college.kernel import clock
from tests.browser.conftest import Opens
from tests.factories.candidacies import a_candidacy
from tests.factories.candidates import a_candidate, an_open_post
from tests.factories.careers import a_manager, import_rows
from tests.factories.people import signed_in

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_why_somebody_does_not_progress_is_asked_where_it_is_chosen(
    app: object, opens: Opens, scripts: bool
) -> None:
    manager = a_manager()
    row = a_candidacy(a_candidate(), an_open_post(manager))
    page = opens(manager, f"/candidacies/{row.id}/move", width=320, scripts=scripts)
    why = page.get_by_label("Why are they not progressing?")
    expect(why).to_be_visible(visible=not scripts)
    page.get_by_role("radio", name="Not progressing").check()
    why.select_option("we could not reach them")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("is moved to “Not progressing”")


def test_vacancies_side_by_side_stand_under_their_references(app: object, opens: Opens) -> None:
    today = clock.today().isoformat()
    import_rows(
        *(
            {"reference": f"A-{n}", "title": "Cook", "team": "Heron", "band": f"Band {n}", "closes_on": today}
            for n in (2, 3, 4)
        )
    )
    page = opens(signed_in(Role.HR), "/vacancies/look-alikes", width=320)
    for n in (2, 3, 4):
        head = page.get_by_role("columnheader", name=f"A-{n}").bounding_box()
        cell = page.get_by_role("cell", name=f"Band {n}").bounding_box()
        assert head is not None
        assert cell is not None
        assert abs(head["x"] - cell["x"]) < 1
