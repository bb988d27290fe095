"""Candidacies for tests, begun by the person's own yes."""

from sqlalchemy import select

from recovery_college.careers.candidacy_models import Candidacy
from recovery_college.careers.candidacy_rules import Move, Stage
from recovery_college.careers.candidacy_services import move_candidacy
from recovery_college.careers.consent_rules import VacancyAnswerKind
from recovery_college.careers.consent_services import answer_vacancy
from recovery_college.careers.models import Vacancy
from recovery_college.kernel.db import session
from recovery_college.people.signin import SignedIn


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
