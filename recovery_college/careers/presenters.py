"""Facts about vacancies as words and tag colours."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from recovery_college.careers.bands import BandSource
from recovery_college.careers.consideration import ConsiderationAnswer, ConsiderationState
from recovery_college.careers.pay import pay_for_hours
from recovery_college.careers.rules import FULL_TIME_HOURS, PswFlag, ServiceArea, Setting
from recovery_college.careers.second_read_rules import ReadState, days_of
from recovery_college.careers.vacancy_list import VacancyRow
from recovery_college.kernel.wording import day, hours

POSSIBLE = "Possible PSW role"
ANSWERS = {
    ConsiderationAnswer.PSW_POST: "PSW post",
    ConsiderationAnswer.OPEN_TO_BOTH: "Open to both",
    ConsiderationAnswer.NOT_A_PSW_ROLE: "Not a PSW role",
}
STATES = {
    ConsiderationState.NOT_NEEDED: "Not needed",
    ConsiderationState.BAND_NEEDED: "Band needed",
    ConsiderationState.BEFORE_THE_RULE: "Before the rule",
    ConsiderationState.DUE: "Due",
    ConsiderationState.OVERDUE: "Overdue",
    ConsiderationState.RETURNED: "Returned",
    ConsiderationState.PSW_POST: "PSW post",
    ConsiderationState.OPEN_TO_BOTH: "Open to both",
    ConsiderationState.NOT_A_PSW_ROLE: "Not a PSW role",
    ConsiderationState.CLOSED_UNDECIDED: "Closed undecided",
}
_STATE_LOOKS = {
    ConsiderationState.OVERDUE: ("orange", "clock"),
    ConsiderationState.RETURNED: ("yellow", "arrow"),
    ConsiderationState.BAND_NEEDED: ("yellow", "question"),
    ConsiderationState.PSW_POST: ("green", "tick"),
    ConsiderationState.OPEN_TO_BOTH: ("green", "tick"),
    ConsiderationState.NOT_A_PSW_ROLE: ("white", "tick"),
    ConsiderationState.CLOSED_UNDECIDED: ("grey", "pause"),
    ConsiderationState.NOT_NEEDED: ("white", "dot"),
    ConsiderationState.BEFORE_THE_RULE: ("grey", "pause"),
}
_BAND_FROM = {
    BandSource.BAND_FIELD: "as given with the vacancy",
    BandSource.TITLE: "read from the title",
    BandSource.BAND_QUERIED: "the band searched for on NHS Jobs",
    BandSource.PERSON: "read by a person",
}


@dataclass(frozen=True, slots=True)
class Tag:
    """What status_tag draws."""

    text: str
    colour: str
    symbol: str


def flag_tag(flag: PswFlag) -> Tag | None:
    """The tag of the rule's answer; none where the rule asks nothing."""
    if flag is PswFlag.YES:
        return Tag(POSSIBLE, "blue", "flag")
    return Tag("Band not known", "yellow", "question") if flag is PswFlag.UNKNOWN else None


def state_tag(row: VacancyRow) -> Tag | None:
    """The tag of the consideration, with the working days left while it is waited for."""
    if row.state is None:
        return None
    if row.state is ConsiderationState.DUE:
        left = row.days_left
        if left is None:
            return Tag("Due", "blue", "clock")
        if left == 0:
            return Tag("Today", "orange", "clock")
        return Tag(days_left_words(left), "yellow" if left <= 2 else "blue", "clock")
    colour, symbol = _STATE_LOOKS[row.state]
    return Tag(STATES[row.state], colour, symbol)


def days_left_words(days_left: int | None) -> str:
    """Working days left in words; empty when there is no deadline."""
    if days_left is None:
        return ""
    if days_left < 0:
        return f"{-days_left} working day{'' if days_left == -1 else 's'} overdue"
    if days_left == 0:
        return "Due today"
    return f"{days_left} working day{'' if days_left == 1 else 's'} left"


def bands_words(row: VacancyRow) -> str:
    """The bands and where they were read; empty when nobody knows them yet."""
    source = row.vacancy.band_source
    if source is BandSource.UNREADABLE:
        return ""
    if source is BandSource.NOT_AGENDA_FOR_CHANGE:
        return "None: not paid on Agenda for Change"
    return f"{row.bands_in_words}, {_BAND_FROM[source]}"


def pay_words(row: VacancyRow, today: date) -> str:
    """What the band pays for the hours of the vacancy, with the scales it follows from; empty without a band."""
    pay = pay_for_hours(row.bands, row.vacancy.weekly_hours, today)
    if pay is None:
        return ""
    part_time = pay.weekly_hours != FULL_TIME_HOURS
    full = f" (full time {pay.full_time_in_words})" if part_time else ""
    return f"{pay.in_words}{full}, basic pay by the national scales from {day(pay.valid_from)}"


def facts_of(row: VacancyRow, change: dict[str, str], today: date) -> list[dict[str, Any]]:
    """The vacancy as a list of facts; `change` gives the addresses where facts are changed, by key."""
    vacancy = row.vacancy
    facts: list[tuple[str, Any]] = [
        ("Reference", vacancy.reference),
        ("Band", bands_words(row)),
        ("Weekly hours", hours(vacancy.weekly_hours) if vacancy.weekly_hours is not None else ""),
        ("Pay", pay_words(row, today)),
        ("Service area", vacancy.service_area.value.capitalize() if vacancy.service_area else ""),
        ("Setting", vacancy.setting.value.capitalize() if vacancy.setting else ""),
        ("Site", vacancy.site),
        ("Team", row.team),
        ("Directorate", row.directorate),
        ("Employer", vacancy.employer),
        ("Contract", vacancy.contract.value.capitalize() if vacancy.contract else ""),
        ("Posted", day(vacancy.posted_on) if vacancy.posted_on else ""),
        ("Closes", day(vacancy.closes_on) if vacancy.closes_on else ""),
        ("Status", row.status.value.capitalize()),
        ("Recruiting manager", manager_words(row)),
    ]
    return [
        {
            "key": key,
            "value": value,
            "add": _ADD.get(key, ""),
            **({"href": change[key]} if key in change else {}),
        }
        for key, value in facts
    ]


_ADD = {"Closes": "Add the last day to apply", "Team": "Add the team", "Site": "Add the site"}
"""Words of the way to add what is missing, where "Add" and the key would not be English."""


def manager_words(row: VacancyRow) -> str:
    """The manager's name, or the address that belongs to nobody here yet."""
    if row.manager:
        return row.manager
    address = row.vacancy.manager_email
    return f"{address} (does not sign in here yet)" if address else ""


def short_facts(row: VacancyRow) -> str:
    """The vacancy in one line."""
    vacancy = row.vacancy
    parts = [
        row.bands_in_words,
        hours(vacancy.weekly_hours) if vacancy.weekly_hours is not None else "",
        row.team,
        vacancy.site,
        f"closes {day(vacancy.closes_on)}" if vacancy.closes_on else "",
    ]
    return " · ".join(part for part in parts if part)


_READ_TAGS = {
    ReadState.TO_READ: Tag("To read", "yellow", "clock"),
    ReadState.AGREED: Tag("Agreed", "green", "tick"),
    ReadState.REPLY_ASKED: Tag("Reply asked", "blue", "clock"),
    ReadState.TO_SETTLE: Tag("To settle", "yellow", "question"),
    ReadState.SETTLED: Tag("Settled", "white", "tick"),
}


def read_tag(state: ReadState) -> Tag:
    """The tag of a second read."""
    return _READ_TAGS[state]


def quarter_words(quarter: str) -> str:
    """A quarter as people say it: "July to September 2026"."""
    first, last = days_of(quarter)
    return f"{first:%B} to {last:%B} {last.year}"


def snapshot_facts(snapshot: dict[str, Any]) -> list[dict[str, Any]]:
    """The vacancy as an answer rested on it, as a list of facts."""
    hours_a_week = snapshot.get("weekly_hours")
    facts = (
        ("Reference", snapshot.get("reference")),
        ("Band", ", ".join(snapshot.get("bands") or ())),
        ("Weekly hours", hours(Decimal(hours_a_week)) if hours_a_week else ""),
        ("Team", snapshot.get("team")),
        ("Setting", str(snapshot.get("setting") or "").capitalize()),
        ("Service area", str(snapshot.get("service_area") or "").capitalize()),
        ("Site", snapshot.get("site")),
        ("Why it was asked", snapshot.get("why")),
    )
    return [{"key": key, "value": value} for key, value in facts if value]


def kind_of_team(setting: Setting | None, area: ServiceArea | None) -> str:
    """The team in words, as "a ward team" or "a community team for young people"."""
    whose = {
        ServiceArea.YOUNG_PEOPLE: " for young people",
        ServiceArea.ADULT: " for adults",
        ServiceArea.OLDER_PEOPLE: " for older people",
    }
    return f"a{f' {setting.value}' if setting else ''} team{whose[area] if area else ''}"
