"""From the offer to the first day: the gate, what is funded, who may keep the checks (P4, P5, P6)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.careers.bands import Band
from recovery_college.careers.candidacy_queries import candidacy_visible_to, happenings_of
from recovery_college.careers.candidacy_rules import Move, Stage
from recovery_college.careers.candidacy_services import (
    CandidacyChanged,
    CandidacyNotFound,
    move_candidacy,
    save_hiring,
)
from recovery_college.careers.check_rules import CheckKind, CheckState, TeamStep
from recovery_college.careers.considerations import Refused
from recovery_college.careers.models import Funding, Post, Vacancy
from recovery_college.careers.offer_models import Offer, PostOrigin
from recovery_college.careers.offer_queries import (
    chase_list,
    checks_due,
    checks_in_short,
    checks_of,
    training_due,
)
from recovery_college.careers.offer_services import agree_start, make_offer, record_check, start_post
from recovery_college.careers.post_queries import posts_for
from recovery_college.careers.post_services import PostNotFound, end_post
from recovery_college.careers.rules import ContractKind
from recovery_college.careers.team_queries import visits_of
from recovery_college.careers.team_services import (
    StepChanged,
    StepSaid,
    TeamNotFound,
    answer_visit,
    ask_for_visit,
    save_step,
)
from recovery_college.graduation.models import Graduation, GraduationSource
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session, transaction
from recovery_college.people.signin import SignedIn
from tests.factories.candidacies import a_candidacy, a_ready_team, the_candidacy
from tests.factories.candidates import a_candidate, a_pattern, an_open_post
from tests.factories.careers import a_manager
from tests.factories.people import signed_in

pytestmark = pytest.mark.usefixtures("app")


def offered(manager: SignedIn, who: SignedIn, post: Vacancy, hours: str = "18.75") -> Any:
    row = a_candidacy(who, post, Stage.INTERVIEW, manager)
    make_offer(
        manager, row.id, weekly_hours=Decimal(hours), band=Band.BAND_3, contract=ContractKind.PERMANENT,
        funding=Funding.SUBSTANTIVE, version=row.version,
    )  # fmt: skip
    return the_candidacy(who, post)


def cleared(hr: SignedIn, manager: SignedIn, who: SignedIn, post: Vacancy) -> Any:
    row = the_candidacy(who, post)
    move_candidacy(manager, row.id, Move(Stage.CHECKS), row.version)
    for kind in CheckKind:
        record_check(hr, row.id, kind, CheckState.CLEAR, None, 0)
    return the_candidacy(who, post)


@pytest.fixture
def scene() -> tuple[SignedIn, SignedIn, SignedIn, Vacancy]:
    manager = a_manager()
    return (
        manager,
        signed_in(Role.HR),
        a_candidate(),
        an_open_post(manager, team="Ward S3", weekly_hours="37.5"),
    )


def test_the_whole_way_to_a_post(scene) -> None:  # type: ignore[no-untyped-def]
    manager, hr, greta, post = scene
    offered(manager, greta, post)
    row = cleared(hr, manager, greta, post)
    today = clock.today()
    with pytest.raises(Refused, match="5 preparations to go"):
        agree_start(manager, row.id, today, row.version)
    a_ready_team(hr, manager, post)
    row = the_candidacy(greta, post)
    agree_start(manager, row.id, today, row.version)
    row = the_candidacy(greta, post)
    post_id = start_post(hr, row.id, row.version)
    made = session().get_one(Post, post_id)
    assert (made.weekly_hours, made.started_on, made.funding) == (
        Decimal("18.75"),
        today,
        Funding.SUBSTANTIVE,
    )
    origin = session().get_one(PostOrigin, post_id)
    assert origin.line_supervisor == "Robin Lane"
    assert origin.training_due_on is not None  # nobody graduated: hire, then train
    assert [one.post_id for one in training_due(hr)[0]] == [post_id]
    with transaction() as s:
        s.add(
            Graduation(
                person_id=greta.person_id, cohort_ref="C1", graduated_on=today, source=GraduationSource.HERE
            )
        )
    assert training_due(hr)[0] == [], "trained now"
    assert the_candidacy(greta, post).stage is Stage.IN_POST
    row = the_candidacy(greta, post)
    with pytest.raises(Refused):
        start_post(hr, row.id, row.version)
    assert [one.id for one in posts_for(greta)] == [post_id]
    assert [one.id for one in posts_for(manager)] == [post_id]
    assert posts_for(a_manager("Other")) == []
    with pytest.raises(PostNotFound):
        end_post(greta, post_id, today, "retired")
    with pytest.raises(Refused):
        end_post(hr, post_id, today - timedelta(days=1), "retired")
    end_post(hr, post_id, today, "moved on to a better post")


def test_a_check_that_is_clear_no_longer_takes_the_start_back(scene) -> None:  # type: ignore[no-untyped-def]
    manager, hr, greta, post = scene
    offered(manager, greta, post)
    cleared(hr, manager, greta, post)
    a_ready_team(hr, manager, post)
    row = the_candidacy(greta, post)
    agree_start(manager, row.id, clock.today(), row.version)
    record_check(hr, row.id, CheckKind.IDENTITY, CheckState.TO_TALK_ABOUT, None, 1)
    row = the_candidacy(greta, post)
    assert row.stage is Stage.CHECKS
    assert session().get_one(Offer, row.id).start_on is None
    with pytest.raises(Refused, match="1 check to go"):
        agree_start(manager, row.id, clock.today(), row.version)


def test_hr_alone_keeps_checks_and_a_manager_learns_clear_or_not_yet(scene) -> None:  # type: ignore[no-untyped-def]
    manager, hr, greta, post = scene
    row = offered(manager, greta, post)
    with pytest.raises(CandidacyNotFound):
        record_check(manager, row.id, CheckKind.IDENTITY, CheckState.CLEAR, None, 0)
    assert checks_of(manager, row.id) == []
    assert chase_list(manager)[0] == []
    record_check(hr, row.id, CheckKind.IDENTITY, CheckState.ASKED, clock.today() + timedelta(days=9), 0)
    with pytest.raises(CandidacyChanged):
        record_check(hr, row.id, CheckKind.IDENTITY, CheckState.CLEAR, None, 0)
    view, for_hr = candidacy_visible_to(manager, row.id), candidacy_visible_to(hr, row.id)
    assert view is not None
    assert for_hr is not None
    assert "identity" not in repr(happenings_of(manager, view))
    assert "identity" in repr(happenings_of(hr, for_hr))
    chased, _ = chase_list(hr)
    assert len(chased) == 6
    assert (chased[-1].kind, chased[-1].is_due) == (CheckKind.IDENTITY, False)
    assert (checks_due(hr), checks_due(manager)) == (5, 0)
    record_check(hr, row.id, CheckKind.IDENTITY, CheckState.ASKED, clock.today(), 1)
    assert checks_due(hr) == sum(one.is_due for one in chase_list(hr)[0]) == 6
    record_check(hr, row.id, CheckKind.IDENTITY, CheckState.CLEAR, None, 2)
    assert checks_due(hr) == sum(one.is_due for one in chase_list(hr)[0]) == 5
    record_check(hr, row.id, CheckKind.IDENTITY, CheckState.ASKED, clock.today() + timedelta(days=9), 3)
    assert checks_in_short(row.id).to_go == 6


def test_a_job_share_takes_two_and_no_more_than_is_funded(scene) -> None:  # type: ignore[no-untyped-def]
    manager, _, greta, post = scene
    ben, cai = a_candidate("Ben"), a_candidate("Cai")
    offered(manager, greta, post)
    with pytest.raises(Refused, match="takes 1 person"):
        offered(manager, ben, post)
    a_pattern(post.id, job_share=True)
    row = the_candidacy(ben, post)
    for much in ("18.76", "37.5"):
        with pytest.raises(Refused, match=r"18\.75 of 37\.5"):
            make_offer(
                manager, row.id, weekly_hours=Decimal(much), band=Band.BAND_3, contract=ContractKind.PERMANENT,
                funding=Funding.SUBSTANTIVE, version=row.version,
            )  # fmt: skip
    make_offer(
        manager, row.id, weekly_hours=Decimal("18.75"), band=Band.BAND_3, contract=ContractKind.PERMANENT,
        funding=Funding.FIXED_TERM, version=row.version,
    )  # fmt: skip
    with pytest.raises(Refused, match="takes 2 people"):
        offered(manager, cai, post)


def test_the_database_counts_what_is_funded(scene) -> None:  # type: ignore[no-untyped-def]
    manager, hr, greta, post = scene
    offered(manager, greta, post, "37.5")
    cleared(hr, manager, greta, post)
    a_ready_team(hr, manager, post)
    row = the_candidacy(greta, post)
    agree_start(manager, row.id, clock.today(), row.version)
    row = the_candidacy(greta, post)
    post_id = start_post(manager, row.id, row.version)
    save_hiring(manager, post.id, anonymous=False, funded_hours=None, places=5, version=0)
    ben = a_candidate("Ben")
    other = a_candidacy(ben, post)
    with transaction() as s:
        extra = Post(
            person_id=other.person_id, team_id=post.team_id, band=Band.BAND_3, weekly_hours=Decimal("0.5"),
            contract=ContractKind.PERMANENT, funding=Funding.SUBSTANTIVE, started_on=clock.today(),
        )  # fmt: skip
        s.add(extra)
    begun = {"post_id": extra.id, "candidacy_id": other.id, "vacancy_id": post.id, "started_at": clock.now()}
    with pytest.raises(DBAPIError, match="funded"), transaction() as s:
        s.execute(insert(PostOrigin).values(begun))
    for statement in (
        "UPDATE post SET weekly_hours = 38 WHERE id IN (SELECT post_id FROM post_origin)",
        "DELETE FROM post_origin",
        "UPDATE employment_check SET by_id = (SELECT person_id FROM candidacy WHERE number = 1)",
    ):
        session().rollback()
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(text(statement))
    with transaction() as s:
        s.execute(text("UPDATE post SET weekly_hours = 30 WHERE id IN (SELECT post_id FROM post_origin)"))
    assert session().get_one(Post, post_id, populate_existing=True).weekly_hours == 30


def test_a_visit_needs_the_visitors_yes_before_a_name_is_told(scene) -> None:  # type: ignore[no-untyped-def]
    manager, hr, _, post = scene
    visitor = signed_in(Role.GRADUATE, name="Vera")
    other = an_open_post(manager, team="Ward S4")
    with transaction() as s:
        s.add(
            Post(
                person_id=visitor.person_id, team_id=other.team_id, band=Band.BAND_3, weekly_hours=Decimal(20),
                contract=ContractKind.PERMANENT, funding=Funding.SUBSTANTIVE,
                started_on=clock.today() - timedelta(days=400),
            )
        )  # fmt: skip
    with pytest.raises(TeamNotFound):
        ask_for_visit(manager, post.team_id, visitor.person_id, None)
    visit = ask_for_visit(hr, post.team_id, visitor.person_id, None)
    assert visits_of(manager, post.team_id) == []
    done = StepSaid("Morgan", None, clock.today())
    with pytest.raises(Refused):
        save_step(manager, post.team_id, TeamStep.VISIT, done, 0)
    with pytest.raises(TeamNotFound):
        answer_visit(signed_in(Role.GRADUATE), visit, True)
    answer_visit(visitor, visit, True)
    assert [one.name for one in visits_of(manager, post.team_id)] == ["Vera Example"]
    save_step(manager, post.team_id, TeamStep.VISIT, done, 0)
    with pytest.raises(StepChanged):
        save_step(manager, post.team_id, TeamStep.VISIT, done, 0)
    with pytest.raises(TeamNotFound):
        save_step(a_manager("Other"), post.team_id, TeamStep.AWARENESS, done, 0)
    answer_visit(visitor, visit, False)
    assert visits_of(manager, post.team_id) == []


def test_the_pages(client, scene) -> None:  # type: ignore[no-untyped-def]
    manager, hr, greta, post = scene
    row = a_candidacy(greta, post, Stage.INTERVIEW, manager)
    at = f"/candidacies/{row.id}"
    client.wear(manager)
    form = {
        "version": row.version,
        "weekly_hours": "40",
        "band": "3",
        "contract": "permanent",
        "funding": "substantive",
    }
    higher = an_open_post(manager, team="Ward S3", band="4", contract="fixed-term")
    begun = client.get(f"/candidacies/{a_candidacy(greta, higher, Stage.INTERVIEW, manager).id}/offer").tree
    assert begun.find(".//option[@selected]").get("value") == "4", "as advertised"
    assert begun.find(".//input[@checked]").get("value") == "fixed-term"
    assert "37.5 funded hours are left" in client.send(f"{at}/offer", form).text
    assert "Choose the band of the post" in client.send(f"{at}/offer", form | {"band": ""}).text
    assert client.send(f"{at}/offer", form | {"weekly_hours": "18.75"}).status == 303
    assert f"{at}/message" in client.get(f"{at}/hiring").links
    row = the_candidacy(greta, post)
    assert client.send(f"{at}/move", {"version": row.version, "to": "checks"}).status == 303
    page = client.get(f"{at}/hiring").words
    assert "Start date cannot be set yet: 6 checks and 5 preparations to go" in page
    assert "Criminal record" not in page
    assert client.get(f"{at}/checks/identity").status == 403
    client.wear(hr)
    assert "Criminal record" in client.get(f"{at}/hiring").words
    assert "Identity" in client.get("/checks").text
    for kind in CheckKind:
        sent = {"version": 0, "state": "clear"}
        assert client.send(f"{at}/checks/{kind.value}".replace(" ", "%20"), sent).status == 303
    assert "No check is waiting" in client.get("/checks").text
    team = f"/teams/{post.team_id}"
    client.wear(manager)
    visit = client.get(f"{team}/steps/visit%20by%20a%20peer%20support%20worker").words
    assert "Human resources asks" in visit
    assert "Human resources asks for you" in client.get(team).words
    client.wear(hr)
    today = clock.today()
    day = {"done_on-day": today.day, "done_on-month": today.month, "done_on-year": today.year}
    assert client.send(f"{team}/steps/line%20supervisor", {"version": 0, **day}).status == 422
    a_ready_team(hr, manager, post)
    assert "This team is ready" in client.get(team).text
    row = the_candidacy(greta, post)
    start = {name.replace("done_on", "start_on"): value for name, value in day.items()}
    assert client.send(f"{at}/start", {"version": row.version, **start}).status == 303
    row = the_candidacy(greta, post)
    begun = client.send(f"{at}/begin", {"version": row.version}, form_at=f"{at}/hiring")
    found = session().scalars(select(Post)).all()[-1]
    assert begun.status == 303
    assert "Robin Lane" in client.get(begun.response.location).text
    client.wear(greta)
    assert "Your post" in client.get(begun.response.location).h1
    client.wear(a_manager("Other"))
    assert client.get(team).status == 404
    assert client.get(f"/posts/{found.id}").status == 404
