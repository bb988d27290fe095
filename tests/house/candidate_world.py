"""What graduates and students would like and share, on both sides of the world (P1)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.careers.candidacy_rules import Stage
from recovery_college.careers.consent_models import CandidateBlock
from recovery_college.careers.consent_rules import (
    COUNTED,
    ApplicationWay,
    ConsentField,
    ConsentPurpose,
    VacancyAnswerKind,
)
from recovery_college.careers.consent_services import answer_vacancy, ask_to_go_on, block, save_consents
from recovery_college.careers.deputy_services import name_deputy
from recovery_college.careers.preference_rules import SiteEase, Wishes
from recovery_college.careers.preference_services import save_statement, save_wishes
from recovery_college.careers.rules import Setting
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from tests.factories.candidacies import a_candidacy
from tests.factories.candidates import a_candidate, an_open_post
from tests.factories.careers import a_manager, email_of

if TYPE_CHECKING:
    from tests.house.world import Side

INTRODUCE, MANAGER = ConsentPurpose.INTRODUCE, ConsentPurpose.MANAGER
# The graduate shares a statement with everybody who may ask, and places with managers alone; the student nothing.
# Who said yes to a manager who is away shares with that manager, and with HR; their deputy meets nothing of it.
AWAY = frozenset({"statement for who is away"})
CANDIDATE_SEES: dict[str, frozenset[str]] = {
    "graduate": frozenset({"shared statement", "place wished for"}),
    "student": frozenset({"unshared statement"}),
    "manager": frozenset({"shared statement", "place wished for"}),
    "hr": frozenset({"shared statement", *AWAY}),
    "admin": frozenset({"shared statement", *AWAY}),
}
CANDIDATE_MET = (
    ("graduate", "place wished for"),
    ("student", "unshared statement"),
    ("manager", "place wished for"),
    ("hr", "shared statement"),
    ("hr", "statement for who is away"),
)


def candidate_world(side: Side, post_id: UUID) -> None:
    """A graduate and a student who said yes to the side's post, each with somebody they keep away from."""
    graduate, student = side.actors[Role.GRADUATE], side.actors[Role.STUDENT]
    place = side.canary("place wished for", f"Canaryplace{side.name}")
    # Two things are missing of the other side's post, so that nobody there may know of this graduate.
    wishes = Wishes(
        sites={place: SiteEase.EASILY, f"Town {side.name}": SiteEase.EASILY},
        settings=frozenset({Setting.WARD if side.name == "mine" else Setting.COMMUNITY}),
    )
    save_wishes(graduate, wishes, 0)
    save_statement(graduate, side.canary("shared statement"), 0)
    save_statement(student, side.canary("unshared statement"), 0)
    shared = {(field, INTRODUCE) for field in (ConsentField.NAME, ConsentField.STATEMENT)}
    shared |= {(field, MANAGER) for field in (ConsentField.NAME, ConsentField.STATEMENT, ConsentField.PLACES)}
    save_consents(graduate, {COUNTED, *shared})
    save_consents(student, {COUNTED})
    ask_to_go_on(graduate, post_id, ApplicationWay.INTRODUCTION)
    answer_vacancy(student, post_id, VacancyAnswerKind.YES)
    kept_away = a_manager(f"Zed {side.name}")  # last in every list: the first is not kept away from yet
    for actor in (graduate, student):
        block(actor, manager_id=kept_away.person_id)
        side.own[actor.role, "block_id"] = session().scalar(
            select(CandidateBlock.id).where(CandidateBlock.person_id == actor.person_id)
        )
    side.values["block_id"] = side.own[Role.GRADUATE, "block_id"]
    side.own["careers.my_looking", "deed"] = "pause"
    side.own["careers.my_job_answer", "deed"] = "introduction"
    for endpoint in ("candidate_list", "candidate_show", "candidate_introduce"):
        side.own[f"careers.{endpoint}", "vacancy_id"] = post_id
        side.own[f"careers.{endpoint}", "person_id"] = graduate.person_id
    for endpoint in ("consent_show", "availability_edit"):
        side.own[f"careers.{endpoint}", "person_id"] = graduate.person_id
    _away(side)


def _away(side: Side) -> None:
    """The side's manager stands in for one who is away, and to whose vacancy somebody said yes."""
    away, who = a_manager(f"Away {side.name}"), a_candidate(f"Wren {side.name}")
    post = an_open_post(away, reference=f"AWAY-{side.name}", site="Nowhere else")
    save_statement(who, side.canary("statement for who is away"), 0)
    fields, purposes = (ConsentField.NAME, ConsentField.STATEMENT), (INTRODUCE, MANAGER)
    save_consents(who, {COUNTED, *((field, purpose) for field in fields for purpose in purposes)})
    a_candidacy(who, post, Stage.SHORTLISTED, away)
    name_deputy(away, email_of(side.actors[Role.MANAGER]), clock.today(), None)
