"""The demo before this system: ten cohorts, 118 graduates, their posts, and what was reported at the time."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from recovery_college.careers.bands import Band
from recovery_college.careers.models import Directorate, Funding, Post, Team
from recovery_college.careers.rules import ContractKind, ServiceArea, Setting
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.demo.cohorts import SITES, WEEK, CohortPlan, Course, add_cohort, add_place, on
from recovery_college.demo.people import PEER_TUTOR, Register
from recovery_college.demo.rows import Rows
from recovery_college.graduation.models import Graduation, GraduationSource
from recovery_college.practice.models import ReportedFigure

GRADUATES = (10, 12, 11, 12, 13, 11, 12, 12, 13, 12)
"""Graduates of each of the first ten cohorts: 118 in all."""
FIRST_DAY = date(2010, 9, 20)
IN_POST, LEFT = 64, 7
"""Of the 118, how many work as peer support workers today, and how many did and left."""

YOUNG, ADULT, OLDER = ServiceArea.YOUNG_PEOPLE, ServiceArea.ADULT, ServiceArea.OLDER_PEOPLE
DIRECTORATES = {
    YOUNG: "Children and young people",
    ADULT: "Adult services",
    OLDER: "Older people’s services",
}
TEAMS: tuple[tuple[str, ServiceArea, Setting], ...] = (
    ("Children’s team north", YOUNG, Setting.COMMUNITY),
    ("Children’s team south", YOUNG, Setting.COMMUNITY),
    ("Children’s team central", YOUNG, Setting.COMMUNITY),
    ("Sandpiper Ward (young people)", YOUNG, Setting.WARD),
    ("Heron Ward", ADULT, Setting.WARD),
    ("Kingfisher Ward", ADULT, Setting.WARD),
    ("Adult community team Alderbridge", ADULT, Setting.COMMUNITY),
    ("Adult community team Saltmere", ADULT, Setting.COMMUNITY),
    ("Early intervention team", ADULT, Setting.COMMUNITY),
    ("Crisis and home treatment team", ADULT, Setting.COMMUNITY),
    ("Willow Ward", OLDER, Setting.WARD),
    ("Older people’s community team", OLDER, Setting.COMMUNITY),
    ("Memory service", OLDER, Setting.COMMUNITY),
)
JOB_SHARE_TEAM = "Children’s team south"
HOURS = ("15", "22.5", "7.5", "37.5", "30", "18.75", "4", "26.25", "11.25", "20")
LEAVING = ("moved on to a better post", "moved away", "retired", "further study", "end of contract")


@dataclass(frozen=True, slots=True)
class MadeTeam:
    """A team with what a vacancy takes from it."""

    id: UUID
    directorate_id: UUID
    name: str
    service_area: ServiceArea
    setting: Setting


def add_teams(rows: Rows) -> dict[str, MadeTeam]:
    """Gather directorates and teams; the teams by name."""
    directorates = {area: rows.add(Directorate, name=name) for area, name in DIRECTORATES.items()}
    made = {}
    for name, area, setting in TEAMS:
        team_id = rows.add(
            Team, name=name, directorate_id=directorates[area], service_area=area, setting=setting
        )
        made[name] = MadeTeam(team_id, directorates[area], name, area, setting)
    return made


@dataclass(frozen=True, slots=True)
class Earlier:
    """The graduates of before, in the order they graduated, with the day; and the peer tutor among them."""

    graduates: tuple[tuple[UUID, date], ...]
    peer_tutor: UUID


def add_earlier_cohorts(
    rows: Rows, register: Register, course: Course, sites: dict[str, UUID], today: date
) -> Earlier:
    """Gather the first ten cohorts, evenly from 2010 to some sixteen months ago, and who graduated from them."""
    last = today - timedelta(days=490)
    apart = (last - FIRST_DAY) / (len(GRADUATES) - 1)
    found: list[tuple[UUID, date]] = []
    for number, count in enumerate(GRADUATES, start=1):
        start = FIRST_DAY + apart * (number - 1)
        start -= timedelta(days=start.weekday())
        end = start + WEEK * 11 + timedelta(days=3)
        plan = CohortPlan(
            f"FEN-{number:02d}", f"Cohort {number}", sites[SITES[number % 2]], start, end, capacity=count
        )
        cohort = add_cohort(rows, course, plan, ())
        graduated_on = end + timedelta(days=15)
        for place in range(count):
            is_tutor = (number, place) == (8, 4)
            person_id = register.student(
                on(start),
                (PEER_TUTOR.given, PEER_TUTOR.family) if is_tutor else None,
                email=PEER_TUTOR.email if is_tutor else "",
            )
            enrolment_id = add_place(
                rows, course, cohort, person_id,
                status=EnrolmentStatus.COMPLETED, ended_on=end, registered=False,
            )  # fmt: skip
            rows.add(
                Graduation, person_id=person_id, enrolment_id=enrolment_id, cohort_ref=plan.ref,
                graduated_on=graduated_on, source=GraduationSource.BEFORE,
                source_note=f"College register of {graduated_on.year} (made up)",
            )  # fmt: skip
            found.append((person_id, graduated_on))
            if is_tutor:
                peer_tutor = person_id
    return Earlier(tuple(found), peer_tutor)


def add_posts(
    rows: Rows,
    graduates: tuple[tuple[UUID, date], ...],
    teams: dict[str, MadeTeam],
    today: date,
    random: Random,
) -> list[UUID]:
    """Gather the posts of 64 of the graduates, two of them one job share, and of 7 who left; who had any."""
    chosen = sorted(random.sample(range(len(graduates)), IN_POST + LEFT))
    gone = set(random.sample(chosen[: len(chosen) * 2 // 3], LEFT))
    shares = [one for one in chosen if one not in gone][-2:]
    others = [team for team in teams.values() if team.name != JOB_SHARE_TEAM]
    for turn, one in enumerate(chosen):
        person_id, graduated_on = graduates[one]
        is_share = one in shares
        team = teams[JOB_SHARE_TEAM] if is_share else others[turn % len(others)]
        started_on = graduates[shares[1]][1] if is_share else graduated_on
        started_on += timedelta(days=61 if is_share else 20 + random.randrange(150))
        left_on = None
        if one in gone:
            left_on = min(
                started_on + timedelta(days=300 + random.randrange(900)), today - timedelta(days=40)
            )
        is_fixed = not is_share and turn % 6 == 5
        rows.add(
            Post,
            person_id=person_id,
            team_id=team.id,
            band=Band.BAND_4 if turn % 5 == 3 else Band.BAND_3,
            weekly_hours=Decimal("18.75" if is_share else HOURS[turn % len(HOURS)]),
            contract=ContractKind.FIXED_TERM if is_fixed else ContractKind.PERMANENT,
            funding=Funding.FIXED_TERM if is_fixed else Funding.SUBSTANTIVE,
            is_job_share=is_share,
            started_on=started_on,
            left_on=left_on,
            leaving_kind=LEAVING[turn % len(LEAVING)] if left_on else "",
        )
    return [graduates[one][0] for one in chosen]


def add_reported_figures(rows: Rows, graduates: tuple[tuple[UUID, date], ...]) -> None:
    """Gather what was published at the time. Not all agree with what is counted now: that is how it is."""
    last = graduates[-1][1]
    year = last.year - (last < date(last.year, 3, 31))
    end_of_year = date(year, 3, 31)
    by_then = sum(day <= end_of_year for _, day in graduates)
    report = f"Fenside annual report {year - 1}/{str(year)[2:]} (made up)"
    newsletter = last + timedelta(days=45)
    found = f"Fenside newsletter, {newsletter:%B %Y} (made up)"
    for measure, value, as_of, source in (
        ("Students graduated", by_then, end_of_year, report),
        ("Graduates offered employment", 58, end_of_year, report),
        ("Students graduated", 118, newsletter, found),
        ("Graduates offered employment", 66, newsletter, found),
        ("Students trained", 153, newsletter, found),
        ("Young people seen by the children’s teams in a year", 78, newsletter, found),
    ):
        rows.add(ReportedFigure, measure=measure, value=value, as_of=as_of, source=source)
