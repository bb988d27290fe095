"""The paper of an engagement's pack as a tagged PDF: states, plan, verdicts, staff, meetings, actions (A11)."""

import functools
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import jinja2

from recovery_college.courses.specification import unit_label
from recovery_college.kernel.paths import templates_folder
from recovery_college.kernel.pdf import PdfDocument
from recovery_college.kernel.wording import day, moment, plain_number
from recovery_college.quality.pack_queries import PackFacts, Piece
from recovery_college.quality.sampling import Stage

LANGUAGE = "en-GB"
STAGES = {Stage.INTERIM: "while the course runs", Stage.SUMMATIVE: "when assessed"}
VERDICTS = {
    "confirmed": "Confirmed",
    "returned": "Returned to the assessor",
    "sample closed": "Sample closed: verified without being looked at",
}


def pack_document(
    facts: PackFacts, pieces: Mapping[UUID, Sequence[Piece]], college_name: str, org_name: str, at: datetime
) -> PdfDocument:
    """The paper. `pieces`: the evidence of each picked enrolment. No student's name in the file's properties."""
    body = _template().render(
        facts=facts,
        pieces=pieces,
        college_name=college_name,
        org_name=org_name,
        at=at,
        stages=STAGES,
        verdicts=VERDICTS,
        unit_label=unit_label,
    )
    return PdfDocument(
        title=f"Pack for external quality assurance: {facts.engagement.purpose or 'engagement'}",
        lang=LANGUAGE,
        body=body,
        stylesheet="pack.css",
        created_at=at,
        author=college_name,
    )


@functools.cache
def _template() -> jinja2.Template:
    """The paper's template, from an environment of its own: no globals of the web pages reach it."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_folder() / "documents"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = day
    environment.filters["moment"] = moment
    environment.filters["number"] = lambda value: plain_number(value, 2)
    return environment.get_template("pack.html")
