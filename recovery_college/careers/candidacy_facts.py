"""Which candidacies an actor may know of, as conditions that every list of them shares.

Whether a yes stands, a team is blocked or the line manager is the recruiting manager is asked in the same statement
as the rows, so that what is withdrawn is gone on the next click (P1).
"""

from datetime import date

from sqlalchemy import ColumnElement, and_, case, exists, false, or_
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.careers.candidacy_models import Candidacy
from recovery_college.careers.candidacy_rules import PATIENCE, Stage
from recovery_college.careers.candidate_facts import keeps_away, leads_the_candidate, still_a_candidate
from recovery_college.careers.consent_models import VacancyAnswer
from recovery_college.careers.consent_rules import VacancyAnswerKind
from recovery_college.careers.deputy_facts import hires_for
from recovery_college.careers.vacancy_list import is_over_today
from recovery_college.kernel import clock


def yes_stands() -> ColumnElement[bool]:
    """Whether the newest word of the person on the vacancy is yes."""
    later = aliased(VacancyAnswer)
    return exists().where(
        VacancyAnswer.person_id == Candidacy.person_id,
        VacancyAnswer.vacancy_id == Candidacy.vacancy_id,
        VacancyAnswer.answer == VacancyAnswerKind.YES,
        ~exists().where(
            later.person_id == VacancyAnswer.person_id,
            later.vacancy_id == VacancyAnswer.vacancy_id,
            later.number > VacancyAnswer.number,
        ),
    )


def visible(actor: Actor) -> ColumnElement[bool]:
    """The candidacies this actor may know of (trust.md): never their own, and never without a standing yes."""
    if actor.person_id is None or not may(actor, Permission.PIPELINE_SEE):
        return false()
    shown = and_(
        Candidacy.person_id != actor.person_id,
        ~leads_the_candidate(actor.person_id),
        yes_stands(),
        ~keeps_away(Candidacy.person_id),
        or_(Candidacy.stage == Stage.IN_POST, still_a_candidate(Candidacy.person_id)),
        or_(
            Candidacy.stage != Stage.NOT_PROGRESSING,
            ~is_over_today(clock.today()),
        ),
    )
    if actor.role is Role.MANAGER:
        return and_(hires_for(actor), shown)
    return shown


def has_waited(today: date) -> ColumnElement[bool]:
    """`candidacy_rules.has_waited_too_long` in SQL; a test holds both to the same answers."""
    longest = {stage: date.fromordinal(today.toordinal() - days) for stage, days in PATIENCE.items()}
    too_long = or_(
        *(and_(Candidacy.stage == stage, Candidacy.stage_on < day) for stage, day in longest.items())
    )
    return and_(
        Candidacy.stage.in_(list(PATIENCE)),
        case((Candidacy.next_step_on.is_not(None), Candidacy.next_step_on < today), else_=too_long),
    )
