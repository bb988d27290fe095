"""Which rooms are open, and the way between them. A Trust may open the vacancy part alone (RC_PARTS)."""

from functools import cache

from flask import request, url_for

from recovery_college.access.room import Room
from recovery_college.access.rules import GRANTS, Actor, Permission, Role
from recovery_college.assessment import (
    bulk_views,
    comment_views,
    deadline_views,
    decision_views,
    evidence_tasks,
    evidence_views,
    hand_in_views,
    pause_views,
)
from recovery_college.assessment import views as assessment
from recovery_college.careers import (
    alert_tasks,
    candidacy_own_views,
    candidacy_views,
    consent_record_views,
    consent_views,
    consideration_tasks,
    deputy_views,
    extension_views,
    feed_tasks,
    feed_views,
    hr_views,
    look_alike_views,
    manager_views,
    matching_views,
    offer_views,
    past_views,
    post_views,
    preference_views,
    reason_views,
    role_text_views,
    rule_views,
    second_read_views,
    source_views,
    team_views,
    terms_views,
)
from recovery_college.careers import consideration_views as careers_considerations
from recovery_college.careers import views as careers
from recovery_college.claims import claim_views, transcript_views
from recovery_college.claims import views as claims
from recovery_college.claims.room import room as claims_room
from recovery_college.courses import cohort_views, part_views, specification_views, version_views
from recovery_college.courses import views as courses
from recovery_college.fairness import appeal_views, concern_views, finding_views, rpl_views, support_views
from recovery_college.fairness import room as fairness
from recovery_college.graduation import pick_views, progress_views, record_views
from recovery_college.graduation import tasks as graduation_tasks
from recovery_college.graduation import views as graduation
from recovery_college.kernel import statistics
from recovery_college.kernel.mail import send_queued_mail
from recovery_college.kernel.settings import Settings
from recovery_college.kernel.tasks import Sweep, Task
from recovery_college.people import views as people
from recovery_college.privacy import views as privacy
from recovery_college.quality import (
    conflict_views,
    countersign_views,
    engagement_views,
    hub_views,
    improvement_views,
    leave_views,
    pack_tasks,
    pack_views,
    plan_views,
    report_views,
    resubmission_views,
    staff_views,
    verdict_views,
)
from recovery_college.quality.room import room as quality
from recovery_college.reporting import consideration_views as consideration_report
from recovery_college.reporting import hours_views, impact_views, training_views
from recovery_college.reporting import views as reporting

COLLEGE: tuple[Room, ...] = (
    courses.room,
    assessment.room,
    claims_room,
    quality,
    fairness.room,
    graduation.room,
)
ALWAYS: tuple[Room, ...] = (
    people.room,
    careers.room,
    privacy.room,
    reporting.room,
)
# Where a room's pages are in several files, importing them adds the pages to the room.
PAGES = (
    offer_views,
    past_views,
    post_views,
    team_views,
    terms_views,
    candidacy_own_views,
    candidacy_views,
    manager_views,
    claims,
    claim_views,
    transcript_views,
    careers_considerations,
    deputy_views,
    extension_views,
    reason_views,
    role_text_views,
    second_read_views,
    consent_record_views,
    consent_views,
    matching_views,
    preference_views,
    consideration_report,
    bulk_views,
    comment_views,
    decision_views,
    deadline_views,
    evidence_views,
    hand_in_views,
    pause_views,
    hr_views,
    look_alike_views,
    rule_views,
    feed_views,
    source_views,
    hub_views,
    hours_views,
    impact_views,
    improvement_views,
    plan_views,
    resubmission_views,
    conflict_views,
    countersign_views,
    staff_views,
    verdict_views,
    engagement_views,
    report_views,
    leave_views,
    pack_views,
    progress_views,
    pick_views,
    record_views,
    cohort_views,
    part_views,
    specification_views,
    version_views,
    support_views,
    appeal_views,
    finding_views,
    concern_views,
    rpl_views,
    training_views,
)

# Each room lists its own in tasks.py.
JOBS: tuple[Task | Sweep, ...] = (
    send_queued_mail,
    *statistics.JOBS,
    *consideration_tasks.JOBS,
    *evidence_tasks.JOBS,
    *alert_tasks.JOBS,
    *feed_tasks.JOBS,
    *graduation_tasks.JOBS,
    *pack_tasks.JOBS,
)

# What the menu offers: its words, the page, and what it needs (any one of these). Each role's daily work stands first:
# on a narrow screen, and for roles with many ways, what comes later is behind "More".
WAYS: tuple[tuple[str, str, tuple[Permission, ...]], ...] = (
    ("Home", "reporting.home", (Permission.SIGNED_IN,)),
    ("My progress", "graduation.my_progress", (Permission.OWN_PROGRESS,)),
    ("My future", "careers.my_future", (Permission.OWN_FUTURE,)),
    ("Jobs", "careers.vacancy_list", (Permission.OWN_FUTURE,)),
    ("What helps me", "fairness.my_support", (Permission.OWN_FAIRNESS,)),
    ("My appeals", "fairness.my_appeals", (Permission.OWN_FAIRNESS,)),
    ("Cohorts", "courses.cohorts_list", (Permission.COHORT_SEE,)),
    ("Imports", "courses.imports_start", (Permission.COURSE_IMPORT,)),
    ("Quality", "quality.quality_home", (Permission.QUALITY_SEE,)),
    ("Claims", "claims.claims_list", (Permission.CLAIM_SEE,)),
    ("Certificates", "graduation.certificates_list", (Permission.CERTIFICATE_SEE,)),
    ("External quality", "quality.engagement_list", (Permission.ENGAGEMENT_SEE,)),
    ("Appeals", "fairness.appeal_list", (Permission.APPEAL_SEE,)),
    ("Prior learning", "fairness.claim_list", (Permission.PRIOR_LEARNING_SEE,)),
    ("What helps", "fairness.support_list", (Permission.SUPPORT_DECIDE,)),
    ("Concerns", "fairness.concern_list", (Permission.CONCERN_ARRANGE,)),
    ("Qualifications", "courses.qualifications_list", (Permission.QUALIFICATION_SEE,)),
    ("Considerations", "careers.consideration_list", (Permission.CONSIDERATION_SEE,)),
    ("Vacancies", "careers.vacancy_list", (Permission.VACANCY_SEE,)),
    ("Pipeline", "careers.pipeline", (Permission.PIPELINE_SEE,)),
    ("Checks", "careers.check_list", (Permission.CHECK_KEEP,)),
    ("Managers", "careers.manager_list", (Permission.MANAGER_INVITE,)),
    ("Past graduates", "careers.past_list", (Permission.PAST_INVITE,)),
    ("Consents", "careers.consent_list", (Permission.CONSENT_SEE,)),
    ("Words about the role", "careers.role_text_edit", (Permission.ROLE_TEXT_EDIT,)),
    ("Consideration report", "reporting.consideration_report", (Permission.REPORT_CONSIDERATION,)),
    ("Training in numbers", "reporting.training_report", (Permission.REPORT_TRAINING,)),
    ("Graduates in post", "reporting.report_impact", (Permission.REPORT_IMPACT,)),
    ("Hours to fill", "reporting.report_hours", (Permission.CANDIDATE_MATCH,)),
    ("People", "people.people_list", (Permission.PEOPLE_SEE,)),
    (
        "Invite somebody",
        "people.person_invite",
        (Permission.MANAGER_INVITE, Permission.COLLEGE_PERSON_INVITE),
    ),
    ("Audit trail", "privacy.audit_trail", (Permission.AUDIT_SEE, Permission.AUDIT_SECURITY_SEE)),
)

# What somebody in this role comes for stands next to Home.
FIRST = {Role.AUDITOR: "privacy.audit_trail", Role.GRADUATE: "careers.my_future"}

# In a room that is always open, but about what only the college has.
ABOUT_THE_COLLEGE = frozenset({"reporting.training_report"})


def rooms(settings: Settings) -> tuple[Room, ...]:
    """The rooms to register: all, or only what considering vacancies needs."""
    return _rooms(settings.parts)


def _rooms(parts: str) -> tuple[Room, ...]:
    return ALWAYS if parts == "careers" else (*COLLEGE, *ALWAYS)


def navigation(actor: Actor | None, settings: Settings) -> list[dict[str, object]]:
    """The main ways for this actor: text, address, and whether it is where they are."""
    if actor is None:
        return []
    path = request.path
    return [
        {"text": text, "href": href, "current": path == href or (href != "/" and path.startswith(href + "/"))}
        for text, href in _ways_of(actor.role, settings.parts)
    ]


@cache
def _ways_of(role: Role, parts: str) -> tuple[tuple[str, str], ...]:
    """Words and address of each way this role has: the same on every page, so worked out once."""
    open_rooms = {room.name for room in _rooms(parts)}
    first = ("reporting.home", FIRST.get(role))
    return tuple(
        (text, url_for(endpoint))
        for text, endpoint, permissions in sorted(WAYS, key=lambda way: way[1] not in first)
        if endpoint.split(".")[0] in open_rooms
        and not (parts == "careers" and endpoint in ABOUT_THE_COLLEGE)
        and not GRANTS[role].isdisjoint(permissions)
    )
