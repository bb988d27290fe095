"""Training in numbers: the page, and the same figures to take away."""

from flask import Response, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.kernel.tables_out import FORMATS, MEDIA_TYPES, write_table
from recovery_college.reporting.queries import COLUMNS, training_of
from recovery_college.reporting.room import room

HIDDEN = "*"


@room.page("/reports/training", permission=Permission.REPORT_TRAINING)
def training_report() -> ResponseReturnValue:
    """How many take part, come, are quality assured and graduate, cohort by cohort."""
    actor = the_actor()
    college = "graduation.certificates_list" in current_app.view_functions
    return render_template(
        "reporting/training_report.html",
        training=training_of(actor),
        columns=COLUMNS,
        opens_quality=college and may(actor, Permission.QUALITY_SEE),
        opens_certificates=college and may(actor, Permission.CERTIFICATE_SEE),
    )


@room.page("/reports/training.<form>", permission=Permission.REPORT_TRAINING)
def training_figures(form: str) -> ResponseReturnValue:
    """The figures of the page as a file, of just those cohorts that its reader may count."""
    if form not in FORMATS:
        abort(404)
    training = training_of(the_actor())
    columns = [
        "Cohort",
        "Title",
        *COLUMNS,
        *(["Attendance of sessions marked"] if training.shows_attendance else []),
    ]
    rows = [
        [
            line.ref,
            line.title,
            *(HIDDEN if count is None else count for count in line.counts),
            *([HIDDEN if line.attendance_hidden else line.attendance] if training.shows_attendance else []),
        ]
        for line in training.lines
    ]
    answer = Response(write_table(FORMATS[form], columns, rows), content_type=MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="training.{form}"'
    return answer
