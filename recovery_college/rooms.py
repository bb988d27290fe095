"""Which rooms are open. A Trust may open the vacancy part alone (RC_PARTS)."""

from recovery_college.access.room import Room
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
from recovery_college.imports import tasks as import_tasks
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
    *import_tasks.JOBS,
    *consideration_tasks.JOBS,
    *evidence_tasks.JOBS,
    *alert_tasks.JOBS,
    *feed_tasks.JOBS,
    *graduation_tasks.JOBS,
    *pack_tasks.JOBS,
)


def rooms(settings: Settings) -> tuple[Room, ...]:
    """The rooms to register: all, or only what considering vacancies needs."""
    return rooms_of(settings.parts)


def rooms_of(parts: str) -> tuple[Room, ...]:
    """The rooms of a part, by its word."""
    return ALWAYS if parts == "careers" else (*COLLEGE, *ALWAYS)
