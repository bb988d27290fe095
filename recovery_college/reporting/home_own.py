"""A student's and a graduate's own day: the next step, what was answered, the certificate."""

from collections.abc import Iterable
from datetime import timedelta

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.evidence_list import answered_since
from recovery_college.assessment.next_step import StepKind
from recovery_college.assessment.progress_queries import OwnStart, own_start
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.fairness.own_appeal_queries import answers_since
from recovery_college.fairness.rpl_queries import claims_answered_since
from recovery_college.fairness.support_queries import support_answered_since
from recovery_college.graduation.models import Certificate, CertificateState
from recovery_college.graduation.queries import own_graduations
from recovery_college.kernel import clock
from recovery_college.quality.leave_services import leave_requests
from recovery_college.reporting.home_careers import job_needs, open_post_needs
from recovery_college.reporting.home_lines import Home, Need, next_session, plural, some

ANSWERED_DAYS = 14
"""How long a student's home page tells of an answer that came."""


def own_home(actor: Actor) -> Home:
    """A student's or graduate's next step, and what was said to them."""
    start = own_start(actor.person_id) if actor.person_id else None
    step = start.step if start else None
    graduations = own_graduations(actor.person_id) if actor.person_id else []
    if step and step.kind is StepKind.ALL_DONE and graduations:
        step = None
    hands_in = may(actor, Permission.EVIDENCE_HAND_IN)
    opened = step and step.place and step.criteria and hands_in
    about = "&".join(f"criterion={one}" for one in step.criteria) if step else ""
    is_enrolled = start is not None and start.enrolment.status is EnrolmentStatus.ENROLLED
    needs = [*_confirm(start), *_answers(actor), *_leave(actor)] if hands_in else _answers(actor)
    on_none = start is None and actor.role is Role.STUDENT
    return Home(
        facts=["You are not on a course yet. When you join one, your next step stands here."]
        if on_none
        else [],
        needs=[*needs, *job_needs(actor), *open_post_needs(actor)],
        next_step=step,
        hand_in_at=f"/my-progress/{step.place}/hand-in?{about}" if step and opened else "",
        may_rest=hands_in and is_enrolled,
        certificate=_valid(certificate for _, certificate in graduations),
        next_date=next_session([start.enrolment.cohort_id], clock.today()) if start and is_enrolled else "",
    )


def _confirm(start: OwnStart | None) -> list[Need]:
    """What a tutor wrote of a student's work, and counts only once the student says that it was so."""
    waits = start.to_confirm if start else ()
    words = plural(len(waits), "note of your work to confirm", "notes of your work to confirm")
    return some(
        Need(len(waits), words, f"/evidence/{waits[0].id}" if len(waits) == 1 else "/my-progress#handed-in")
    )


def _answers(actor: Actor) -> list[Need]:
    """What was answered to a student lately: nobody should have to look for it, and the letter leads here."""
    since = clock.now() - timedelta(days=ANSWERED_DAYS)
    appeals = [
        Need(1, f"answer to your appeal: {about}", f"/my-appeals/{appeal_id}")
        for appeal_id, about in answers_since(actor, since)
    ]
    helps, before = support_answered_since(actor, since), claims_answered_since(actor, since)
    asked_back = [
        Need(1, "answer about work you asked back", f"/evidence/{one}")
        for one in answered_since(actor, since)
    ]
    return [
        *appeals,
        *asked_back,
        *some(
            Need(
                helps,
                plural(helps, "answer about what helps you", "answers about what helps you"),
                "/what-helps-me",
            )
        ),
        *some(
            Need(
                before,
                plural(
                    before, "answer about what you learned before", "answers about what you learned before"
                ),
                "/my-prior-learning",
            )
        ),
    ]


def _leave(actor: Actor) -> list[Need]:
    """What a student is asked about work they marked as private."""
    waiting = sum(one.is_open and one.answer is None for one in leave_requests(actor))
    words = plural(waiting, "question about your private work", "questions about your private work")
    return some(Need(waiting, words, "/my-progress/leave"))


def _valid(certificates: Iterable[Certificate | None]) -> Certificate | None:
    return next((one for one in certificates if one and one.state is CertificateState.VALID), None)
