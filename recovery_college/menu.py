"""The way between the rooms: what stands above every page, few things, each named by what somebody wants to do.

A role with many ways has its daily work there and the rest under a few headings, each a page of its own: that
needs no script, no pointer and no memory of where a thing is kept.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from flask import request, url_for

from recovery_college.access.rules import GRANTS, Actor, Permission, Role
from recovery_college.kernel.settings import Settings
from recovery_college.rooms import rooms_of


class Group(StrEnum):
    """A heading of the menu; its value is the end of the address of its page."""

    AWARDS = "quality-and-awards"
    FAIR = "support-and-fairness"
    JOBS = "jobs"
    REPORTS = "reports"
    SET_UP = "set-up"

    @property
    def label(self) -> str:
        """The heading as people read it."""
        return self.value.replace("-", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Way:
    """One way: its words, what it is for, its page, what it needs (any one of these), and its heading."""

    text: str
    what: str
    endpoint: str
    permissions: tuple[Permission, ...]
    group: Group | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A way as one role has it: its address is the same on every page."""

    text: str
    what: str
    href: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What the menu shows: one way, or a heading with the ways under it."""

    text: str
    href: str
    ways: tuple[Link, ...]


P = Permission
# Each role's daily work stands first: on a narrow screen what comes later is behind "More".
WAYS = (
    Way("Home", "What needs you today", "reporting.home", (P.SIGNED_IN,)),
    Way("My progress", "Your course and your next step", "graduation.my_progress", (P.OWN_PROGRESS,)),
    Way("My future", "The job you would like", "careers.my_future", (P.OWN_FUTURE,)),
    Way("Jobs", "Posts for peer support workers", "careers.vacancy_list", (P.OWN_FUTURE,)),
    Way("What helps me", "What makes the course easier for you", "fairness.my_support", (P.OWN_FAIRNESS,)),
    Way("My appeals", "When you think a decision is wrong", "fairness.my_appeals", (P.OWN_FAIRNESS,)),
    Way("Cohorts", "Who learns together, and their pages", "courses.cohorts_list", (P.COHORT_SEE,)),
    Way("Find a student", "By name or reference", "courses.students_list", (P.STUDENT_SEE,)),
    Way("Quality", "Where every unit stands", "quality.quality_home", (P.QUALITY_SEE,), Group.AWARDS),
    Way("Claims", "What to claim from the awarding organisation, and by when", "claims.claims_list",
        (P.CLAIM_SEE,), Group.AWARDS),
    Way("Certificates", "What was issued, and to whom", "graduation.certificates_list",
        (P.CERTIFICATE_SEE,), Group.AWARDS),
    Way("External quality", "Visits of the external quality assurer", "quality.engagement_list",
        (P.ENGAGEMENT_SEE,), Group.AWARDS),
    Way("What helps", "What students asked for, and what was agreed", "fairness.support_list",
        (P.SUPPORT_DECIDE,), Group.FAIR),
    Way("Prior learning", "What students could do before they came", "fairness.claim_list",
        (P.PRIOR_LEARNING_SEE,), Group.FAIR),
    Way("Appeals", "Decisions that a student asked to be looked at again", "fairness.appeal_list",
        (P.APPEAL_SEE,), Group.FAIR),
    Way("Concerns", "Worries about how work was made", "fairness.concern_list",
        (P.CONCERN_ARRANGE,), Group.FAIR),
    Way("Considerations", "Vacancies to think about, the soonest first", "careers.consideration_list",
        (P.CONSIDERATION_SEE,), Group.JOBS),
    Way("Vacancies", "Every job, and whether a peer support worker could do it", "careers.vacancy_list",
        (P.VACANCY_SEE,), Group.JOBS),
    Way("Pipeline", "Where each application stands", "careers.pipeline", (P.PIPELINE_SEE,), Group.JOBS),
    Way("Checks", "What is missing before a first day", "careers.check_list", (P.CHECK_KEEP,), Group.JOBS),
    Way("Managers", "Who recruits, and for which team", "careers.manager_list",
        (P.MANAGER_INVITE,), Group.JOBS),
    Way("Past graduates", "Invite people who trained here earlier", "careers.past_list",
        (P.PAST_INVITE,), Group.JOBS),
    Way("Consents", "What graduates agreed to share", "careers.consent_list", (P.CONSENT_SEE,), Group.JOBS),
    Way("Words about the role", "The paragraph that managers copy", "careers.role_text_edit",
        (P.ROLE_TEXT_EDIT,), Group.JOBS),
    Way("Consideration report", "How the rule for bands 2 to 4 is kept", "reporting.consideration_report",
        (P.REPORT_CONSIDERATION,), Group.REPORTS),
    Way("Training in numbers", "Who started, who finished, what was met", "reporting.training_report",
        (P.REPORT_TRAINING,), Group.REPORTS),
    Way("Graduates in post", "Who found a job, and who is still there", "reporting.report_impact",
        (P.REPORT_IMPACT,), Group.REPORTS),
    Way("Hours to fill", "Hours that graduates want, and hours that are open", "reporting.report_hours",
        (P.CANDIDATE_MATCH,), Group.REPORTS),
    Way("Qualifications", "Units and criteria, and their versions", "courses.qualifications_list",
        (P.QUALIFICATION_SEE,), Group.SET_UP),
    Way("Imports", "Bring in students, cohorts and registers from a file", "courses.imports_start",
        (P.COURSE_IMPORT,), Group.SET_UP),
    Way("People", "Who may sign in, and in which role", "people.people_list", (P.PEOPLE_SEE,), Group.SET_UP),
    Way("Invite somebody", "Let a person sign in", "people.person_invite",
        (P.COLLEGE_PERSON_INVITE,), Group.SET_UP),
    Way("Audit trail", "Who did what, and when", "privacy.audit_trail",
        (P.AUDIT_SEE, P.AUDIT_SECURITY_SEE), Group.REPORTS),
)  # fmt: skip

MOST_LOOSE = 9
"""As many ways as a role may have before the rest goes under headings."""

# What somebody in this role comes for stands next to Home, and never under a heading.
DAILY: dict[Role, tuple[str, ...]] = {
    Role.TUTOR: ("quality.quality_home", "claims.claims_list", "graduation.certificates_list"),
    Role.IQA: ("quality.quality_home", "claims.claims_list", "quality.engagement_list"),
    Role.HR: (
        "careers.consideration_list", "careers.vacancy_list", "careers.pipeline", "careers.check_list",
        "careers.manager_list",
    ),
    Role.AUDITOR: ("privacy.audit_trail",),
}  # fmt: skip
FIRST = {Role.AUDITOR: "privacy.audit_trail", Role.GRADUATE: "careers.my_future"}

# In a room that is always open, but about what only the college has.
ABOUT_THE_COLLEGE = frozenset({"reporting.training_report"})


def navigation(actor: Actor | None, settings: Settings) -> list[dict[str, object]]:
    """The menu for this actor: text, address, and whether it is where they are."""
    if actor is None:
        return []
    path = request.path
    return [
        {
            "text": one.text,
            "href": one.href,
            "current": path == one.href or any(_is_at(path, way.href) for way in one.ways),
        }
        for one in _entries_of(actor.role, settings.parts)
    ]


def page_of_ways(actor: Actor, settings: Settings, group: str) -> tuple[str, tuple[Link, ...]] | None:
    """The heading and the ways of one page of the menu; None where this role has no such heading."""
    for one in _entries_of(actor.role, settings.parts):
        if one.href == f"/menu/{group}":
            return one.text, one.ways
    return None


def _is_at(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(href + "/"))


@cache
def _entries_of(role: Role, parts: str) -> tuple[Entry, ...]:
    """What the menu of this role shows, in order: worked out once."""
    ways = _ways_of(role, parts)
    if len(ways) <= MOST_LOOSE:
        return tuple(Entry(way.text, link.href, (link,)) for way, link in ways)
    daily = DAILY.get(role, ())
    folded: dict[Group | str, list[tuple[Way, Link]]] = {}
    for way, link in ways:
        loose = way.group is None or way.endpoint in daily
        folded.setdefault(way.endpoint if loose or way.group is None else way.group, []).append((way, link))
    entries = []
    for key, found in folded.items():
        links = tuple(link for _, link in found)
        if isinstance(key, Group) and len(links) > 1:
            entries.append(Entry(key.label, url_for("reporting.menu_show", group=key.value), links))
        else:
            entries.append(Entry(links[0].text, links[0].href, links))
    return tuple(entries)


def _ways_of(role: Role, parts: str) -> list[tuple[Way, Link]]:
    """The ways this role has, what it comes for first."""
    open_rooms = {room.name for room in rooms_of(parts)}
    first = ("reporting.home", FIRST.get(role))
    return [
        (way, Link(way.text, way.what, url_for(way.endpoint)))
        for way in sorted(WAYS, key=lambda way: way.endpoint not in first)
        if way.endpoint.split(".")[0] in open_rooms
        and not (parts == "careers" and way.endpoint in ABOUT_THE_COLLEGE)
        and not GRANTS[role].isdisjoint(way.permissions)
    ]
