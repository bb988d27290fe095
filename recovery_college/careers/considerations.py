"""Recording what a recruiting manager decides, and HR's giving it back (V3). No one else ever decides."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.band_rule import due_day, first_considered, is_breach, stored_rules
from recovery_college.careers.bands import Band, in_order
from recovery_college.careers.consideration import (
    OTHER_REASON,
    ConsiderationAnswer,
    Reason,
    check_consideration,
    check_extension,
    check_redeployment,
    posted_before_rule,
)
from recovery_college.careers.consideration_models import ConsiderationDraft, ConsiderationExtension
from recovery_college.careers.deputy_facts import is_their_manager
from recovery_college.careers.models import Consideration, ConsiderationReason, Team, Vacancy, VacancyBand
from recovery_college.careers.rules import PswFlag, status_on
from recovery_college.careers.terms_facts import terms_now
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction

LONGEST_RETURN = 1000


class VacancyNotFound(LookupError):
    """There is no such vacancy, or none that this actor may know of: both are the same answer."""


class VacancyChanged(Exception):
    """Somebody saved this vacancy, or an answer to it, after the page was opened."""


class Refused(ValueError):
    """It cannot be done as things stand; the text says why. `errors` names the boxes, when there are such."""

    def __init__(self, text: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.errors = dict(errors or {})


def reasons_offered(s: Session) -> list[Reason]:
    """The reasons why a post is not a PSW role, in their order, retired ones included."""
    rows = s.scalars(select(ConsiderationReason).order_by(ConsiderationReason.position))
    return [Reason(row.code, row.words, row.retired_on) for row in rows]


def record_consideration(
    actor: Actor,
    vacancy_id: UUID,
    answer: str,
    reason_code: str | None,
    reason_text: str,
    version: int,
    redeployment: str = "",
) -> UUID:
    """Record the answer of the vacancy's own manager, with the vacancy frozen as it is now (V3).

    Where the Trust asks about redeployment first, what came of it is part of the answer and frozen with it.
    `version` is the vacancy's version on the page that was answered. An earlier answer is superseded, never
    overwritten. Raises VacancyNotFound, VacancyChanged, or Refused with what is wrong by box.
    """
    now, today = clock.now(), clock.today()
    with transaction() as s:
        vacancy = own_vacancy(s, actor, vacancy_id)
        errors = check_consideration(answer, reason_code, reason_text, on=today, reasons=reasons_offered(s))
        asks_first = terms_now(s).redeployment_first
        if asks_first:
            errors = {**check_redeployment(redeployment, answer), **errors}
        if errors:
            raise Refused("Check your answer", errors)
        _check_open(vacancy, today)
        chosen = ConsiderationAnswer(answer)
        code = reason_code if chosen is ConsiderationAnswer.NOT_A_PSW_ROLE else None
        text = reason_text.strip() if code == OTHER_REASON else ""
        try:
            claim_version(s, vacancy, version)
        except VacancyChanged:
            # The button was pressed twice: the first press is what counts, and the second is told so.
            s.refresh(vacancy)
            live = live_consideration(s, vacancy.id)
            if live is None or live.returned_at is not None or vacancy.version != version + 1:
                raise
            said = actor.person_id, chosen, code, text
            if said != (live.decided_by, live.answer, live.reason_code, live.reason_text):
                raise
            return live.id
        again = supersede_live(s, vacancy.id, "The manager decided again")
        _note_breach(s, vacancy, today)
        row = Consideration(
            vacancy_id=vacancy.id,
            answer=chosen,
            reason_code=code,
            reason_text=text,
            snapshot=snapshot_of(s, vacancy) | ({"redeployment": redeployment} if asks_first else {}),
            rule_version=vacancy.rule_version,
            due_on=vacancy.consideration_due_on,
            decided_by=actor.person_id,
            decided_on=today,
            decided_at=now,
        )
        s.add(row)
        vacancy.still_right_asked = False
        _drop_draft(s, actor, vacancy.id)
        s.flush()
        record(
            s,
            actor,
            "recorded consideration",
            "vacancy",
            vacancy.id,
            consideration=str(row.id),
            answer=chosen.value,
            reason=code or "",
            again=again,
            deputy=actor.person_id != vacancy.manager_id,
        )
        return row.id


def _check_open(vacancy: Vacancy, today: date) -> None:
    """Refuse where there is nothing to decide: a vacancy that the rule does not flag, or one that is over."""
    if vacancy.flag is not PswFlag.YES:
        raise Refused("This vacancy is not a possible PSW role, so there is nothing to decide.")
    if status_on(vacancy.status, vacancy.posted_on, vacancy.closes_on, today).is_over:
        raise Refused("This vacancy is closed, so there is nothing left to decide.")


def _drop_draft(s: Session, actor: Actor, vacancy_id: UUID) -> None:
    """An answer takes the place of what its writer kept as a draft."""
    s.execute(
        delete(ConsiderationDraft).where(
            ConsiderationDraft.vacancy_id == vacancy_id, ConsiderationDraft.written_by == actor.person_id
        )
    )


def confirm_still_right(actor: Actor, vacancy_id: UUID, version: int) -> None:
    """Say that the answer still holds although the text of the vacancy changed. Only its own manager may."""
    with transaction() as s:
        vacancy = own_vacancy(s, actor, vacancy_id)
        if not vacancy.still_right_asked:
            return
        claim_version(s, vacancy, version)
        vacancy.still_right_asked = False
        record(s, actor, "confirmed consideration", "vacancy", vacancy.id)


def return_consideration(actor: Actor, vacancy_id: UUID, why: str, version: int) -> None:
    """Give a live answer back to its manager, with a reason they see. Only HR may; it decides nothing.

    The manager has as long to look again as anybody who is asked: a return never makes an answer late by itself.
    """
    why = why.strip()
    if not may(actor, Permission.CONSIDERATION_RETURN):
        raise VacancyNotFound
    if not why:
        raise Refused("Write why", {"why": "Write what the manager should look at again."})
    with transaction() as s:
        vacancy = s.get(Vacancy, vacancy_id)
        if vacancy is None:
            raise VacancyNotFound
        live = live_consideration(s, vacancy_id)
        if live is None or live.returned_at is not None:
            raise Refused("There is no answer to return.")
        claim_version(s, vacancy, version)
        live.returned_at, live.returned_why = clock.now(), why[:LONGEST_RETURN]
        if vacancy.consideration_due_on is not None:
            again = due_day(None, None, clock.today(), terms_now(s).days_to_consider)
            vacancy.consideration_due_on = max(vacancy.consideration_due_on, again or clock.today())
        record(s, actor, "returned consideration", "vacancy", vacancy_id, consideration=str(live.id))


def extend_consideration(actor: Actor, vacancy_id: UUID, to_on: date | None, why: str, version: int) -> None:
    """Give the manager more time, with a reason they see. Only HR may; it decides nothing (V4)."""
    why, today = why.strip(), clock.today()
    if not may(actor, Permission.CONSIDERATION_RETURN) or actor.person_id is None:
        raise VacancyNotFound
    with transaction() as s:
        vacancy = s.get(Vacancy, vacancy_id)
        if vacancy is None:
            raise VacancyNotFound
        due_on = vacancy.consideration_due_on
        if due_on is None or not _is_waited_for(s, vacancy, today):
            raise Refused("No answer is waited for, so there is no time to extend.")
        errors = {}
        if not why:
            errors["why"] = "Write why the manager has more time."
        if wrong := check_extension(to_on, due_on, today):
            errors["to_on"] = wrong
        if errors or to_on is None:
            raise Refused("Check the new day", errors)
        claim_version(s, vacancy, version)
        vacancy.consideration_due_on = to_on
        row = ConsiderationExtension(
            vacancy_id=vacancy.id,
            from_on=due_on,
            to_on=to_on,
            why=why[:LONGEST_RETURN],
            extended_by=actor.person_id,
            extended_at=clock.now(),
        )
        s.add(row)
        s.flush()
        record(
            s,
            actor,
            "extended consideration",
            "vacancy",
            vacancy.id,
            was=due_on.isoformat(),
            due=to_on.isoformat(),
        )


def _is_waited_for(s: Session, vacancy: Vacancy, today: date) -> bool:
    """Whether an answer about the vacancy is asked for now (due, overdue or returned)."""
    live = live_consideration(s, vacancy.id)
    rule = stored_rules(s).get(vacancy.rule_version or 0)
    return (
        vacancy.flag is PswFlag.YES
        and (live is None or live.returned_at is not None)
        and not posted_before_rule(vacancy.posted_on, rule.go_live_on if rule else None)
        and not status_on(vacancy.status, vacancy.posted_on, vacancy.closes_on, today).is_over
    )


def own_vacancy(s: Session, actor: Actor, vacancy_id: UUID) -> Vacancy:
    """The vacancy, when the actor records considerations and is its manager or their deputy today.

    Raises VacancyNotFound for everybody else.
    """
    vacancy = s.get(Vacancy, vacancy_id)
    if vacancy is None or not may(actor, Permission.CONSIDERATION_RECORD):
        raise VacancyNotFound
    if not is_their_manager(actor, vacancy, clock.today()):
        raise VacancyNotFound
    return vacancy


def claim_version(s: Session, vacancy: Vacancy, version: int) -> None:
    """Go on only if nobody saved since `version`; two windows at once cannot both pass. Raises VacancyChanged."""
    claimed = s.execute(
        update(Vacancy)
        .where(Vacancy.id == vacancy.id, Vacancy.version == version)
        .values(version=Vacancy.version + 1, updated_at=clock.now())
        .returning(Vacancy.id)
        .execution_options(synchronize_session=False)
    ).first()
    if claimed is None:
        raise VacancyChanged
    s.refresh(vacancy)


def live_consideration(s: Session, vacancy_id: UUID) -> Consideration | None:
    """The answer that counts now, if there is one (a returned one included)."""
    return s.scalar(
        select(Consideration).where(
            Consideration.vacancy_id == vacancy_id, Consideration.superseded_at.is_(None)
        )
    )


def supersede_live(s: Session, vacancy_id: UUID, why: str) -> bool:
    """Let the live answer no longer count and say why; its record stays. False when there was none."""
    live = live_consideration(s, vacancy_id)
    if live is None:
        return False
    live.superseded_at, live.superseded_why = clock.now(), why[:300]
    s.flush()
    return True


def bands_of(s: Session, vacancy_id: UUID) -> tuple[Band, ...]:
    """The bands of one vacancy, lowest first."""
    return in_order(s.scalars(select(VacancyBand.band).where(VacancyBand.vacancy_id == vacancy_id)))


def snapshot_of(s: Session, vacancy: Vacancy) -> dict[str, Any]:
    """The vacancy as the answer rests on it, in words that stay readable in any later version."""
    team = s.get(Team, vacancy.team_id) if vacancy.team_id else None
    return {
        "reference": vacancy.reference,
        "title": vacancy.title,
        "bands": [band.value for band in bands_of(s, vacancy.id)],
        "weekly_hours": str(vacancy.weekly_hours) if vacancy.weekly_hours is not None else None,
        "team": team.name if team else "",
        "setting": vacancy.setting.value if vacancy.setting else None,
        "service_area": vacancy.service_area.value if vacancy.service_area else None,
        "site": vacancy.site,
        "contract": vacancy.contract.value if vacancy.contract else None,
        "posted_on": vacancy.posted_on.isoformat() if vacancy.posted_on else None,
        "closes_on": vacancy.closes_on.isoformat() if vacancy.closes_on else None,
        "description": vacancy.description,
        "why": vacancy.why,
    }


def _note_breach(s: Session, vacancy: Vacancy, today: date) -> None:
    """Keep that it was advertised before anybody considered it, now that the first answer comes."""
    rule = stored_rules(s).get(vacancy.rule_version or 0)
    first = first_considered(s, [vacancy.id]).get(vacancy.id, today)
    breach = is_breach(
        vacancy.flag,
        status_on(vacancy.status, vacancy.posted_on, vacancy.closes_on, today),
        vacancy.posted_on,
        rule.go_live_on if rule else None,
        first,
        today,
    )
    vacancy.advertised_before_considered = vacancy.advertised_before_considered or breach
