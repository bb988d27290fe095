"""The record of units achieved: for staff, and one's own; on screen and as a PDF."""

from io import BytesIO
from uuid import UUID

from flask import Response, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.audit.services import record_view
from recovery_college.claims.claim_documents import transcript_document
from recovery_college.claims.room import room
from recovery_college.claims.transcript_queries import Transcript, own_transcript, transcript_for_staff
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.pdf import pdf_maker
from recovery_college.kernel.running_app import the_settings

STAFF = "/students/<uuid:person_id>/transcript"
OWN = "/my-progress/units"


def _for_staff(person_id: UUID) -> Transcript:
    actor = the_actor()
    found = or_404(transcript_for_staff(actor, person_id))
    record_view(actor, "transcript", person_id)
    return found


def _own() -> Transcript | None:
    person_id = the_actor().person_id
    return own_transcript(person_id) if person_id else None


@room.page(STAFF, permission=Permission.STUDENT_SEE)
def transcript(person_id: UUID) -> ResponseReturnValue:
    """A learner's units achieved, as far as this member of staff may know them."""
    found = _for_staff(person_id)
    back = {"href": url_for("graduation.student_show", person_id=person_id), "text": "Student"}
    return render_template(
        "claims/transcript.html", transcript=found, back=back, own=False,
        pdf=url_for("claims.transcript_pdf", person_id=person_id),
    )  # fmt: skip


@room.page(f"{STAFF}.pdf", permission=Permission.STUDENT_SEE)
def transcript_pdf(person_id: UUID) -> ResponseReturnValue:
    """The same as a PDF."""
    return _pdf(_for_staff(person_id))


@room.page(OWN, permission=Permission.OWN_PROGRESS)
def my_transcript() -> ResponseReturnValue:
    """One's own units achieved."""
    back = {"href": url_for("graduation.my_progress"), "text": "My progress"}
    return render_template(
        "claims/transcript.html",
        transcript=_own(),
        back=back,
        own=True,
        pdf=url_for("claims.my_transcript_pdf"),
    )


@room.page(f"{OWN}.pdf", permission=Permission.OWN_PROGRESS)
def my_transcript_pdf() -> ResponseReturnValue:
    """The same as a PDF."""
    found = or_404(_own())
    return _pdf(found)


def _pdf(found: Transcript) -> Response:
    settings = the_settings()
    content = pdf_maker().render_readable(
        transcript_document(found, settings.college_name, settings.org_name)
    )
    return send_file(
        BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name="units-achieved.pdf"
    )
