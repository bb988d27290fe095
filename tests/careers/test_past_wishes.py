"""What a past graduate answers to the one letter becomes their wishes, and never overwrites their own word."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.access.rules import Role
from recovery_college.careers.past_models import PastInvitation
from recovery_college.careers.past_services import answer_past
from recovery_college.careers.preference_models import CandidatePreference
from recovery_college.careers.preference_queries import wishes_of
from recovery_college.careers.preference_rules import MOST_PLACES, AlertFrequency, Wishes, places_named
from recovery_college.careers.preference_services import save_wishes
from recovery_college.graduation.models import Graduation, GraduationSource
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people.models import Person
from recovery_college.people.signin import token_hash_of
from tests.factories.careers import a_manager, a_vacancy
from tests.factories.people import signed_in
from tests.page_client import PageClient


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", []),
        ("cambridge", ["Cambridge", "Fulbourn, Cambridge"]),
        ("Ely or Cambridge, and Ely", ["Ely", "Cambridge", "Fulbourn, Cambridge"]),
        ("Cam", ["Cam"]),
        ("Wick;  Upper   Wick", ["Wick", "Upper Wick"]),
    ],
)
def test_places_are_called_as_they_are_here(text: str, places: list[str]) -> None:
    assert places_named(text, ["Cambridge", "Fulbourn, Cambridge", "Ely"]) == places


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=5))
def test_any_line_is_read(text: str, known: list[str]) -> None:
    found = places_named(text, known)
    assert len(found) == len(set(found)) <= MOST_PLACES
    assert all(one for one in found if one not in known)


def asked() -> Person:
    """Somebody who graduated before this system and was written to."""
    with transaction() as s:
        person = Person(given_name="Pat", family_name="Old", created_at=clock.now(), email="pat@old.example")
        s.add(person)
        s.flush()
        on = date(2015, 5, 1)
        s.add(
            Graduation(person_id=person.id, cohort_ref="OLD", graduated_on=on, source=GraduationSource.BEFORE)
        )
        sent = {"sent_at": clock.now(), "sent_by": "console:tests"}
        s.add(PastInvitation(person_id=person.id, token_hash=token_hash_of("the-link"), **sent))
    return person


def test_an_answer_is_there_when_they_sign_in_and_their_own_word_stays(client: PageClient) -> None:
    a_vacancy(a_manager(), site="Cambridge", posted_on=clock.today().isoformat())
    person = asked()
    answer = {"may_contact": "yes", "most_hours": "15", "places": "cambridge, Ely"}
    assert "your hours and places are there already" in client.send("/past-graduates/the-link", answer).words
    wishes = wishes_of([person.id])[person.id]
    assert (wishes.most_hours, sorted(wishes.sites)) == (Decimal(15), ["Cambridge", "Ely"])
    row = session().get_one(CandidatePreference, person.id)
    assert (row.alerts, row.counted, row.looking) == (AlertFrequency.WEEKLY, False, True)

    assert answer_past("the-link", Decimal(10), "Ely", True), "a later answer by the link is a later word"
    assert wishes_of([person.id])[person.id].most_hours == 10

    pat = signed_in(Role.GRADUATE, person=person)
    client.wear(pat)
    assert "Ely" in client.get("/my-future/wishes").text
    session().expire_all()
    save_wishes(
        pat, Wishes(most_hours=Decimal(30)), session().get_one(CandidatePreference, person.id).version
    )
    assert answer_past("the-link", Decimal(5), "", True)
    assert wishes_of([person.id])[person.id].most_hours == 30, "what they said themselves stays"
    assert answer_past("the-link", None, "", False)
    session().expire_all()
    assert session().get_one(CandidatePreference, person.id).alerts is AlertFrequency.NEVER, (
        "a no counts at once"
    )
