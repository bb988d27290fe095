"""Made-up vacancies as rows, flagged by the careers room's own rules as of the day each arrived."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from recovery_college.careers.bands import BandReading, read_bands
from recovery_college.careers.consideration import (
    ConsiderationAnswer,
    advertised_before_considered,
    consideration_due_on,
    posted_before_rule,
)
from recovery_college.careers.models import Consideration, Vacancy, VacancyBand
from recovery_college.careers.rules import (
    RULE_V1,
    ContractKind,
    Flag,
    PswFlag,
    VacancySource,
    VacancyStatus,
    is_possible_psw_role,
    status_on,
)
from recovery_college.demo.cohorts import on
from recovery_college.demo.earlier import MadeTeam
from recovery_college.demo.rows import Rows
from recovery_college.kernel.working_days import england_bank_holidays


@dataclass(frozen=True, slots=True)
class Advert:
    """A vacancy as a Trust would hand it in. `arrived_on` is the day it was entered and so flagged."""

    reference: str
    title: str
    band: str
    weekly_hours: Decimal | None
    team: MadeTeam | None
    contract: ContractKind | None
    site: str
    arrived_on: date
    posted_on: date | None
    closes_on: date | None
    manager_email: str
    manager_id: UUID | None
    employer: str
    description: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What its manager decided, and when."""

    answer: ConsiderationAnswer
    decided_on: date
    reason_code: str | None = None
    reason_text: str = ""


@dataclass(frozen=True, slots=True)
class AddedVacancy:
    """A vacancy that was gathered, with what the rule said."""

    id: UUID
    flag: PswFlag
    due_on: date | None


@lru_cache(maxsize=4096)
def _reading(band: str, title: str) -> tuple[BandReading, Flag]:
    """The same few words come thousands of times in a large college."""
    reading = read_bands(band, title)
    return reading, is_possible_psw_role(reading, RULE_V1, title)


@lru_cache(maxsize=4096)
def _due_on(arrived_on: date) -> date:
    return consideration_due_on(arrived_on, england_bank_holidays())


def add_vacancy(
    rows: Rows, advert: Advert, go_live_on: date, today: date, answer: Answer | None = None
) -> AddedVacancy:
    """Gather a vacancy with its bands, and its manager's answer if there is one."""
    reading, flag = _reading(advert.band, advert.title)
    asked = flag.answer is PswFlag.YES
    older = posted_before_rule(advert.posted_on, go_live_on)
    due_on = _due_on(advert.arrived_on) if asked and not older else None
    seen_on = advert.posted_on if advert.posted_on and advert.posted_on <= today else None
    breach = advertised_before_considered(
        flag=flag.answer,
        advertised_on=seen_on,
        first_considered_on=answer.decided_on if answer else None,
        go_live_on=go_live_on,
        arrived_advertised=seen_on is not None and seen_on <= advert.arrived_on,
    )
    team = advert.team
    status = status_on(VacancyStatus.DRAFT, advert.posted_on, advert.closes_on, today)
    arrived_at = on(advert.arrived_on, 9, 15)
    vacancy_id = rows.add(
        Vacancy,
        reference=advert.reference,
        source=VacancySource.TABLE,
        source_id=None,
        employer=advert.employer,
        title=advert.title,
        band_text=advert.band,
        band_source=reading.source.value,
        weekly_hours=advert.weekly_hours,
        service_area=team.service_area if team else None,
        setting=team.setting if team else None,
        site=advert.site,
        team_id=team.id if team else None,
        directorate_id=team.directorate_id if team else None,
        contract=advert.contract,
        salary="",
        posted_on=advert.posted_on,
        closes_on=advert.closes_on,
        manager_email=advert.manager_email,
        manager_id=advert.manager_id,
        url="",
        description=advert.description,
        status=status,
        flag=flag.answer,
        flag_overridden="",
        rule_version=flag.rule_version,
        why=flag.why[:300],
        flagged_on=None if flag.answer is PswFlag.NO else advert.arrived_on,
        consideration_due_on=due_on,
        advertised_before_considered=breach,
        still_right_asked=False,
        version=2 if answer else 1,
        created_at=arrived_at,
        updated_at=on(answer.decided_on, 14, 30) if answer else arrived_at,
    )
    for band in reading.bands:
        rows.link(VacancyBand, {"vacancy_id": vacancy_id, "band": band})
    if answer is not None and advert.manager_id is not None:
        snapshot = _snapshot(advert, reading, flag)
        _add_answer(rows, vacancy_id, advert.manager_id, answer, snapshot, flag.rule_version, due_on)
    return AddedVacancy(vacancy_id, flag.answer, due_on)


def _add_answer(
    rows: Rows,
    vacancy_id: UUID,
    manager_id: UUID,
    answer: Answer,
    snapshot: Mapping[str, Any],
    rule_version: int,
    due_on: date | None,
) -> None:
    rows.add(
        Consideration,
        vacancy_id=vacancy_id,
        answer=answer.answer,
        reason_code=answer.reason_code,
        reason_text=answer.reason_text,
        snapshot=dict(snapshot),
        rule_version=rule_version,
        due_on=due_on,
        decided_by=manager_id,
        decided_on=answer.decided_on,
        decided_at=on(answer.decided_on, 14, 30),
        superseded_at=None,
        superseded_why="",
        returned_at=None,
        returned_why="",
    )


def _snapshot(advert: Advert, reading: BandReading, flag: Flag) -> dict[str, Any]:
    """The vacancy as the answer rests on it."""
    team = advert.team
    return {
        "reference": advert.reference,
        "title": advert.title,
        "bands": [band.value for band in reading.bands],
        "weekly_hours": str(advert.weekly_hours) if advert.weekly_hours is not None else None,
        "team": team.name if team else "",
        "setting": team.setting.value if team else None,
        "service_area": team.service_area.value if team else None,
        "site": advert.site,
        "contract": advert.contract.value if advert.contract else None,
        "posted_on": advert.posted_on.isoformat() if advert.posted_on else None,
        "closes_on": advert.closes_on.isoformat() if advert.closes_on else None,
        "description": advert.description,
        "why": flag.why,
    }
