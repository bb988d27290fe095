"""The board, one candidacy, and one's own, as pages."""

from datetime import timedelta
from uuid import uuid4

import pytest

from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.careers.candidacy_own_services import withdraw
from recovery_college.careers.candidacy_rules import Stage
from recovery_college.careers.candidacy_services import set_next_step
from recovery_college.careers.models import Vacancy
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from tests.factories.candidacies import a_candidacy, the_candidacy
from tests.factories.candidates import a_candidate, an_open_post
from tests.factories.careers import a_manager
from tests.factories.people import signed_in
from tests.page_client import PageClient


def test_the_board_moves_a_card_by_one_button(client: PageClient) -> None:
    manager, greta = a_manager(), a_candidate()
    post = an_open_post(manager)
    client.wear(manager)
    assert "Nobody is a candidate yet" in client.get("/pipeline").text
    row = a_candidacy(greta, post)
    board = client.get("/pipeline")
    assert "Greta Example" in board.text
    assert "To applied" in board.words
    token = board.hidden("csrf_token")
    moved = client.post(
        f"/candidacies/{row.id}/move",
        data={"csrf_token": token, "version": row.version, "to": "applied", "back": "board"},
    )
    assert moved.response.location.endswith(f"/pipeline#card-{row.id}")
    assert the_candidacy(greta, post).stage is Stage.APPLIED
    stale = client.post(
        f"/candidacies/{row.id}/move", data={"csrf_token": token, "version": row.version, "to": "shortlisted"}
    )
    assert stale.status == 409
    assert "Applied" in stale.text
    assert "Greta Example" in client.get("/pipeline?stage=applied").text
    assert "Nobody is waiting" in client.get("/pipeline?waiting=yes").text


def test_every_form_says_what_is_wrong_and_saves_what_is_right(client: PageClient) -> None:
    manager, greta = a_manager(), a_candidate()
    post = an_open_post(manager)
    row = a_candidacy(greta, post, Stage.SHORTLISTED, manager)
    at = f"/candidacies/{row.id}"
    client.wear(manager)
    version = row.version

    def sent(part: str, **data: object) -> int:
        nonlocal version
        form = {"version": version, **data}
        status = client.send(f"{at}/{part}", form).status
        version += status == 303 and part != "none"
        return status

    page = client.get(f"{at}/move").text
    assert 'name="reason"' in page.partition("nhsuk-radios__conditional")[2], "asked where it is owed only"
    assert page.count('<option value=""') == 1
    assert sent("move", to="not progressing") == 422
    assert sent("next-step", step="Read it") == 422
    on = clock.today() + timedelta(days=3)
    day = {"on-day": on.day, "on-month": on.month, "on-year": on.year}
    assert sent("next-step", step="Read it", **day) == 303
    assert sent("interview", at="noon", minutes=45, place="Room 2", **day) == 422
    assert sent("next-step", step="Read it", **{**day, "on-year": day["on-year"] - 9}) == 422
    for wrong in (
        {"on-year": day["on-year"] + 9},
        {"minutes": 1},
        {"minutes": 9999},
        {"at": "9" * 200},
        {"at": "25:00"},
    ):
        assert sent("interview", **{"at": "14:30", "minutes": 45, "place": "Room 2", **day, **wrong}) == 422
    assert sent("interview", at="14:30", minutes=45, place="Room 2", **day) == 303
    assert sent("note", text="") == 422
    assert sent("note", text="Called them") == 303
    assert sent("message", text="") == 422
    assert sent("message", text="Dear Greta") == 303
    calendar = client.get(f"{at}/interview.ics")
    assert "SUMMARY:Interview" in calendar.response.get_data(as_text=True)
    page = client.get(at).words
    for words in ("Read it", "Room 2", "Called them", "Message sent: shortlisted"):
        assert words in page
    assert client.send(f"{at}/interview/cancel", {"version": version}, form_at=at).status == 303
    assert "Called off" in client.get(at).words
    looked = session().query(AuditEvent).filter_by(subject_kind="candidate", action="viewed").count()
    assert looked >= 2


def test_two_managers_moving_one_card(client: PageClient) -> None:
    manager, greta = a_manager(), a_candidate()
    row = a_candidacy(greta, an_open_post(manager), Stage.SHORTLISTED, manager)
    at, seen = f"/candidacies/{row.id}", row.version
    client.wear(manager)
    for _ in range(2):  # a double press is one move
        assert client.send(f"{at}/move", {"version": seen, "to": "interview"}).status == 303
    client.wear(signed_in(Role.HR))
    page = client.send(f"{at}/move", {"version": seen, "to": "applied", "text": "Too soon"})
    assert (page.status, "Someone else changed this first" in page.h1) == (409, True)
    assert "Too soon" in page.words
    assert "Interview" in client.get(at).words


def test_a_move_leads_back_to_the_board_as_narrow_as_it_was(client: PageClient) -> None:
    manager, greta = a_manager(), a_candidate()
    post = an_open_post(manager)
    row = a_candidacy(greta, post)
    client.wear(manager)
    for board, onward in (
        (f"/pipeline?vacancy={post.id}", "applied"),
        ("/pipeline?stage=applied", "shortlisted"),
    ):
        page = client.get(board)
        form = next(one for one in page.tree.iter("form") if str(row.id) in one.get("action", ""))  # type: ignore[union-attr]
        at = form.get("action", "")
        moved = client.post(
            at,
            data={
                "csrf_token": page.hidden("csrf_token"),
                "version": the_candidacy(greta, post).version,
                "to": onward,
                "back": "board",
            },
        )
        assert moved.response.location == f"{board}#card-{row.id}"
    sent = {"csrf_token": page.hidden("csrf_token"), "version": 1, "to": "shortlisted", "back": "board"}
    late = client.post(at, data=sent)
    assert late.response.location == f"{board}#card-{row.id}", "somebody else was there first"


def test_who_takes_back_a_yes_is_gone_in_kind_words_as_who_never_was(client: PageClient) -> None:
    # Given a manager with a candidate's pages open
    manager, greta = a_manager(), a_candidate()
    post = an_open_post(manager)
    row = a_candidacy(greta, post, Stage.APPLIED, manager)
    client.wear(manager)
    pages = (f"/candidacies/{row.id}", f"/vacancies/{post.id}/candidates/{greta.person_id}")
    assert [client.get(one).status for one in pages] == [200, 200]
    # When the candidate takes the yes back
    withdraw(greta, row.id)
    # Then the next click says what may have happened, and the way on; the same for what never was
    sent = client.send(f"/candidacies/{row.id}/note", {"text": "She was kind"})
    gone = [client.get(one) for one in pages]
    never = [client.get(f"/candidacies/{uuid4()}"), client.get(f"/vacancies/{post.id}/candidates/{uuid4()}")]
    for page in (sent, *gone, *never):
        assert page.status == 404
        assert "need give no reason" in page.words
        assert "If you typed the address" not in page.words
        assert "Greta" not in page.words
    assert [page.words for page in gone] == [page.words for page in never]


def test_one_may_not_know_of_anothers(client: PageClient) -> None:
    manager, greta = a_manager(), a_candidate()
    row = a_candidacy(greta, an_open_post(manager))
    for who in (a_manager("Other"), signed_in(Role.TUTOR), signed_in(Role.ADMIN)):
        client.wear(who)
        assert client.get(f"/candidacies/{row.id}").status in (403, 404)
    client.wear(greta)
    assert client.get(f"/candidacies/{row.id}").status == 404


def test_ones_own_candidacies_and_the_way_out(client: PageClient) -> None:
    manager, greta = a_manager(), a_candidate()
    client.wear(greta)
    assert "Nothing under way" in client.get("/my-future/candidacies").text
    row = a_candidacy(greta, an_open_post(manager), Stage.SHORTLISTED, manager)
    own = f"/my-future/candidacies/{row.id}"
    assert "You are on the shortlist" in client.get("/my-future/candidacies").text
    assert client.send(f"{own}/interview", {"wants": "yes"}).status == 303
    assert client.send(f"{own}/help", {"text": "A break"}).status == 303
    moved = the_candidacy(greta, session().get_one(Vacancy, row.vacancy_id))
    set_next_step(manager, row.id, "Read the letters", clock.today(), moved.version)
    assert (
        "The next step, as the team wrote it Read the letters" in client.get("/my-future/candidacies").words
    )
    assert client.send("/my-future/line-manager", {"email": "not one"}).status == 422
    assert client.send("/my-future/line-manager", {"email": "boss@fen.example"}).status == 303
    page = client.get("/my-future/candidacies").text
    assert "boss@fen.example" in page
    assert "A break" in page
    client.wear(manager)
    assert "A break" in client.get(f"/candidacies/{row.id}").text
    client.wear(greta)
    assert client.send(f"{own}/withdraw").status == 303
    assert "You withdrew" in client.get("/my-future/candidacies").text
    client.wear(manager)
    assert client.get(f"/candidacies/{row.id}").status == 404
    client.wear(a_candidate("Other"))
    assert client.get(f"{own}/withdraw").status == 404


def test_how_a_vacancy_hires(client: PageClient) -> None:
    manager, greta = a_manager(), a_candidate()
    post = an_open_post(manager)
    row = a_candidacy(greta, post)
    client.wear(manager)
    at = f"/vacancies/{post.id}/hiring"
    assert client.send(at, {"version": 0, "anonymous": "yes", "funded_hours": "37.5"}).status == 303
    assert client.send(at, {"version": 0, "anonymous": "no"}).status == 409
    assert "Candidate 1" in client.get(f"/candidacies/{row.id}").h1
    client.wear(a_manager("Other"))
    assert client.get(at).status == 404
    client.wear(signed_in(Role.AUDITOR))
    assert client.get(at).status in (403, 404)


@pytest.mark.parametrize("what", ["after=x", "stage=x", "vacancy=x", "after=2026-01-01.x"])
def test_words_in_the_address_that_mean_nothing_narrow_nothing(client: PageClient, what: str) -> None:
    client.wear(a_manager())
    assert client.get(f"/pipeline?{what}").status == 200
