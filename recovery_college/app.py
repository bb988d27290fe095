"""The factory: settings, extensions, rooms, error pages. No domain words."""

from collections.abc import Iterable
from datetime import timedelta
from typing import cast

from flask import Flask, request
from flask_login import LoginManager, current_user
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from recovery_college.access.gate import current_actor, init_gate
from recovery_college.access.room import Room
from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.queries import engaged_cohorts, work_on_units
from recovery_college.fairness.rpl_letters import tell_of_decided_claims
from recovery_college.fairness.rpl_queries import criteria_claimed
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, init_db
from recovery_college.kernel.errors import init_errors
from recovery_college.kernel.logging import init_logging
from recovery_college.kernel.mail import init_mail
from recovery_college.kernel.pages import init_pages
from recovery_college.kernel.paths import migrations_folder, static_folder, templates_folder
from recovery_college.kernel.request import PatientRequest
from recovery_college.kernel.settings import Settings, load_settings
from recovery_college.kernel.storage import Storage
from recovery_college.kernel.tasks import init_tasks
from recovery_college.menu import navigation, page_of_ways
from recovery_college.people.signin import load_signed_in
from recovery_college.quality.engagement_queries import why_nothing_is_open
from recovery_college.rooms import JOBS, rooms

LARGEST_REQUEST = 3 * 1024 * 1024
"""Of a form without a file. Where files come in, the route says how much it takes."""
ROOM_BESIDE_A_FILE = 2 * 1024 * 1024
"""For the other boxes of a form; and a file a little too big is refused at its box, in words."""
DATABASE_ANSWERS_WITHIN = 5
"""Seconds until somebody who waits for a PostgreSQL that says nothing is told so."""


def create_app(settings: Settings | None = None) -> Flask:
    """The application. Settings come from the environment unless given. Raises SettingsProblem."""
    settings = settings or load_settings()
    app = Flask(
        "recovery_college",
        template_folder=str(templates_folder()),
        static_folder=str(static_folder()),
        static_url_path="/static",
    )
    app.request_class = PatientRequest
    secure = settings.is_https
    if secure and settings.proxies:
        # Https is spoken by a proxy. Without this every request would seem to come from it, and one guesser would
        # pause sign-in for the whole Trust.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    app.config.update(
        BRAND=settings.brand,
        SECRET_KEY=settings.key(),
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings.database),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        TRUSTED_HOSTS=settings.host_names,
        SESSION_COOKIE_NAME="__Host-rc" if secure else "rc",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
    )
    app.extensions["settings"] = settings
    app.extensions["storage"] = Storage(settings.storage_url or settings.data_dir / "files")
    init_logging(app)
    app.extensions["engaged_cohorts"] = engaged_cohorts
    app.extensions["work_on_units"] = work_on_units
    app.extensions["prior_learning"] = criteria_claimed
    app.extensions["decisions_released"] = tell_of_decided_claims
    app.extensions["page_of_ways"] = page_of_ways
    init_pages(app, clock.now)
    init_db(app)
    Migrate(app, db, directory=str(migrations_folder()), render_as_batch=True)
    init_mail(app, settings)
    init_tasks(app, settings, JOBS)
    init_errors(app)
    _init_limits(app, rooms(settings))
    CSRFProtect(app)
    _init_login(app)
    for room in rooms(settings):
        app.register_blueprint(room)
    init_gate(app, _actor, "/sign-in")
    app.context_processor(
        lambda: {
            "actor": current_actor(),
            "is_demo": app.extensions.get("is_demo", False),
            "org_name": settings.org_name,
            "college_name": settings.college_name,
            "contact_email": settings.contact_email,
            "navigation": navigation(current_actor(), settings),
            "sees_cohorts": may(current_actor(), Permission.COHORT_SEE),
            "why_not_found": lambda: why_nothing_is_open(current_actor()),
        }
    )
    return app


def _engine_options(url: str) -> dict[str, object]:
    # No bound value may reach a log by way of an error's text: it could be a name or feedback.
    common = {"hide_parameters": True}
    if url.startswith("sqlite"):
        # Opened anew after an hour, a connection knows what was counted meanwhile (kernel/statistics.py).
        return {**common, "connect_args": {"timeout": 5, "check_same_thread": False}, "pool_recycle": 3600}
    # As on SQLite nobody waits for another's lock for longer than five seconds: then 503, with what was typed. Nor
    # for a server that does not answer, or whose machine went away without a word: left to itself the system
    # would wait for two minutes, and for a connection that was open for a quarter of an hour.
    waiting = {
        "options": "-c lock_timeout=5s",
        "connect_timeout": DATABASE_ANSWERS_WITHIN,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
    return {**common, "connect_args": waiting, "pool_pre_ping": True, "pool_size": 5, "max_overflow": 10}


def _init_limits(app: Flask, opened: Iterable[Room]) -> None:
    """Let a route that takes files take them, from who has a session: nobody else may fill the disk."""
    largest = {endpoint: size for room in opened for endpoint, size in room.largest.items()}
    app.extensions["largest"] = largest

    @app.before_request
    def set_limit() -> None:
        wanted = largest.get(request.endpoint or "")
        if wanted is not None and app.config["SESSION_COOKIE_NAME"] in request.cookies:
            request.max_content_length = wanted + ROOM_BESIDE_A_FILE


def _init_login(app: Flask) -> None:
    login = LoginManager(app)
    login.session_protection = None
    login.user_loader(load_signed_in)


def _actor() -> Actor | None:
    user = current_user._get_current_object()
    return cast(Actor, user) if user.is_authenticated else None
