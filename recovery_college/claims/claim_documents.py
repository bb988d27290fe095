"""The claim's sheet and the record of units achieved, as tagged PDFs.

Both are the college's own papers (G2): no awarding organisation's logo, and no word that awards anything.
"""

import functools
from datetime import UTC, datetime, time

import jinja2

from recovery_college.assessment.claim_rules import Capacity
from recovery_college.claims.sheet_queries import Sheet
from recovery_college.claims.transcript_queries import Transcript
from recovery_college.courses.models import Cohort
from recovery_college.kernel import clock
from recovery_college.kernel.paths import templates_folder
from recovery_college.kernel.pdf import PdfDocument
from recovery_college.kernel.wording import day, moment
from recovery_college.people.rules import ULN_NOT_YET_KNOWN

LANGUAGE = "en-GB"


def claim_document(sheet: Sheet, cohort: Cohort, college_name: str, org_name: str) -> PdfDocument:
    """A run in the sheet's shape: run id, units, students, a tick per student per unit, signatures."""
    run = sheet.run
    signed = {one.capacity: one for one in run.signatures}
    body = _template("claim.html").render(
        sheet=sheet,
        run=run,
        cohort=cohort,
        college_name=college_name,
        org_name=org_name,
        signatures=[(one.value, signed.get(one)) for one in Capacity],
    )
    return PdfDocument(
        title=f"Recommendation for award of credit {run.label}",
        lang=LANGUAGE,
        body=body,
        stylesheet="claim.css",
        created_at=run.locked_at or run.prepared_at,
        author=college_name,
        subject=run.label,
    )


def transcript_document(transcript: Transcript, college_name: str, org_name: str) -> PdfDocument:
    """The record of units achieved. No student's name in the file's properties (trust.md 1)."""
    today = clock.today()
    body = _template("transcript.html").render(
        transcript=transcript, college_name=college_name, org_name=org_name, today=today
    )
    return PdfDocument(
        title="Record of units achieved",
        lang=LANGUAGE,
        body=body,
        stylesheet="transcript.css",
        created_at=datetime.combine(today, time(), UTC),
        author=college_name,
    )


@functools.cache
def _template(name: str) -> jinja2.Template:
    """A document's template, from an environment of its own: no globals of the web pages reach it."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_folder() / "documents"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = day
    environment.filters["moment"] = moment
    environment.filters["uln"] = lambda uln: "not yet known" if uln == ULN_NOT_YET_KNOWN else uln
    return environment.get_template(name)
