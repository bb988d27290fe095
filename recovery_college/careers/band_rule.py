"""The band 2-4 rule as stored: which version holds, from when it counts here, and what it says of a vacancy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.bands import Band, BandReading
from recovery_college.careers.consideration import (
    DAYS_TO_CONSIDER,
    advertised_before_considered,
    consideration_due_on,
    posted_before_rule,
)
from recovery_college.careers.models import Consideration, PswRule, Vacancy
from recovery_college.careers.rules import (
    PswFlag,
    RuleVersion,
    VacancyStatus,
    is_possible_psw_role,
    rule_in_force,
    status_on,
)
from recovery_college.careers.terms_facts import terms_now
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.working_days import BankHolidaysNotKnown, england_bank_holidays

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StoredRule:
    """A version of the rule with the day from which vacancies count here; None: every vacancy counts.

    `days` are the working days a manager has for an answer that is asked for now: a term of the Trust (V3).
    """

    rule: RuleVersion
    go_live_on: date | None
    days: int = DAYS_TO_CONSIDER


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rule says of a vacancy on the day it is asked."""

    flag: PswFlag
    rule_version: int
    why: str
    due_on: date | None


def stored_rules(s: Session) -> dict[int, StoredRule]:
    """Every version of the rule, by its number."""
    days = terms_now(s).days_to_consider
    return {
        row.version: StoredRule(
            RuleVersion(
                row.version,
                tuple(Band(band) for band in row.bands),
                row.valid_from,
                row.valid_to,
                tuple(row.exclusions),
            ),
            row.go_live_on,
            days,
        )
        for row in s.scalars(select(PswRule).order_by(PswRule.version))
    }


def rule_of_today(rules: Mapping[int, StoredRule], today: date) -> StoredRule:
    """The version that flags vacancies today. Raises NoRuleInForce when the dates have a hole or overlap."""
    return rules[rule_in_force([each.rule for each in rules.values()], today).version]


def verdict_of(
    reading: BandReading, title: str, posted_on: date | None, stored: StoredRule, today: date
) -> Verdict:
    """Ask the rule about a vacancy (V2) and set the day by which its manager answers (V3)."""
    flag = is_possible_psw_role(reading, stored.rule, title)
    yes = flag.answer is PswFlag.YES
    due_on = due_day(posted_on, stored.go_live_on, today, stored.days) if yes else None
    return Verdict(flag.answer, flag.rule_version, flag.why[:300], due_on)


def due_day(posted_on: date | None, go_live_on: date | None, asked_on: date, days: int) -> date | None:
    """The last day for the answer, or None: older than the rule, or beyond the table of bank holidays."""
    if posted_before_rule(posted_on, go_live_on):
        return None
    try:
        return consideration_due_on(asked_on, england_bank_holidays(), days)
    except BankHolidaysNotKnown:
        log.warning("bank_holidays_not_known", asked_on=asked_on.isoformat())
        return None


def keep_due_day(vacancy: Vacancy, go_live_on: date | None, today: date, days: int) -> bool:
    """Take the due day from a vacancy older than the rule, give one to one that now counts; whether it moved.

    Both may change under it: the day the rule counts from, and the day the advert is said to have been posted.
    """
    older = posted_before_rule(vacancy.posted_on, go_live_on)
    if vacancy.flag is not PswFlag.YES or older == (vacancy.consideration_due_on is None):
        return False
    vacancy.consideration_due_on = None if older else due_day(vacancy.posted_on, go_live_on, today, days)
    return True


def is_breach(
    flag: PswFlag,
    status: VacancyStatus,
    posted_on: date | None,
    go_live_on: date | None,
    first_considered_on: date | None,
    today: date,
    *,
    arrived_advertised: bool = False,
) -> bool:
    """Whether a possible PSW role was advertised before it was considered (V3), as things stand today.

    A draft that was never posted and is over by its closing day was not seen by anybody, as far as is known.
    """
    seen = posted_on if posted_on is not None and posted_on <= today else None
    if seen is None and status is VacancyStatus.ADVERTISED and posted_on is None:
        seen = today  # on a jobs site, but nobody said since when
    return advertised_before_considered(
        flag=flag,
        advertised_on=seen,
        first_considered_on=first_considered_on,
        go_live_on=go_live_on,
        arrived_advertised=arrived_advertised,
    )


def ask_the_rule(vacancy: Vacancy, reading: BandReading, stored: StoredRule, today: date) -> None:
    """Flag a vacancy anew after its band changed: by the rule of today. An override of HR no longer holds."""
    was = vacancy.flag
    verdict = verdict_of(reading, vacancy.title, vacancy.posted_on, stored, today)
    vacancy.flag, vacancy.rule_version, vacancy.why = verdict.flag, verdict.rule_version, verdict.why
    vacancy.flag_overridden = ""
    if verdict.flag is not was:
        vacancy.flagged_on = None if verdict.flag is PswFlag.NO else today
        vacancy.consideration_due_on = verdict.due_on


def set_go_live(actor: Actor, go_live_on: date | None) -> int:
    """Say from which posting day the rule counts here; None counts every vacancy. Returns vacancies changed.

    Vacancies that come to count have all their working days from today, since nobody was asked before. Raises
    PermissionError for anybody but HR.
    """
    if not may(actor, Permission.VACANCY_EDIT):
        raise PermissionError("only HR sets the go-live date")
    today = clock.today()
    with transaction() as s:
        version = rule_of_today(stored_rules(s), today).rule.version
        row = s.get_one(PswRule, version, with_for_update=True)
        row.go_live_on = go_live_on
        changed = _move_due_days(s, version, go_live_on, today)
        record(
            s,
            actor,
            "set go-live date of the band rule",
            "psw rule",
            version,
            go_live_on=go_live_on.isoformat() if go_live_on else "",
            vacancies=changed,
        )
    return changed


def _move_due_days(s: Session, version: int, go_live_on: date | None, today: date) -> int:
    """Take due days from vacancies older than the rule, and give one to those that now count."""
    first_answers, days = first_considered(s), terms_now(s).days_to_consider
    changed = 0
    statement = select(Vacancy).where(Vacancy.flag == PswFlag.YES, Vacancy.rule_version == version)
    for vacancy in s.scalars(statement.order_by(Vacancy.id).with_for_update()):
        if not keep_due_day(vacancy, go_live_on, today, days):
            continue
        changed += 1
        status = status_on(vacancy.status, vacancy.posted_on, vacancy.closes_on, today)
        vacancy.advertised_before_considered = is_breach(
            PswFlag.YES,
            status,
            vacancy.posted_on,
            go_live_on,
            first_answers.get(vacancy.id),
            today,
            arrived_advertised=True,
        )
        vacancy.version += 1
        vacancy.updated_at = clock.now()
    return changed


def first_considered(s: Session, vacancy_ids: Sequence[object] | None = None) -> dict[object, date]:
    """The day of the first answer ever given, by vacancy; all of them, or only those named."""
    statement = select(Consideration.vacancy_id, Consideration.decided_on).order_by(
        Consideration.decided_on.desc()
    )
    if vacancy_ids is not None:
        statement = statement.where(Consideration.vacancy_id.in_(vacancy_ids))
    return {row[0]: row[1] for row in s.execute(statement)}
