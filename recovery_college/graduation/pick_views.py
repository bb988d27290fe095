"""The page of one pick of an engagement, and what is said about it (A11).

It stands in this room since a pick tells the certificate that the student's place led to.
"""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.engagement_queries import Opened, picked_evidence
from recovery_college.assessment.evidence_queries import EvidenceItem, evidence_opened_to
from recovery_college.audit.services import record_view
from recovery_college.courses.attendance_queries import attendance_of
from recovery_college.courses.rules import AttendanceSummary
from recovery_college.graduation.queries import certificates_of_place
from recovery_college.kernel import clock
from recovery_college.kernel.errors import or_404
from recovery_college.quality import engagement_services as services
from recovery_college.quality.board_queries import UnitFile, unit_file
from recovery_college.quality.engagement_forms import SeenForm, WordsForm
from recovery_college.quality.engagement_queries import VIEWED, PickRow, objections_to, pick_of, views_of
from recovery_college.quality.engagement_views import ONE, SEE, engagement_or_404
from recovery_college.quality.room import room


@room.page(f"{ONE}/picks/<uuid:pick_id>", permission=SEE)
def engagement_pick_show(engagement_id: UUID, pick_id: UUID) -> ResponseReturnValue:
    """One pick. The external sees decisions, verdicts and evidence, and each look is recorded."""
    return _pick_page(engagement_id, pick_id, None)


@room.page(
    f"{ONE}/picks/<uuid:pick_id>/object",
    permission=Permission.ENGAGEMENT_ANSWER,
    see=SEE,
    methods=("POST",),
)
def engagement_object(engagement_id: UUID, pick_id: UUID) -> ResponseReturnValue:
    """The college objects, in writing."""
    return _said(engagement_id, pick_id, services.object_to_pick, "Your objection is with the external.")


@room.page(
    f"{ONE}/picks/<uuid:pick_id>/answer", permission=Permission.ENGAGEMENT_PICK, see=SEE, methods=("POST",)
)
def engagement_answer(engagement_id: UUID, pick_id: UUID) -> ResponseReturnValue:
    """The external answers the college's objection."""
    return _said(engagement_id, pick_id, services.answer_objection, "Your answer is with the college.")


def _said(engagement_id: UUID, pick_id: UUID, deed: object, done: str) -> ResponseReturnValue:
    form = _words_form(the_actor())
    if form.validate_on_submit():
        try:
            deed(the_actor(), engagement_id, pick_id, form.words.data or "")  # type: ignore[operator]
        except services.NoSuchEngagement:
            abort(404)
        except services.EngagementRefused as refusal:
            form.blame(refusal)
        else:
            flash(done, "success")
            here = url_for("quality.engagement_pick_show", engagement_id=engagement_id, pick_id=pick_id)
            return redirect(here, 303)
    return _pick_page(engagement_id, pick_id, form), 422


def _words_form(actor: Actor, **rest: object) -> WordsForm:
    return WordsForm("Your answer" if actor.role is Role.EQA else "Why does the college object?", **rest)


def _pick_page(engagement_id: UUID, pick_id: UUID, form: WordsForm | None) -> str:
    actor = the_actor()
    engagement = engagement_or_404(actor, engagement_id)
    pick = or_404(pick_of(engagement, pick_id))
    external = actor.role is Role.EQA
    file = unit_file(actor, pick.cohort_id, pick.enrolment_id, pick.unit_id) if external else None
    if external:
        record_view(actor, VIEWED, pick_id, enrolment=str(pick.enrolment_id), unit=str(pick.unit_id))
    return render_template(
        "quality/engagement_pick.html",
        engagement=engagement,
        pick=pick,
        file=file,
        evidence=_evidence(actor, pick) if external else [],
        attendance=_attendance(actor, file) if file else None,
        tells_attendance=may(actor, Permission.PICK_ATTENDANCE_SEE),
        objections=objections_to(pick_id),
        views=views_of(pick_id),
        form=form or _words_form(actor, formdata=None),
        is_external=external,
        certificates=certificates_of_place(actor, pick.enrolment_id),
        tells_certificates=may(actor, Permission.CERTIFICATE_SEE),
        may_object=may(actor, Permission.ENGAGEMENT_ANSWER),
        reads_work=may(actor, Permission.FEEDBACK_SEE),
        ask=SeenForm(formdata=None),
    )


def _attendance(actor: Actor, file: UnitFile) -> AttendanceSummary | None:
    """How the student of a pick came along, for who may know it (C3)."""
    if not may(actor, Permission.PICK_ATTENDANCE_SEE):
        return None
    place = file.cell.place
    return attendance_of(file.cohort, [place], clock.today()).get(place.enrolment_id)


def _evidence(actor: Actor, pick: PickRow) -> list[tuple[Opened, EvidenceItem | None]]:
    """The evidence of a picked unit, the latest first: in whole where it opens, else that it is there."""
    opened = picked_evidence(actor, pick_id=pick.id)
    items = {one.id: one for one in evidence_opened_to(actor, list(opened))}
    return [(one, items.get(one.evidence_id)) for one in opened.values()]
