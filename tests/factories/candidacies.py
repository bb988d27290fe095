"""Candidacies for tests, begun by the person's own yes."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.careers.bands import Band
from recovery_college.careers.candidacy_models import Candidacy
from recovery_college.careers.candidacy_rules import Move, Stage
from recovery_college.careers.candidacy_services import move_candidacy
from recovery_college.careers.check_rules import TeamStep
from recovery_college.careers.consent_rules import VacancyAnswerKind
from recovery_college.careers.consent_services import answer_vacancy
from recovery_college.careers.models import Funding, Post, Team, Vacancy
from recovery_college.careers.rules import ContractKind
from recovery_college.careers.team_services import StepSaid, answer_visit, ask_for_visit, save_step
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people.signin import SignedIn
from tests.factories.people import signed_in


def a_candidacy(
    who: SignedIn, vacancy: Vacancy, stage: Stage = Stage.INTERESTED, by: SignedIn | None = None
) -> Candidacy:
    """Somebody's candidacy, moved on by the vacancy's manager to a stage that buttons reach."""
    answer_vacancy(who, vacancy.id, VacancyAnswerKind.YES)
    row = the_candidacy(who, vacancy)
    for onward in (Stage.APPLIED, Stage.SHORTLISTED, Stage.INTERVIEW):
        if row.stage is stage:
            break
        assert by is not None
        move_candidacy(by, row.id, Move(onward), row.version)
        row = the_candidacy(who, vacancy)
    return row


def the_candidacy(who: SignedIn, vacancy: Vacancy) -> Candidacy:
    """The candidacy as it is stored now, apart from the session: it stays as the page would have shown it."""
    session().rollback()
    session().expire_all()
    row = (
        session()
        .scalars(
            select(Candidacy).where(Candidacy.person_id == who.person_id, Candidacy.vacancy_id == vacancy.id)
        )
        .one()
    )
    session().expunge(row)
    return row


def a_ready_team(hr: SignedIn, manager: SignedIn, vacancy: Vacancy) -> None:
    """Prepare the vacancy's team in every step, with a visit that the visitor agreed to."""
    assert vacancy.team_id is not None
    visitor = signed_in(Role.GRADUATE, name="Vera")
    with transaction() as s:
        elsewhere = Team(name=f"Elsewhere {vacancy.reference}")
        s.add(elsewhere)
        s.flush()
        s.add(
            Post(
                person_id=visitor.person_id,
                team_id=elsewhere.id,
                band=Band.BAND_3,
                weekly_hours=Decimal(20),
                contract=ContractKind.PERMANENT,
                funding=Funding.SUBSTANTIVE,
                started_on=clock.today() - timedelta(days=400),
            )
        )
    assert visitor.person_id is not None
    answer_visit(visitor, ask_for_visit(hr, vacancy.team_id, visitor.person_id, None), True)
    today = clock.today()
    for step in TeamStep:
        said = StepSaid("Morgan", None, today, "Robin Lane" if step.names_somebody else "")
        save_step(manager, vacancy.team_id, step, said, 0)
