"""A living gallery, for tests only: every component, field, state and error page in the real layout."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace

from flask import Blueprint, Flask, abort, flash, render_template, request
from flask_wtf import CSRFProtect
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import TooManyRequests

from recovery_college.kernel.errors import ChangedMeanwhile, init_errors
from recovery_college.kernel.forms import (
    CheckboxesField,
    DateField,
    DecimalField,
    EmailField,
    FileField,
    Form,
    IntegerField,
    PasswordField,
    RadiosField,
    SelectField,
    TextAreaField,
    TextField,
    YesNoField,
)
from recovery_college.kernel.pages import init_pages

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
ERROR_CODES = (400, 401, 403, 404, 409, 413, 429, 500, 503)
STATEMENTS = ("accessibility", "privacy", "cookies", "help")


@dataclass
class GalleryRole:
    label: str = "Tutor"


@dataclass
class GalleryActor:
    name: str = "Maya Okonkwo-Featherstonehaugh"
    role: GalleryRole = field(default_factory=GalleryRole)
    roles: tuple[str, ...] = ("tutor", "iqa")


class EveryField(Form):
    name = TextField(
        "Name on the certificate", required="Enter the name", hint="As it should be printed", width=20
    )
    email = EmailField("Email address", required="Enter the email address")
    secret = PasswordField("Password", required="Enter your password")
    places = IntegerField("Places", required="Enter how many places there are", least=1, most=40)
    weekly_hours = DecimalField("Weekly hours", suffix="hours a week", most="37.5")
    seen_on = DateField("Date the evidence was seen", required="Enter the date the evidence was seen")
    decision = RadiosField(
        "Could a peer support worker do this job?",
        choices=[
            ("psw", "Yes, advertise it as a PSW post"),
            ("both", "Open to both", "Either background is welcome"),
            ("no", "Not a PSW role"),
        ],
        required="Choose what you decided",
    )
    why = TextAreaField(
        "Why is it not a PSW role?",
        max_length=200,
        required=lambda form: "Say why" if form.decision.data == "no" else None,
    )
    days = CheckboxesField(
        "Days you can work", choices=[("mon", "Monday"), ("tue", "Tuesday", "Mornings only")]
    )
    site = SelectField(
        "Site", choices=[("cam", "Cambridge"), ("pet", "Peterborough")], required="Choose a site"
    )
    sheet = FileField("Students file", accept=".csv,.xlsx", hint="CSV or Excel, 50 MB at most")
    agreed = YesNoField("Has the team been told?", required="Choose yes or no")


class OneQuestion(Form):
    starts_on = DateField("When does the cohort start?", required="Enter the start date", heading=True)


gallery = Blueprint("gallery", __name__, template_folder="gallery")


@gallery.route("/")
def index() -> str:
    return render_template("gallery_components.html", now=NOW)


@gallery.route("/form", methods=["GET", "POST"])
def every_field() -> str:
    form = EveryField()
    form.validate_on_submit()
    return render_template("gallery_form.html", form=form)


@gallery.route("/form-kept")
def kept_form() -> str:
    kept = {
        "name": "Zoë O'Neill",
        "seen_on": NOW.date(),
        "decision": "both",
        "days": ["tue"],
        "agreed": False,
    }
    return render_template("gallery_form.html", form=EveryField(data=kept))


@gallery.route("/question", methods=["GET", "POST"])
def one_question() -> str:
    form = OneQuestion()
    form.validate_on_submit()
    return render_template("gallery_question.html", form=form)


@gallery.route("/flashes")
def flashes() -> str:
    flash("Certificates issued to 12 people", "success")
    flash("One person is still waiting for <b>attendance</b>", "info")
    return render_template("gallery_form.html", form=EveryField())


@gallery.route("/pages/<name>")
def statement(name: str) -> str:
    return render_template(f"pages/{name}.html")


@gallery.route("/errors/<int:code>", methods=["GET", "POST"])
def error(code: int) -> str:
    if code == 409:
        raise ChangedMeanwhile(
            [("Decision", "Met, by Jo at 10:40am")],
            [("Decision", "Not yet met"), ("Feedback", "Say more\nplease")],
            "/",
        )
    if code == 429:
        raise TooManyRequests(retry_after=120)
    abort(code)


@gallery.route("/bug", methods=["GET", "POST"])
def bug() -> str:
    raise ZeroDivisionError("Amina's secret text")


@gallery.route("/database-away", methods=["GET", "POST"])
def database_away() -> str:
    raise OperationalError("SELECT 1", {"name": "Amina"}, Exception("database is locked"))


@gallery.route("/disk-full", methods=["POST"])
def disk_full() -> str:
    raise OSError(errno.ENOSPC, "No space left on device")


@gallery.route("/misspelt")
def misspelt() -> str:
    return render_template("gallery_misspelt.html", cohort="11")


def gallery_app(*, signed_in: bool = True, csrf: bool = True) -> Flask:
    """The real layout, fields and errors around made-up pages."""
    app = Flask("gallery")
    app.config.update(
        SECRET_KEY="gallery", WTF_CSRF_ENABLED=csrf, ORG_NAME="Fenside NHS Foundation Trust",
        COLLEGE_NAME="Fenside Recovery College", MAX_CONTENT_LENGTH=1_000_000,
    )  # fmt: skip
    app.extensions["settings"] = SimpleNamespace(
        org_name="Fenside NHS Foundation Trust", college_name="", contact_email=""
    )
    CSRFProtect(app)
    init_pages(app, now=lambda: NOW)
    init_errors(app)
    app.register_blueprint(gallery)

    @app.context_processor
    def visitor() -> dict[str, object]:
        if request.args.get("visitor") == "away":
            raise OperationalError("SELECT 1", {}, Exception("database is locked"))
        menu = ("Home", "Cohorts", "Vacancies", "Considerations", "Reports", "Audit")
        return {
            "actor": GalleryActor() if signed_in else None,
            "org_name": "Fenside NHS Foundation Trust",
            "college_name": "Fenside Recovery College",
            "contact_email": "college@fenside.example",
            "navigation": [
                {"text": text, "href": f"/#{text.lower()}", "current": text == "Cohorts"} for text in menu
            ] if signed_in else [],
        }  # fmt: skip

    return app
