"""What needs somebody today, for each role: every line counts real rows and links to exactly those."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sqlalchemy import func, select

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.next_step import NextStep, StepKind
from recovery_college.assessment.progress_queries import OwnStart, own_start
from recovery_college.assessment.queries import cohorts_known_to
from recovery_college.assessment.resubmission_queries import more_requests
from recovery_college.assessment.waiting_queries import (
    Asked,
    AskedKind,
    Waiting,
    asked_of_tutor,
    met_in,
)
from recovery_college.audit.models import AuditEvent
from recovery_college.careers.candidacy_own_queries import own_candidacies
from recovery_college.careers.compliance import ComplianceCounts
from recovery_college.careers.compliance_queries import AnswersWaiting, compliance_strip
from recovery_college.careers.matching_queries import posts_for
from recovery_college.careers.matching_rules import MatchKind
from recovery_college.careers.offer_queries import checks_due
from recovery_college.careers.pipeline_queries import waiting_for
from recovery_college.careers.preference_queries import own_wishes
from recovery_college.careers.queries import (
    bands_to_read,
    considerations_waiting,
    open_posts,
)
from recovery_college.careers.second_read_queries import reads_waiting
from recovery_college.claims.waiting_queries import claims_to_sign, cohort_claims
from recovery_college.courses.models import Cohort, CourseSession, Enrolment, Site
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.fairness.appeal_queries import appeals_waiting
from recovery_college.fairness.appeal_rules import AppealState
from recovery_college.fairness.concern_queries import concerns_waiting, own_concerns
from recovery_college.fairness.own_appeal_queries import answers_since
from recovery_college.fairness.presenters import days_left_words
from recovery_college.fairness.rpl_queries import count_claims_waiting
from recovery_college.fairness.support_queries import support_waiting
from recovery_college.graduation.models import Certificate, CertificateBatch, CertificateState
from recovery_college.graduation.queries import own_graduations, standings_in
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.wording import clock as at_clock
from recovery_college.kernel.wording import in_london
from recovery_college.people.queries import accounts_without_password
from recovery_college.quality.countersign_queries import countersignatures_waiting
from recovery_college.quality.engagement_queries import (
    count_open_actions,
    engagements_visible_to,
    picks_of,
)
from recovery_college.quality.improvement_queries import actions_known_to, actions_to_do
from recovery_college.quality.leave_services import leave_requests
from recovery_college.quality.waiting_queries import to_look_at, units_returned

LOOKED_BACK_DAYS = 7
ANSWERED_DAYS = 14
"""How long a student's home page tells of an answer that came."""


@dataclass(frozen=True, slots=True)
class Need:
    """One line: how many, of what, where to find exactly those, and what to know about them."""

    count: int
    text: str
    href: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A running cohort of a tutor: how far through the course, and how many criteria are met."""

    title: str
    href: str
    site: str
    week: int
    weeks: int
    met: int
    total: int


@dataclass(frozen=True, slots=True)
class Home:
    """All a home page shows. Empty needs mean a calm day."""

    needs: Sequence[Need] = ()
    cohorts: Sequence[CohortLine] = ()
    next_step: NextStep | None = None
    hand_in_at: str = ""
    may_rest: bool = False
    certificate: Certificate | None = None
    compliance: ComplianceCounts | None = None
    next_date: str = ""
    facts: Sequence[str] = field(default=())


def home_of(actor: Actor, *, vacancies_only: bool = False) -> Home:
    """What the home page of this actor's role shows.

    `vacancies_only` is for a Trust that opened the vacancy part alone: then nothing leads to a closed room.
    """
    if vacancies_only and actor.role in _COLLEGE_ROLES:
        sees_posts = may(actor, Permission.PSW_POSTS_SEE) and actor.role is not Role.ADMIN
        return Home(needs=_work(actor) + _posts(actor) if sees_posts else ())
    home = _HOMES[actor.role](actor)
    return replace(home, needs=[*_fairness(actor), *home.needs]) if actor.role in _COLLEGE_ROLES else home


def _some(*needs: Need) -> list[Need]:
    return [need for need in needs if need.count]


def _plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def _running(cohorts: Sequence[Cohort], today: date) -> list[Cohort]:
    return [cohort for cohort in cohorts if cohort.starts_on <= today <= cohort.ends_on]


def _fairness(actor: Actor) -> list[Need]:
    """Appeals, requests, concerns and claims that wait for this person: they come before everything else."""
    appeals, asked = appeals_waiting(actor), support_waiting(actor)
    concerns, claims = concerns_waiting(actor), count_claims_waiting(actor)
    asked_me = [own for own in own_concerns(actor) if own.is_open and not own.has_answered]
    heard = [one for one in appeals if one.state is not AppealState.DECISION_OWED]
    nearest = f"the nearest: {days_left_words(heard[0].days_left)}" if heard else "a new decision is owed"
    return _some(
        Need(
            len(appeals),
            _plural(len(appeals), "appeal waits for you", "appeals wait for you"),
            "/appeals",
            nearest,
        ),
        Need(
            len(asked),
            _plural(len(asked), "student asks for what helps", "students ask for what helps"),
            "/what-helps",
        ),
        Need(
            len(concerns),
            _plural(len(concerns), "concern to look into", "concerns to look into"),
            "/concerns",
        ),
        Need(
            claims,
            _plural(claims, "claim of prior learning to decide", "claims of prior learning to decide"),
            "/prior-learning",
        ),
        Need(len(asked_me), "question about your work to answer", "/my-concerns"),
    )


def _tutor(actor: Actor) -> Home:
    today = clock.today()
    needs = [
        Need(
            1,
            f"unit sent back by quality assurance: {one.unit}, {one.student}",
            one.href,
            one.cohort + (f", act by {one.act_by_on.day} {one.act_by_on:%B}" if one.act_by_on else ""),
        )
        for one in units_returned(actor)
    ]
    needs += [
        Need(1, f"quality action for you: {one.source.lower()}", one.href, _by(one.act_by_on, today))
        for one in actions_to_do(actor)
    ]
    asked = [(one.kind, _asked(one)) for one in asked_of_tutor(actor)]
    needs += [need for kind, need in asked if kind is not AskedKind.DRAFTS]
    needs += _to_sign(actor)
    needs += [need for kind, need in asked if kind is AskedKind.DRAFTS]
    needs += _countersign(actor)
    cohorts = cohorts_known_to(actor)
    running = _running(cohorts, today)
    met = met_in([cohort.id for cohort in running])
    return Home(
        needs=needs + _external_actions(actor),
        cohorts=[_line(cohort, today, *met[cohort.id]) for cohort in running],
        next_date=_next_session([cohort.id for cohort in cohorts], today),
    )


def _by(act_by_on: date | None, today: date) -> str:
    """Until when something is to be done, or that its day has passed."""
    if act_by_on is None:
        return ""
    return f"{'was due by' if act_by_on < today else 'by'} {act_by_on.day} {act_by_on:%B}"


def _asked(one: Asked) -> Need:
    """What students handed in or asked for, or what is drafted; the line leads to exactly those."""
    note = one.cohort
    if one.kind is AskedKind.EVIDENCE:
        days = _plural(one.oldest_days, "1 day", f"{one.oldest_days} days")
        note += f", the oldest has waited {days}" if one.oldest_days else ", it came today"
    return Need(one.count, _plural(one.count, *_ASKED_WORDS[one.kind]), one.href, note)


_ASKED_WORDS = {
    AskedKind.EVIDENCE: ("piece of evidence to look at", "pieces of evidence to look at"),
    AskedKind.EVIDENCE_BACK: ("student asks for evidence back", "pieces of evidence are asked back"),
    AskedKind.TIME: ("student asks for time", "students ask for time"),
    AskedKind.COME_BACK: ("student would like to come back", "students would like to come back"),
    AskedKind.DRAFTS: ("decision drafted, not released", "decisions drafted, not released"),
}


def _line(cohort: Cohort, today: date, met: int, total: int) -> CohortLine:
    return CohortLine(
        title=cohort.title,
        href=f"/cohorts/{cohort.id}",
        site=session().get_one(Site, cohort.site_id).name,
        week=(today - cohort.starts_on).days // 7 + 1,
        weeks=(cohort.ends_on - cohort.starts_on).days // 7 + 1,
        met=met,
        total=total,
    )


def _next_session(cohort_ids: Sequence[object], today: date) -> str:
    """The next session in words, "Today at 9:30am" first; empty when none is planned."""
    found = session().execute(
        select(CourseSession, Cohort.title)
        .join(Cohort, CourseSession.cohort_id == Cohort.id)
        .where(
            CourseSession.cohort_id.in_(cohort_ids),
            CourseSession.session_on >= today,
            CourseSession.cancelled_at.is_(None),
        )
        .order_by(CourseSession.session_on, CourseSession.starts)
        .limit(1)
    )
    row = found.first()
    if row is None:
        return ""
    planned, title = row
    day = "Today" if planned.session_on == today else f"{planned.session_on:%A} {_short(planned.session_on)}"
    return f"{day}, {at_clock(planned.starts)}: {planned.title or 'session'} ({title})"


def _short(on: date) -> str:
    return f"{on.day} {on:%B}"


def _countersign(actor: Actor) -> list[Need]:
    return [
        Need(
            one.count,
            _plural(one.count, "decision to countersign", "decisions to countersign"),
            one.href,
            one.cohort,
        )
        for one in countersignatures_waiting(actor)
    ]


def _overdue_actions(actor: Actor) -> list[Need]:
    count = len(actions_known_to(actor, "overdue"))
    words = _plural(count, "quality action overdue", "quality actions overdue")
    return _some(Need(count, words, "/quality/actions?show=overdue"))


def _more_asked(actor: Actor) -> list[Need]:
    count = sum(one.agreed is None for one in more_requests(actor))
    words = _plural(count, "request for one more resubmission", "requests for one more resubmission")
    return _some(Need(count, words, "/quality/resubmissions"))


def _iqa(actor: Actor) -> Home:
    picked, waiting = to_look_at(actor)
    return Home(
        needs=_overdue_actions(actor)
        + _units(picked, "unit picked to look at", "units picked to look at")
        + _more_asked(actor)
        + _units(waiting, "unit to quality assure", "units to quality assure")
        + _countersign(actor)
        + _to_sign(actor)
        + _external_actions(actor)
    )


def _units(found: Sequence[Waiting], one_unit: str, many: str) -> list[Need]:
    return [Need(one.count, _plural(one.count, one_unit, many), one.href, one.cohort) for one in found]


def _to_sign(actor: Actor) -> list[Need]:
    return [
        Need(
            1,
            f"claim to sign: {one.label}",
            f"/cohorts/{one.cohort_id}/claim/{one.claim_id}",
            one.cohort,
        )
        for one in claims_to_sign(actor)
    ]


def _claims(actor: Actor) -> list[Need]:
    """What is to be claimed once a course has ended, with its clock, and what the awarding organisation asked."""
    needs: list[Need] = []
    for one in cohort_claims(actor):
        path = f"/cohorts/{one.cohort.id}/claim"
        words = _plural(one.unclaimed, "verified unit to claim", "verified units to claim")
        if one.is_due:
            held = f". {one.held} more cannot be claimed just now" if one.held else ""
            note = f"{one.cohort.title}. {one.clock.words}{held}"
            needs.append(Need(one.unclaimed, words, path, note))
        for run in one.runs:
            asked = _plural(len(run.queried), "query to answer", "queries to answer")
            needs += _some(
                Need(len(run.queried), f"{asked}: {run.label}", f"{path}/{run.id}", one.cohort.title)
            )
    return needs


def _eqa(actor: Actor) -> Home:
    engagements = engagements_visible_to(actor)
    needs: list[Need] = []
    for one in engagements:
        path = f"/engagements/{one.id}"
        picks = picks_of(one.id)
        unseen = sum(pick.last_seen_at is None for pick in picks)
        answers = sum(pick.unanswered for pick in picks)
        note = one.purpose
        needs += _some(
            Need(
                answers,
                _plural(answers, "objection to answer", "objections to answer"),
                f"{path}#picks",
                note,
            ),
            Need(
                unseen,
                _plural(unseen, "picked unit not looked at yet", "picked units not looked at yet"),
                f"{path}#picks",
                note,
            ),
            Need(int(not picks), "sample to pick", path, note),
            Need(int(one.sent_at is None), "report to send", f"{path}/report", note),
        )
    facts = [
        f"{one.purpose or 'Your engagement'} is open until {one.ends_on.day} {one.ends_on:%B %Y}. "
        "Each view is recorded."
        for one in engagements
    ]
    return Home(needs=needs, facts=facts)


def _external_actions(actor: Actor) -> list[Need]:
    """Actions of external reports that are not done, with how many are past their day."""
    count, late = count_open_actions(actor)
    words = _plural(count, "action from an external report", "actions from external reports")
    note = f"{late} past {_plural(late, 'its', 'their')} day" if late else ""
    return _some(Need(count, words, "/engagements/actions", note))


def _admin(actor: Actor) -> Home:
    s = session()
    today = clock.today()
    open_places = select(Enrolment.cohort_id).where(Enrolment.status == EnrolmentStatus.ENROLLED).distinct()
    ended = s.scalars(
        select(Cohort)
        .where(
            Cohort.ends_on < today, Cohort.ends_on > today - timedelta(days=400), Cohort.id.in_(open_places)
        )
        .order_by(Cohort.ends_on)
    ).all()
    needs: list[Need] = []
    for cohort in ended:
        ready = sum(st.eligibility.eligible and st.certificate is None for st in standings_in(cohort))
        words = _plural(ready, "student ready for the certificate", "students ready for their certificates")
        needs += _some(Need(ready, words, f"/cohorts/{cohort.id}/graduation", cohort.title))
    needs += _claims(actor)
    for batch in s.scalars(select(CertificateBatch).where(CertificateBatch.finished_at.is_(None))):
        path = f"/cohorts/{batch.cohort_id}/graduation/batches/{batch.id}"
        needs.append(Need(1, "batch of certificates under way", path))
    return Home(needs=needs + _external_actions(actor), cohorts=())


def _manager(actor: Actor) -> Home:
    return Home(
        needs=_considerations(considerations_waiting(actor)) + _read_again(actor) + _candidates(actor)
    )


def _candidates(actor: Actor) -> list[Need]:
    """People who wait too long in a stage, and for HR the checks to ask about."""
    waiting = waiting_for(actor)
    due = checks_due(actor)
    return _some(
        Need(
            waiting,
            _plural(waiting, "candidate has waited too long", "candidates have waited too long"),
            "/pipeline?waiting=yes",
        ),
        Need(due, _plural(due, "check to ask about", "checks to ask about"), "/checks?due=yes"),
    )


def _read_again(actor: Actor) -> list[Need]:
    """Second reads that wait for this actor: to read or settle for HR, to reply to for a manager."""
    count = len(reads_waiting(actor))
    if actor.role is Role.MANAGER:
        words = _plural(count, "second read to reply to", "second reads to reply to")
    else:
        words = _plural(count, "second read to do or settle", "second reads to do or settle")
    return _some(Need(count, words, "/considerations/second-read?waiting=yes"))


def _considerations(waiting: AnswersWaiting) -> list[Need]:
    calm = waiting.count - waiting.overdue
    overdue = _plural(
        waiting.overdue, "vacancy is overdue for a decision", "vacancies are overdue for a decision"
    )
    words = _plural(waiting.count, "vacancy waits for an answer", "vacancies wait for an answer")
    note = f"{calm} of them not overdue" if waiting.overdue and calm else ""
    return _some(
        Need(waiting.overdue, overdue, "/considerations?state=overdue"),
        Need(waiting.count, words, "/considerations", note),
    )


def _hr(actor: Actor) -> Home:
    bands, waiting = bands_to_read(actor), considerations_waiting(actor)
    nobody = waiting.nobody
    return Home(
        needs=[
            *_considerations(waiting),
            *_some(
                Need(
                    nobody,
                    _plural(nobody, "vacancy has nobody to ask", "vacancies have nobody to ask"),
                    "/vacancies?queue=nobody",
                ),
                Need(bands, _plural(bands, "band to read", "bands to read"), "/vacancies?queue=bands"),
            ),
            *_read_again(actor),
            *_candidates(actor),
        ],
        compliance=compliance_strip(actor),
    )


def _auditor(actor: Actor) -> Home:
    since = clock.now() - timedelta(days=LOOKED_BACK_DAYS)
    views = (
        session().scalar(select(func.count()).where(AuditEvent.action == "viewed", AuditEvent.at >= since))
        or 0
    )
    words = _plural(views, "view of a sensitive record", "views of sensitive records")
    path = f"/audit?action=viewed&days={LOOKED_BACK_DAYS}"
    return Home(needs=_some(Need(views, words, path, f"in the last {LOOKED_BACK_DAYS} days")))


def _sysadmin(actor: Actor) -> Home:
    waiting = accounts_without_password(actor)
    words = _plural(waiting, "person has not chosen a password yet", "people have not chosen a password yet")
    return Home(needs=_some(Need(waiting, words, "/people?show=invited")))


def _student(actor: Actor) -> Home:
    start = own_start(actor.person_id) if actor.person_id else None
    step = start.step if start else None
    if step and step.kind is StepKind.ALL_DONE and _has_graduated(actor):
        step = None
    hands_in = may(actor, Permission.EVIDENCE_HAND_IN)
    opened = step and step.place and step.criteria and hands_in
    about = "&".join(f"criterion={one}" for one in step.criteria) if step else ""
    is_enrolled = start is not None and start.enrolment.status is EnrolmentStatus.ENROLLED
    needs = [*_confirm(start), *_answers(actor), *_leave(actor)] if hands_in else _answers(actor)
    return Home(
        needs=[*needs, *_work(actor), *_posts(actor)],
        next_step=step,
        hand_in_at=f"/my-progress/{step.place}/hand-in?{about}" if step and opened else "",
        may_rest=hands_in and is_enrolled,
        certificate=_certificate(actor),
        next_date=_next_session([start.enrolment.cohort_id], clock.today()) if start and is_enrolled else "",
    )


def _confirm(start: OwnStart | None) -> list[Need]:
    """What a tutor wrote of a student's work, and counts only once the student says that it was so."""
    waits = start.to_confirm if start else ()
    words = _plural(len(waits), "note of your work to confirm", "notes of your work to confirm")
    return _some(
        Need(len(waits), words, f"/evidence/{waits[0].id}" if len(waits) == 1 else "/my-progress#handed-in")
    )


def _answers(actor: Actor) -> list[Need]:
    """What was answered to a student's appeals lately: nobody should have to look for it."""
    since = clock.now() - timedelta(days=ANSWERED_DAYS)
    return [
        Need(1, f"answer to your appeal: {about}", f"/my-appeals/{appeal_id}")
        for appeal_id, about in answers_since(actor, since)
    ]


def _leave(actor: Actor) -> list[Need]:
    """What a student is asked about work they marked as private."""
    waiting = sum(one.is_open and one.answer is None for one in leave_requests(actor))
    words = _plural(waiting, "question about your private work", "questions about your private work")
    return _some(Need(waiting, words, "/my-progress/leave"))


def _work(actor: Actor) -> list[Need]:
    """Where somebody stands with the jobs they said yes to, the next interview, and what fits of the open ones."""
    under_way = [one for one in own_candidacies(actor) if not one.stage.is_over]
    meetings = sorted(
        one.interview.starts_at
        for one in under_way
        if one.interview and not one.interview.cancelled_at and one.interview.starts_at >= clock.now()
    )
    note = ""
    if meetings:
        first = in_london(meetings[0])
        note = f"interview on {first:%A} {_short(first.date())} at {at_clock(first)}"
    own = own_wishes(actor)
    posts = posts_for(actor, own.wishes) if own.version and own.looking and own.counted else []
    fits = sum(one.match.kind is MatchKind.FITS for one in posts)
    count = len(under_way)
    return _some(
        Need(
            count,
            _plural(count, "job you said yes to", "jobs you said yes to"),
            "/my-future/candidacies",
            note,
        ),
        Need(
            fits,
            _plural(fits, "job that fits what you would like", "jobs that fit what you would like"),
            "/my-future/jobs",
        ),
    )


def _posts(actor: Actor) -> list[Need]:
    posts = len(open_posts(actor))
    words = _plural(posts, "open job for a peer support worker", "open jobs for peer support workers")
    return _some(Need(posts, words, "/vacancies"))


def _has_graduated(actor: Actor) -> bool:
    return actor.person_id is not None and bool(own_graduations(actor.person_id))


def _certificate(actor: Actor) -> Certificate | None:
    if actor.person_id is None:
        return None
    found = (certificate for _, certificate in own_graduations(actor.person_id))
    return next((one for one in found if one is not None and one.state is CertificateState.VALID), None)


_COLLEGE_ROLES = frozenset({Role.STUDENT, Role.GRADUATE, Role.TUTOR, Role.IQA, Role.EQA, Role.ADMIN})
"""Roles whose home page is about courses, marking or certificates."""

_HOMES: dict[Role, Callable[[Actor], Home]] = {
    Role.STUDENT: _student,
    Role.GRADUATE: _student,
    Role.TUTOR: _tutor,
    Role.IQA: _iqa,
    Role.EQA: _eqa,
    Role.MANAGER: _manager,
    Role.HR: _hr,
    Role.ADMIN: _admin,
    Role.AUDITOR: _auditor,
    Role.SYSADMIN: _sysadmin,
}
