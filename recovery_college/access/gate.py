"""The gate: closed unless the route's permission is granted to the role worn. One place, every request."""

from collections.abc import Callable
from typing import cast
from urllib.parse import quote

from flask import Flask, abort, g, redirect, request
from flask import session as browser_session
from flask.typing import ResponseReturnValue

from recovery_college.access.room import Room
from recovery_college.access.rules import Actor, Permission, may
from recovery_college.kernel.db import begin_reading, begin_writing, session

SIGNED_IN_MARK = "_user_id"
"""What Flask-Login leaves in the browser's session of somebody who was signed in."""


def init_gate(app: Flask, load_actor: Callable[[], Actor | None], sign_in_path: str) -> None:
    """Close `app`: every endpoint answers only to who may, and any endpoint not named in a Room to nobody."""
    needs: dict[str, tuple[Permission, Permission | None]] = {"static": (Permission.PUBLIC, None)}
    for blueprint in app.blueprints.values():
        if isinstance(blueprint, Room):
            needs |= blueprint.needs
    app.extensions["needs"] = needs

    @app.before_request
    def check_permission() -> ResponseReturnValue | None:
        begin_reading()
        g.actor = None
        if request.endpoint == "static":
            return None
        g.actor = load_actor()
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            session().rollback()  # finding out who they are holds no lock that others wait for
            begin_writing()
        if request.endpoint is None:
            return None  # no such page: Flask answers 404 or 405
        if request.endpoint not in needs:
            abort(404)
        permission, see = needs[request.endpoint]
        if may(g.actor, permission):
            _refuse_nul()
            return None
        if g.actor is None and request.method == "POST" and SIGNED_IN_MARK in browser_session:
            abort(401)  # their session ended while they were typing: the page keeps what they wrote
        if g.actor is None:
            back = f"?next={quote(request.full_path.rstrip('?'))}" if request.method == "GET" else ""
            return redirect(sign_in_path + back, 303)
        if (see and may(g.actor, see)) or not request.view_args:
            abort(403)
        abort(404)

    @app.teardown_request
    def end_request(error: BaseException | None) -> None:
        begin_writing()


def _refuse_nul() -> None:
    """No text holds the character NUL, and PostgreSQL stores and compares none: such a request is a bad one."""
    parts = (request.path, *request.args.values(), *request.form.values())
    if any("\0" in part for part in parts):
        abort(400)


def current_actor() -> Actor | None:
    """Who makes this request, or None."""
    return cast(Actor | None, g.get("actor"))


def the_actor() -> Actor:
    """Who makes this request. Only for routes that need a signed-in person."""
    actor = current_actor()
    if actor is None:
        abort(404)
    return actor
