"""A deputy does what the manager does about a vacancy and its team, and never meets its candidates (P1, V4)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from recovery_college.access.rules import Role
from recovery_college.careers.candidacy_queries import candidacy_visible_to
from recovery_college.careers.candidacy_rules import Move, Stage
from recovery_college.careers.candidacy_services import CandidacyNotFound, move_candidacy, save_hiring
from recovery_college.careers.check_rules import TeamStep
from recovery_college.careers.consent_queries import profile_as_manager_sees, profiles_as_manager_sees
from recovery_college.careers.considerations import VacancyNotFound
from recovery_college.careers.deputy_services import end_deputy, name_deputy
from recovery_college.careers.team_services import StepSaid, TeamNotFound, save_step
from recovery_college.kernel import clock
from tests.factories.candidacies import a_candidacy
from tests.factories.candidates import a_candidate, an_open_post
from tests.factories.careers import a_manager, email_of
from tests.factories.people import signed_in
from tests.page_client import PageClient


def test_a_deputy_does_what_the_manager_does_and_meets_nobody(client: PageClient) -> None:
    manager, deputy, greta = a_manager(), a_manager("Deputy"), a_candidate()
    post = an_open_post(manager, team="Ward S3")
    team_id = post.team_id
    assert team_id is not None
    row = a_candidacy(greta, post, Stage.SHORTLISTED, manager)
    at, hiring, candidates = f"/vacancies/{post.id}", f"/vacancies/{post.id}/hiring", "/pipeline"
    client.wear(deputy)
    assert [client.get(one).status for one in (at, hiring, f"/teams/{team_id}")] == [404, 404, 404]

    naming = name_deputy(manager, email_of(deputy), clock.today(), clock.today() + timedelta(days=3))
    shown = client.get(at)
    assert "Prepare the team" in shown.words
    assert "a person says yes to one manager" in shown.words
    assert hiring not in shown.text
    assert client.get(f"{at}/edit").status == 200
    assert client.get(f"{at}/days").status == 200
    assert client.get(f"/teams/{team_id}").status == 200
    save_step(deputy, team_id, TeamStep.AWARENESS, StepSaid("Deputy", None, clock.today()), 0)

    assert client.get(hiring).status == 403
    assert client.get(f"/candidacies/{row.id}").status == 404
    assert client.get(f"{at}/candidates/{greta.person_id}").status == 404
    for page in (
        client.get(candidates),
        client.get(f"{at}/candidates"),
        client.get(f"/pipeline?vacancy={post.id}"),
    ):
        assert "Greta" not in page.text
        assert "uman resources helps" in page.words
    assert candidacy_visible_to(deputy, row.id) is None
    assert profile_as_manager_sees(deputy, greta.person_id, post.id) is None
    assert profiles_as_manager_sees(deputy, post.id) == []
    with pytest.raises(CandidacyNotFound):
        move_candidacy(deputy, row.id, Move(Stage.INTERVIEW), row.version)
    with pytest.raises(VacancyNotFound):
        save_hiring(deputy, post.id, anonymous=False, funded_hours=Decimal(30), places=1, version=0)
    assert candidacy_visible_to(signed_in(Role.HR), row.id) is not None, "HR helps"

    end_deputy(manager, naming)
    assert [client.get(one).status for one in (at, hiring, f"/teams/{team_id}")] == [404, 404, 404]
    with pytest.raises(TeamNotFound):
        save_step(deputy, team_id, TeamStep.AWARENESS, StepSaid("Deputy", None, clock.today()), 1)
