"""How the band 2-4 rule is kept: the page, and the same figures for Excel."""

from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.careers.compliance import compliance_total
from recovery_college.careers.compliance_facts import facts_visible_to
from recovery_college.kernel import clock
from recovery_college.kernel.tables_out import MEDIA_TYPES, Format, write_table
from recovery_college.reporting import presenters
from recovery_college.reporting.forms import PeriodForm
from recovery_college.reporting.room import room

FORMATS: dict[str, Format] = {"csv": "csv", "xlsx": "xlsx"}


@room.page("/reports/consideration", permission=Permission.REPORT_CONSIDERATION)
def consideration_report() -> ResponseReturnValue:
    """On time, late, never, not due yet, and advertised before considered. A manager's own numbers only."""
    actor = the_actor()
    today = clock.today()
    form = PeriodForm(request.args)
    right = form.validate()
    facts = facts_visible_to(actor, form.since.data, form.until.data) if right else []
    total = compliance_total(facts, today)
    page = render_template(
        "reporting/consideration_report.html",
        form=form,
        total=total,
        bars=presenters.bars(total),
        share=presenters.share_words(total),
        headings=presenters.HEADINGS,
        breakdowns=presenters.breakdowns(facts, today),
        downloads={
            form_name: url_for("reporting.consideration_figures", form=form_name, **_period())
            for form_name in FORMATS
        },
        own=may(actor, Permission.CONSIDERATION_RECORD),
        is_narrowed=bool(_period()),
        counted_on=today,
    )
    return page, 200 if right else 422


@room.page("/reports/consideration.<form>", permission=Permission.REPORT_CONSIDERATION)
def consideration_figures(form: str) -> ResponseReturnValue:
    """The figures of the page, for the same days."""
    period = PeriodForm(request.args)
    if form not in FORMATS or not period.validate():
        abort(404)
    facts = facts_visible_to(the_actor(), period.since.data, period.until.data)
    columns = ["By", "Name", *presenters.HEADINGS]
    content = write_table(FORMATS[form], columns, presenters.report_rows(facts, clock.today()))
    answer = Response(content, content_type=MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="consideration-report.{form}"'
    return answer


def _period() -> dict[str, Any]:
    """The days chosen, as the address has them."""
    names = [f"{name}-{part}" for name in ("since", "until") for part in ("day", "month", "year")]
    return {name: request.args[name] for name in names if request.args.get(name)}
