"""How the band 2-4 rule is kept: the page, and the same figures for Excel."""

from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.careers import presenters as careers_presenters
from recovery_college.careers.compliance import FIGURES, ComplianceCounts, Dimension, Narrowing, trend_of
from recovery_college.careers.compliance_queries import ComplianceReport, compliance_report, vacancies_behind
from recovery_college.careers.queries import vacancies_by_id
from recovery_college.kernel import clock
from recovery_college.kernel.paging import page_asked_for
from recovery_college.kernel.tables_out import FORMATS, MEDIA_TYPES, write_table
from recovery_college.reporting import presenters
from recovery_college.reporting.forms import PeriodForm
from recovery_college.reporting.room import room

PAGE = 50
MOST_PAGES = 99_999
_NOTHING = ComplianceReport(ComplianceCounts(), {})


@room.page("/reports/consideration", permission=Permission.REPORT_CONSIDERATION)
def consideration_report() -> ResponseReturnValue:
    """On time, late, never, not due yet, and advertised before considered. A manager's own numbers only."""
    actor = the_actor()
    today = clock.today()
    form = PeriodForm(request.args)
    right = form.validate()
    report = compliance_report(actor, form.since.data, form.until.data) if right else _NOTHING
    opens, total = may(actor, Permission.CONSIDERATION_SEE), report.total
    page = render_template(
        "reporting/consideration_report.html",
        form=form,
        total=total,
        bars=presenters.bars(total),
        share=presenters.share_words(total),
        headings=presenters.HEADINGS,
        breakdowns=presenters.breakdowns(report, _address if opens else None),
        totals=presenters.opened_totals(total, _address) if opens else [],
        trend=presenters.trend_bars(trend_of(report.rows.get(Dimension.MONTH, ()), today)),
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
    report = compliance_report(the_actor(), period.since.data, period.until.data)
    columns = ["By", "Name", *presenters.HEADINGS]
    content = write_table(FORMATS[form], columns, presenters.report_rows(report))
    answer = Response(content, content_type=MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="consideration-report.{form}"'
    return answer


@room.page("/reports/consideration/vacancies", permission=Permission.CONSIDERATION_SEE)
def consideration_behind() -> ResponseReturnValue:
    """The vacancies behind one figure: exactly those it counts, for who may see single answers."""
    actor, today = the_actor(), clock.today()
    if not request.args:
        return redirect(url_for("reporting.consideration_report"), 303)
    period = PeriodForm(request.args)
    chosen = _narrowing()
    if chosen is None or not period.validate():
        abort(404)
    number = min(page_asked_for(), MOST_PAGES)
    first = (max(number, 1) - 1) * PAGE
    behind = vacancies_behind(actor, chosen, period.since.data, period.until.data, skipped=first, most=PAGE)
    given: dict[str, Any] = {"figure": chosen.figure, **_row_of(chosen.dimension, chosen.key), **_period()}
    return render_template(
        "reporting/consideration_behind.html",
        words=presenters.narrowing_words(chosen, behind.name),
        count=behind.count,
        rows=vacancies_by_id(actor, behind.ids),
        present=careers_presenters,
        back_to=url_for("reporting.consideration_report", **_period()),
        next_page=url_for("reporting.consideration_behind", **given, page=number + 1)
        if behind.count > first + PAGE
        else None,
        first_page=url_for("reporting.consideration_behind", **given) if first else None,
        counted_on=today,
    )


def _narrowing() -> Narrowing | None:
    """What the address opens; None for words the report does not know."""
    figure, by = request.args.get("figure", ""), request.args.get("by", "")
    if figure not in FIGURES or (by and by not in set(Dimension)):
        return None
    return Narrowing(figure, Dimension(by) if by else None, request.args.get("name", ""))


def _row_of(dimension: Dimension | None, key: str) -> dict[str, str]:
    return {"by": dimension.value, "name": key} if dimension else {}


def _address(figure: str, dimension: Dimension | None = None, key: str = "") -> str:
    """Where the vacancies behind a figure are listed, for the same days."""
    given: dict[str, Any] = {"figure": figure, **_row_of(dimension, key), **_period()}
    return url_for("reporting.consideration_behind", **given)


def _period() -> dict[str, Any]:
    """The days chosen, as the address has them."""
    names = [f"{name}-{part}" for name in ("since", "until") for part in ("day", "month", "year")]
    return {name: request.args[name] for name in names if request.args.get(name)}
