"""The home page of each role, and what the public and machines may ask."""

from flask import current_app, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from recovery_college.access.gate import current_actor, the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.running_app import the_settings
from recovery_college.reporting.home_queries import home_of
from recovery_college.reporting.room import room as room


@room.page("/", permission=Permission.PUBLIC)
def home() -> ResponseReturnValue:
    """What needs me today; the sign-in page for who is not signed in."""
    if current_actor() is None:
        return redirect("/sign-in", 303)
    actor = the_actor()
    hour = clock.now().astimezone(clock.LONDON).hour
    settings = the_settings()
    shown = home_of(actor, vacancies_only=settings.parts == "careers")
    finds = may(actor, Permission.STUDENT_SEE) and settings.parts != "careers"
    return render_template("reporting/home.html", hour=hour, actor=actor, home=shown, finds_students=finds)


@room.page("/menu/<group>", permission=Permission.SIGNED_IN)
def menu_show(group: str) -> ResponseReturnValue:
    """What the menu holds under one heading, each way with what it is for. The list of ways hands it down."""
    found = or_404(current_app.extensions["page_of_ways"](the_actor(), the_settings(), group))
    return render_template("reporting/menu_show.html", label=found[0], ways=found[1])


@room.page("/accessibility", permission=Permission.PUBLIC)
def accessibility() -> ResponseReturnValue:
    """The accessibility statement."""
    return render_template("pages/accessibility.html")


@room.page("/privacy", permission=Permission.PUBLIC)
def privacy() -> ResponseReturnValue:
    """What is kept, why, and who sees it."""
    return render_template("pages/privacy.html")


@room.page("/cookies", permission=Permission.PUBLIC)
def cookies() -> ResponseReturnValue:
    """The one cookie."""
    return render_template("pages/cookies.html")


@room.page("/help", permission=Permission.PUBLIC)
def help_page() -> ResponseReturnValue:
    """Whom to ask."""
    return render_template("pages/help.html")


@room.page("/health/live", permission=Permission.PUBLIC)
def health_live() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "live"}


@room.page("/health/ready", permission=Permission.PUBLIC)
def health_ready() -> ResponseReturnValue:
    """The database answers too."""
    session().execute(text("SELECT 1"))
    return {"status": "ready"}
