"""Asked after 1, 4 and 12 months how it goes: written down in a line that the holder of the post reads (P7)."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.careers.bands import Band
from recovery_college.careers.considerations import Refused
from recovery_college.careers.deputy_models import TeamManager
from recovery_college.careers.models import Funding, Post, Team
from recovery_college.careers.post_services import FollowUpChanged, PostNotFound, record_follow_up
from recovery_college.careers.rules import ContractKind
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.people.signin import SignedIn
from tests.factories.careers import a_manager
from tests.factories.people import signed_in
from tests.page_client import PageClient


def a_post(who: SignedIn, manager: SignedIn) -> UUID:
    """Somebody in post for three months, in a team that the manager leads."""
    with transaction() as s:
        team = Team(name="Ward S3")
        s.add(team)
        s.flush()
        post = Post(
            person_id=who.person_id, team_id=team.id, band=Band.BAND_3, weekly_hours=Decimal(20),
            contract=ContractKind.PERMANENT, funding=Funding.SUBSTANTIVE,
            started_on=clock.today() - timedelta(days=90),
        )  # fmt: skip
        s.add_all([post, TeamManager(team_id=team.id, person_id=manager.person_id, since_on=clock.today())])
        s.flush()
        return post.id


def test_what_was_said_is_written_down_and_its_holder_reads_it(client: PageClient) -> None:
    greta, manager = signed_in(Role.GRADUATE, name="Greta"), a_manager()
    post_id = a_post(greta, manager)
    here = f"/posts/{post_id}"
    client.wear(manager)
    assert "Write down what was said" in client.get(here).words
    assert client.send(f"{here}/follow-up/1", {}).status == 422
    today = clock.today()
    said = {f"asked_on-{part}": getattr(today, part) for part in ("day", "month", "year")}
    said |= {"words": "Settled, and enjoys the group", "version": 0}
    assert client.send(f"{here}/follow-up/1", said).status == 303
    assert client.send(f"{here}/follow-up/1", {**said, "words": "Otherwise"}).status == 409
    assert client.get(f"{here}/follow-up/2").status == 404
    client.wear(greta)
    page = client.get(here)
    assert "Settled, and enjoys the group" in page.words
    assert "Write down" not in page.words
    assert client.get(f"{here}/follow-up/1").status == 403


def test_only_who_cares_for_the_post_and_never_their_own(app: Flask) -> None:
    greta, manager, today = signed_in(Role.GRADUATE, Role.HR), a_manager(), clock.today()
    post_id = a_post(greta, manager)
    for actor in (a_manager("Other"), signed_in(Role.AUDITOR), greta):
        with pytest.raises(PostNotFound):
            record_follow_up(actor, post_id, 1, today, "x", 0)
    with pytest.raises(PostNotFound):
        record_follow_up(manager, post_id, 2, today, "x", 0)
    for wrong in (today + timedelta(days=1), today - timedelta(days=91)):
        with pytest.raises(Refused):
            record_follow_up(manager, post_id, 1, wrong, "x", 0)
    record_follow_up(manager, post_id, 1, today, "x", 0)
    record_follow_up(manager, post_id, 1, today, "x", 0)
    with pytest.raises(FollowUpChanged):
        record_follow_up(signed_in(Role.HR), post_id, 1, today, "y", 0)
