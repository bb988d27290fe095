"""The demo's vacancies: some forty, of every band and in every state that a manager and HR meet."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.careers.band_rule import set_go_live
from recovery_college.careers.consideration import OTHER_REASON, ConsiderationAnswer
from recovery_college.careers.considerations import record_consideration, return_consideration
from recovery_college.careers.intake import take_in
from recovery_college.careers.models import Vacancy
from recovery_college.careers.rules import ContractKind, VacancySource
from recovery_college.careers.vacancy_row import GivenVacancy
from recovery_college.demo.cohorts import SITES, on
from recovery_college.demo.earlier import MadeTeam
from recovery_college.demo.people import DOMAIN, DemoActor
from recovery_college.demo.timeline import Timeline

GO_LIVE_DAYS_AGO = 150
EMPLOYER = "Fenside NHS Foundation Trust"
PERMANENT, FIXED, BANK, APPRENTICE = ContractKind
PSW, BOTH, NOT = ConsiderationAnswer


@dataclass(frozen=True, slots=True)
class Story:
    """One vacancy, in days before today: when it arrived, was or will be posted, and closes.

    `manager` is the key of somebody who signs in, an address nobody has, or empty. `answer` is what was
    decided, how many days before today, and the reason; `returned` is why HR gave it back.
    """

    title: str
    band: str
    hours: str
    team: str
    arrived: int
    posted: int | None
    closes: int | None
    manager: str
    answer: tuple[ConsiderationAnswer, int, str, str] | None = None
    contract: ContractKind | None = PERMANENT
    returned: str = ""


_M, _W = "manager", "manager.wards"
_AC, _AS, _EI, _CR = (
    "Adult community team Alderbridge",
    "Adult community team Saltmere",
    "Early intervention team",
    "Crisis and home treatment team",
)
_CN, _CC, _OC, _ME = (
    "Children’s team north",
    "Children’s team central",
    "Older people’s community team",
    "Memory service",
)
_HE, _KI, _WI = "Heron Ward", "Kingfisher Ward", "Willow Ward"
STORIES = (
    # For the manager who signs in: due in the next days, overdue, decided.
    Story("Support worker", "Band 3", "22.5", _AC, 0, None, None, _M),
    Story("Community support worker", "Band 3", "37.5", _AS, 1, None, None, _M),
    Story("Assistant practitioner", "Bands 3-4", "30", _EI, 2, -6, -30, _M),
    Story("Family support worker", "NHS AfC: Band 4", "18.75", _CC, 1, 1, -20, _M, contract=FIXED),
    Story("Team administrator", "Band 3", "37.5", _AC, 12, None, None, _M),
    Story("Support, time and recovery worker", "Band 3", "37.5", _CR, 19, 17, -9, _M),
    Story("Healthcare assistant, community", "Band 2/3", "30", _OC, 26, 24, -4, _M),
    Story("Peer engagement worker", "Band 3", "15", _CN, 40, 33, -2, _M, (PSW, 36, "", "")),
    Story("Youth support worker", "Band 4", "22.5", _CC, 55, 48, 20, _M, (BOTH, 50, "", "")),
    Story("Recovery worker", "Band 3", "37.5", _EI, 62, 55, 27, _M, (PSW, 56, "", ""), FIXED),
    Story("Medical secretary", "Band 4", "37.5", _AC, 70, 63, 35, _M, (NOT, 66, "no-contact", "")),
    Story("Physiotherapy assistant", "Band 3", "18.75", _OC, 81, 80, 52, _M, (NOT, 64, "qualification", "")),
    Story(
        "Volunteer co-ordinator", "Band 4", "20", _AS, 94, 90, 60, _M,
        (NOT, 88, OTHER_REASON, "Shared with another Trust, whose panel chose the role."),
    ),
    Story("Support worker, evenings", "Band 2 to Band 3", "15", _CR, 104, 104, 76, _M),
    Story(
        "Clinic assistant", "Band 3", "22.5", _AS, 18, None, None, _M, (NOT, 15, "team-not-ready", ""),
        returned="The team has had its awareness training since. Would you look at this once more?",
    ),
    # For the wards' manager.
    Story("Healthcare support worker", "Band 2", "37.5", _HE, 2, None, None, _W),
    Story("Healthcare support worker, nights", "Band 2", "34.5", _KI, 3, 3, -18, _W, contract=BANK),
    Story("Activity co-ordinator", "Band 4", "30", _WI, 16, 15, -6, _W),
    Story("Ward clerk", "Band 3", "37.5", _HE, 44, 40, 12, _W, (NOT, 42, "no-contact", "")),
    Story("Ward peer worker", "Band 3", "22.5", _KI, 51, 45, 17, _W, (PSW, 46, "", "")),
    Story("Healthcare support worker", "3", "37.5", _WI, 75, 72, 44, _W, (BOTH, 70, "", "")),
    Story("Apprentice support worker", "Band 2", "37.5", _HE, 88, 80, 50, _W, (BOTH, 84, "", ""), APPRENTICE),
    Story("Housekeeper", "Band 2", "20", _WI, 97, 95, 60, _W, (NOT, 93, "funding", "")),
    Story("Senior support worker", "Band 4 (Annex 21)", "37.5", _KI, 110, 108, 80, _W, (BOTH, 95, "", "")),
    # Nobody to ask: no address, or one that HR has not confirmed.
    Story("Support worker, memory clinic", "Band 3", "22.5", _ME, 4, 4, -16, "lead.memory@demo.example"),
    Story("Reception assistant", "Band 2", "30", _AS, 9, None, None, ""),
    # The band cannot be read: a person is asked.
    Story("Wellbeing coach", "See advert", "37.5", _EI, 3, 3, -14, _M),
    Story("Community connector", "", "22.5", _AS, 6, 5, -12, _M),
    Story("Bank support worker", "Band 12", "7.5", _KI, 8, 8, -25, _W, contract=BANK),
    Story("Link worker", "B3", "30", "", 5, 5, -10, ""),
    # Other bands, and none: nothing to consider.
    Story("Domestic assistant", "Band 1", "20", _WI, 35, 33, 5, _W),
    Story("Staff nurse", "Band 5", "37.5", _HE, 14, 12, -16, _W),
    Story("Occupational therapist", "Bands 5 to 6", "37.5", _KI, 21, 20, -8, _W),
    Story("Community mental health nurse", "Band 6", "37.5", _AC, 28, 26, -2, _M),
    Story("Team manager", "Band 7", "37.5", _CN, 33, 30, 2, _M),
    Story("Clinical psychologist", "Band 8a", "37.5", _CC, 11, 10, -18, _M),
    Story("Consultant psychologist", "Band 8c", "30", _ME, 48, 45, 17, _M),
    Story("Head of therapies", "Band 8d", "37.5", "", 60, 58, 30, ""),
    Story("Director of nursing", "Band 9", "37.5", "", 72, 70, 42, ""),
    Story("Consultant psychiatrist", "Consultant", "40", _CR, 24, 22, -6, _M),
    Story("Chief finance officer", "VSM", "37.5", "", 66, 64, 36, ""),
    # Posted before the rule went live here: flagged, never due.
    Story("Support worker", "Band 3", "37.5", _OC, 170, 165, -10, _M),
    Story("Healthcare assistant", "Band 2", "30", _WI, 190, 185, 120, _W),
    # Open to peer support workers now.
    Story("Peer support worker", "Band 3", "22.5", _AC, 12, 6, -15, _M, (PSW, 9, "", "")),
    Story("Peer support worker, early intervention", "Band 3", "37.5", _EI, 14, 7, -12, _M, (PSW, 10, "", "")),
    Story("Support worker, older people", "Band 2/3", "15", _OC, 13, 5, -20, _M, (BOTH, 8, "", "")),
    Story("Ward peer support worker", "Band 3", "30", _KI, 16, 8, -9, _W, (PSW, 12, "", "")),
    Story("Youth peer worker", "Band 4", "18.75", _CN, 11, 4, -25, _M, (PSW, 6, "", "")),
)  # fmt: skip


def add_vacancies(
    timeline: Timeline, people: dict[str, DemoActor], teams: dict[str, MadeTeam], today: date
) -> None:
    """Let HR set the day the rule goes live, the vacancies arrive, and their managers answer."""
    hr = people["hr"]
    go_live_on = today - timedelta(days=GO_LIVE_DAYS_AGO)
    timeline.do(on(go_live_on - timedelta(days=60), 9), lambda s: set_go_live(hr, go_live_on))
    for number, story in enumerate(STORIES, start=1):
        _add(timeline, people, teams, number, story, today)


def _add(
    timeline: Timeline,
    people: dict[str, DemoActor],
    teams: dict[str, MadeTeam],
    number: int,
    story: Story,
    today: date,
) -> None:
    hr, manager = people["hr"], people.get(story.manager)
    given = _given(number, story, teams, today)
    arrived_on = today - timedelta(days=story.arrived)
    timeline.do(on(arrived_on, 9, number), lambda s: take_in(s, hr, [given]))
    if story.answer is None or manager is None:
        return
    answer, days, code, text = story.answer

    def decide(s: Session) -> None:
        vacancy_id, version = _now(s, given.reference)
        record_consideration(manager, vacancy_id, answer.value, code or None, text, version)

    timeline.do(on(today - timedelta(days=days), 14, number), decide)
    if story.returned:

        def give_back(s: Session) -> None:
            vacancy_id, version = _now(s, given.reference)
            return_consideration(hr, vacancy_id, story.returned, version)

        timeline.do(on(today - timedelta(days=days - 12), 11, number), give_back)


def _now(s: Session, reference: str) -> tuple[UUID, int]:
    """The id of a vacancy and its version at this moment."""
    row = s.execute(select(Vacancy.id, Vacancy.version).where(Vacancy.reference == reference)).one()
    return row.id, row.version


def _given(number: int, story: Story, teams: dict[str, MadeTeam], today: date) -> GivenVacancy:
    """The vacancy as HR's table says it."""
    arrived_on = today - timedelta(days=story.arrived)
    team = teams[story.team] if story.team else None
    site = SITES[number % 2]
    place = f"for {team.name}" if team else "for the Trust"
    is_key = bool(story.manager) and "@" not in story.manager
    said = {
        "title": story.title,
        "band": story.band,
        "weekly_hours": Decimal(story.hours),
        "service_area": team.service_area if team else None,
        "setting": team.setting if team else None,
        "team": team.name if team else "",
        "site": site,
        "employer": EMPLOYER,
        "contract": story.contract,
        "posted_on": None if story.posted is None else today - timedelta(days=story.posted),
        "closes_on": None if story.closes is None else today - timedelta(days=story.closes),
        "manager_email": f"{story.manager}@{DOMAIN}" if is_key else story.manager,
        "description": f"A made-up vacancy {place} in {site}. You would work {story.hours} hours a week with "
        "people who use the service and those close to them.",
    }
    # One reference looks like a band, as real ones do: no band is ever read from it.
    reference = "B3-1234" if story.title == "Link worker" else f"FEN-{arrived_on:%y}-{400 + number}"
    return GivenVacancy(number, reference, VacancySource.TABLE, MappingProxyType(said))
