"""What needs those who teach, assure quality and run the college today."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from recovery_college.access.rules import Actor
from recovery_college.assessment.queries import cohorts_known_to
from recovery_college.assessment.resubmission_queries import more_requests
from recovery_college.assessment.waiting_queries import Asked, AskedKind, Waiting, asked_of_tutor, met_in
from recovery_college.claims.waiting_queries import cohort_claims
from recovery_college.courses.models import Cohort, Enrolment, Site
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.fairness.appeal_queries import appeals_waiting
from recovery_college.fairness.appeal_rules import AppealState
from recovery_college.fairness.concern_queries import concerns_waiting, own_concerns
from recovery_college.fairness.presenters import days_left_words
from recovery_college.fairness.rpl_queries import count_claims_waiting
from recovery_college.fairness.support_queries import support_waiting
from recovery_college.graduation.models import CertificateBatch
from recovery_college.graduation.queries import standings_in
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.quality.engagement_queries import (
    engagements_visible_to,
    picks_of,
    why_nothing_is_open,
)
from recovery_college.quality.improvement_queries import actions_known_to, actions_to_do
from recovery_college.quality.waiting_queries import to_look_at, units_returned
from recovery_college.reporting.home_lines import (
    CohortLine,
    Home,
    Need,
    claim_needs,
    countersign_needs,
    external_actions,
    next_session,
    plural,
    some,
)


def _running(cohorts: Sequence[Cohort], today: date) -> list[Cohort]:
    return [cohort for cohort in cohorts if cohort.starts_on <= today <= cohort.ends_on]


def fairness_needs(actor: Actor) -> list[Need]:
    """Appeals, requests, concerns and claims that wait for this person: they come before everything else."""
    appeals, asked = appeals_waiting(actor), support_waiting(actor)
    concerns, claims = concerns_waiting(actor), count_claims_waiting(actor)
    asked_me = [own for own in own_concerns(actor) if own.is_open and not own.has_answered]
    heard = [one for one in appeals if one.state is not AppealState.DECISION_OWED]
    nearest = f"the nearest: {days_left_words(heard[0].days_left)}" if heard else "a new decision is owed"
    return some(
        Need(
            len(appeals),
            plural(len(appeals), "appeal waits for you", "appeals wait for you"),
            "/appeals",
            nearest,
        ),
        Need(
            len(asked),
            plural(len(asked), "student asks for what helps", "students ask for what helps"),
            "/what-helps",
        ),
        Need(
            len(concerns),
            plural(len(concerns), "concern to look into", "concerns to look into"),
            "/concerns",
        ),
        Need(
            claims,
            plural(claims, "claim of prior learning to decide", "claims of prior learning to decide"),
            "/prior-learning",
        ),
        Need(len(asked_me), "question about your work to answer", "/my-concerns"),
    )


def tutor_home(actor: Actor) -> Home:
    """The running cohorts of a tutor, and what waits for them."""
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
    needs += claim_needs(actor)
    needs += [need for kind, need in asked if kind is AskedKind.DRAFTS]
    needs += countersign_needs(actor)
    cohorts = cohorts_known_to(actor)
    running = _running(cohorts, today)
    met = met_in([cohort.id for cohort in running])
    return Home(
        needs=needs + external_actions(actor),
        cohorts=[_line(cohort, today, *met[cohort.id]) for cohort in running],
        next_date=next_session([cohort.id for cohort in cohorts], today),
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
        days = plural(one.oldest_days, "1 day", f"{one.oldest_days} days")
        note += f", the oldest has waited {days}" if one.oldest_days else ", it came today"
        note += f", {one.stuck} with no tries left" if one.stuck and one.stuck < one.count else ""
        note += ", no tries left" if one.stuck and one.stuck == one.count else ""
    return Need(one.count, plural(one.count, *_ASKED_WORDS[one.kind]), one.href, note)


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


def _overdue_actions(actor: Actor) -> list[Need]:
    count = len(actions_known_to(actor, "overdue"))
    words = plural(count, "quality action overdue", "quality actions overdue")
    return some(Need(count, words, "/quality/actions?show=overdue"))


def _more_asked(actor: Actor) -> list[Need]:
    count = sum(one.waits for one in more_requests(actor))
    words = plural(count, "request for one more resubmission", "requests for one more resubmission")
    return some(Need(count, words, "/quality/resubmissions"))


def iqa_home(actor: Actor) -> Home:
    """What an internal quality assurer looks at next."""
    picked, waiting = to_look_at(actor)
    return Home(
        needs=_overdue_actions(actor)
        + _units(picked, "unit picked to look at", "units picked to look at")
        + _more_asked(actor)
        + _units(waiting, "unit to quality assure", "units to quality assure")
        + countersign_needs(actor)
        + claim_needs(actor)
        + external_actions(actor)
    )


def _units(found: Sequence[Waiting], one_unit: str, many: str) -> list[Need]:
    return [Need(one.count, plural(one.count, one_unit, many), one.href, one.cohort) for one in found]


def _claims(actor: Actor) -> list[Need]:
    """What is to be claimed once a course has ended, with its clock, and what the awarding organisation asked."""
    needs: list[Need] = []
    for one in cohort_claims(actor):
        path = f"/cohorts/{one.cohort.id}/claim"
        words = plural(one.unclaimed, "verified unit to claim", "verified units to claim")
        if one.is_due:
            held = f". {one.held} more cannot be claimed just now" if one.held else ""
            note = f"{one.cohort.title}. {one.clock.words}{held}"
            needs.append(Need(one.unclaimed, words, path, note))
        for run in one.runs:
            asked = plural(len(run.queried), "query to answer", "queries to answer")
            needs += some(
                Need(len(run.queried), f"{asked}: {run.label}", f"{path}/{run.id}", one.cohort.title)
            )
    return needs


def eqa_home(actor: Actor) -> Home:
    """What an external quality assurer has left to do in each engagement."""
    engagements = engagements_visible_to(actor)
    needs: list[Need] = []
    for one in engagements:
        path = f"/engagements/{one.id}"
        picks = picks_of(one.id)
        unseen = sum(pick.last_seen_at is None for pick in picks)
        answers = sum(pick.unanswered for pick in picks)
        note = one.purpose
        needs += some(
            Need(
                answers,
                plural(answers, "objection to answer", "objections to answer"),
                f"{path}#picks",
                note,
            ),
            Need(
                unseen,
                plural(unseen, "picked unit not looked at yet", "picked units not looked at yet"),
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
    if not engagements:
        facts = [
            why_nothing_is_open(actor) or "Nothing is open to you just now. The college opens an engagement."
        ]
    return Home(needs=needs, facts=facts)


def admin_home(actor: Actor) -> Home:
    """Certificates to issue, units to claim and batches under way."""
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
        words = plural(ready, "student ready for the certificate", "students ready for their certificates")
        needs += some(Need(ready, words, f"/cohorts/{cohort.id}/graduation", cohort.title))
    needs += _claims(actor)
    for batch in s.scalars(select(CertificateBatch).where(CertificateBatch.finished_at.is_(None))):
        path = f"/cohorts/{batch.cohort_id}/graduation/batches/{batch.id}"
        needs.append(Need(1, "batch of certificates under way", path))
    return Home(needs=needs + external_actions(actor), cohorts=())
