"""/vacancies/look-alikes: shown side by side, never merged by themselves; what HR says of them holds (V6)."""

import re
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.access.rules import Role
from recovery_college.careers import look_alike_queries
from recovery_college.careers.considerations import VacancyNotFound
from recovery_college.careers.look_alike_queries import look_alikes_visible_to
from recovery_college.careers.look_alike_rules import Facts, alike_among, look_alike, plain_title
from recovery_college.careers.look_alike_services import bring_back, say_different, withdraw_duplicate
from recovery_college.careers.models import Vacancy
from recovery_college.kernel import clock
from tests.factories.careers import a_manager, a_vacancy, import_rows, vacancy_of
from tests.factories.people import signed_in
from tests.page_client import PageClient

PATH = "/vacancies/look-alikes"
CLOSES = str(clock.today() + timedelta(days=9))


def one(reference: str, **more: Any) -> Vacancy:
    given = {
        "title": "Support worker",
        "team": "Heron",
        "closes_on": str(clock.today() + timedelta(days=9)),
        **more,
    }
    return a_vacancy(reference=reference, **given)


def alike(who: Any = None) -> list[list[str]]:
    return [
        [row.vacancy.reference for row in group.rows]
        for group in look_alikes_visible_to(who or signed_in(Role.HR)).groups
    ]


def test_what_counts_as_alike(app: Flask) -> None:
    one("A")
    one("B", title="SUPPORT worker")
    one("C", team="Kingfisher")
    one("D", closes_on=str(clock.today() + timedelta(days=8)))
    one("E", closes_on="", posted_on="")
    one("F", title="Clerk", team="")
    one("G", title="Clerk")
    one(
        "H",
        closes_on=str(clock.today() - timedelta(days=1)),
        posted_on=str(clock.today() - timedelta(days=9)),
    )
    one(
        "I",
        closes_on=str(clock.today() - timedelta(days=1)),
        posted_on=str(clock.today() - timedelta(days=9)),
    )
    one("J", title="Night worker (Band 3)", team="", site="Ely")
    one("K", title="NIGHT WORKERS", team="", site="ely", closes_on=str(clock.today() + timedelta(days=15)))
    one("L", title="Night worker", team="", site="March", closes_on=str(clock.today() + timedelta(days=14)))
    assert sorted(sorted(group) for group in alike()) == [["A", "B", "D"], ["F", "G"], ["J", "K"]]
    for other in (a_manager(), signed_in(Role.ADMIN), signed_in(Role.AUDITOR)):
        assert alike(other) == []


def test_said_to_differ_they_are_not_shown_again_until_a_third_comes(app: Flask) -> None:
    hr = signed_in(Role.HR)
    first, second = one("A"), one("B")
    say_different(hr, [second.id, first.id])
    say_different(hr, [first.id, second.id])
    assert alike() == []
    one("C")
    assert alike() == [["A", "B", "C"]]
    with pytest.raises(VacancyNotFound):
        say_different(a_manager(), [first.id, second.id])


def test_a_duplicate_is_withdrawn_stays_out_and_can_be_brought_back(app: Flask) -> None:
    hr, manager = signed_in(Role.HR), a_manager()
    kept, gone = one("A"), one("B")
    for wrong in ((manager, gone.id, kept.id), (hr, gone.id, gone.id)):
        with pytest.raises(VacancyNotFound):
            withdraw_duplicate(*wrong, version=1)
    assert withdraw_duplicate(hr, gone.id, kept.id, 1) == "A"
    assert withdraw_duplicate(hr, gone.id, kept.id, 1) == "A", "sent twice"
    assert alike() == []
    import_rows({"reference": "B", "title": "Support worker", "site": "Ely"})
    gone = vacancy_of("B")
    assert (gone.status.value, gone.flag.value, gone.consideration_due_on) == ("withdrawn", "no", None)
    assert gone.flag_overridden == "The same vacancy as A"
    bring_back(hr, gone.id, gone.version)
    back = vacancy_of("B")
    assert (back.status.value, back.flag.value, back.flag_overridden) == ("draft", "yes", "")
    assert back.consideration_due_on is not None


def test_the_page_shows_them_side_by_side(client: PageClient, app: Flask) -> None:
    client.wear(signed_in(Role.HR))
    assert "No vacancies look alike" in client.get(PATH).words
    kept, gone = one("A", weekly_hours="20"), one("B", weekly_hours="30")
    page = client.get(PATH)
    for words in (
        "Weekly hours (differs)",
        "20 hours a week",
        "Came in with a file",
        "30 hours a week",
        "Keep A, withdraw B",
    ):
        assert words in page.words, words
    withdraw = f"/vacancies/{gone.id}/withdraw"
    assert client.send(withdraw, {"version": "1", "same_as": "rubbish"}, form_at=PATH).status == 303
    assert client.send(withdraw, {"version": "7", "same_as": str(kept.id)}, form_at=PATH).status == 409
    assert client.send(withdraw, {"version": "1", "same_as": str(kept.id)}, form_at=PATH).status == 303
    shown = f"/vacancies/{gone.id}"
    assert "The same vacancy as A" in client.get(shown).words
    back = client.get(shown)
    data = {"csrf_token": back.hidden("csrf_token"), "version": str(vacancy_of("B").version)}
    assert client.post(f"{shown}/bring-back", data=data).status == 303
    assert client.send(PATH, {"vacancy": [str(kept.id), str(gone.id)]}).status == 303
    assert "No vacancies look alike" in client.get(PATH).words


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.AUDITOR, Role.TUTOR])
def test_other_role_refused(client: PageClient, app: Flask, role: Role) -> None:
    assert client.wear(signed_in(role)).get(PATH).status == 403


def test_needs_sign_in(client: PageClient, app: Flask) -> None:
    assert client.get(PATH).response.location == f"/sign-in?next={PATH}"


facts = st.builds(
    lambda title, team, site, day: (title, team, site, date(2026, 12, 1) + timedelta(days=day)),
    st.sampled_from(["Support worker", "support  Workers (Band 3)", "Clerk"]),
    st.sampled_from([None, None, "Heron", "Fen"]),
    st.sampled_from(["", "Ely", "ELY", "March"]),
    st.integers(0, 30),
)


@given(st.lists(facts, max_size=14))
def test_groups_are_what_comparing_each_with_each_joins(
    rows: list[tuple[str, str | None, str, date]],
) -> None:
    among = [Facts(number, *row) for number, row in enumerate(rows)]
    plain = {one.key: {one.key} for one in among}
    for one, other in combinations(among, 2):
        if look_alike(one, other):
            together = plain[one.key] | plain[other.key]
            plain |= dict.fromkeys(together, together)
    wanted = {frozenset(group) for group in plain.values() if len(group) > 1}
    assert {frozenset(one.key for one in group) for group in alike_among(among)} == wanted


def test_titles_that_say_the_same_and_titles_that_do_not() -> None:
    same = ["Support Worker", "support worker – Band 3", "Worker, support", "Support workers (Bands 2-3)"]
    assert len({plain_title(title) for title in same}) == 1
    other = [
        "Senior support worker",
        "Support worker nights",
        "Peer support worker",
        "Band 3",
        "",
        "Team 2",
        "Team 3",
    ]
    assert len({plain_title(title) for title in [*same, *other]}) == 1 + len(other)


def test_how_many_groups_come_after_those_shown_is_said(
    client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_alike_queries, "GROUPS_SHOWN", 1)
    for title in ("Clerk", "Cook", "Nurse"):
        one(f"{title}-1", title=title)
        one(f"{title}-2", title=title)
    client.wear(signed_in(Role.HR))
    assert "2 more like these come up as you settle these" in client.get(PATH).words


def test_a_group_of_more_than_stand_side_by_side_is_settled_at_once(client: PageClient, app: Flask) -> None:
    import_rows(
        *(
            {"reference": f"A{n}", "title": "Support worker", "team": "Heron", "closes_on": CLOSES}
            for n in range(9)
        )
    )
    client.wear(signed_in(Role.HR))
    page = client.get(PATH)
    for words in ("And 3 more that look like these:", "A8, closes on", "All 9 are different vacancies"):
        assert words in page.words, words
    everybody = re.findall(r'name="vacancy" value="([^"]+)"', page.text)
    assert client.send(PATH, {"vacancy": everybody}).status == 303
    assert "No vacancies look alike" in client.get(PATH).words
