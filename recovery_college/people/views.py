"""Signing in and out, one's own account, and the list of people who may sign in."""

from typing import cast
from uuid import UUID

from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user
from werkzeug.exceptions import TooManyRequests

from recovery_college.access.gate import current_actor, the_actor
from recovery_college.access.room import Room
from recovery_college.access.rules import Permission, Role
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.running_app import the_settings
from recovery_college.people import services
from recovery_college.people.forms import (
    ChangePasswordForm,
    ChoosePasswordForm,
    InviteForm,
    RoleForm,
    SignInForm,
)
from recovery_college.people.queries import (
    INVITED,
    AccountRow,
    account_visible_to,
    accounts_visible_to,
    messages_to,
    outbox_visible_to,
    roles_they_may_give,
)
from recovery_college.people.signin import (
    SignedIn,
    account_of_link,
    change_password,
    sign_in,
    sign_out,
    use_link,
    wear_role,
)
from recovery_college.people.throttle import TooManyTries

room = Room("people", __name__)


def _enter(actor: SignedIn) -> None:
    """Put the actor's token into a fresh cookie session, so that an old one cannot be fixed on them."""
    session.clear()
    session.permanent = False
    login_user(actor)


def _local_path(given: str | None) -> str:
    """A path within this site, or home: never another host (`//evil`, `\\\\evil`, `javascript:`)."""
    path = given or "/"
    if not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(c) < 33 for c in path):
        return "/"
    return path


@room.page("/sign-in", permission=Permission.PUBLIC, methods=("GET", "POST"))
def sign_in_page() -> ResponseReturnValue:
    """The one form that lets people in."""
    if current_actor() is not None and request.method == "GET":
        return redirect(_local_path(request.args.get("next")), 303)
    form = SignInForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        try:
            actor = sign_in(
                current_app.config["SECRET_KEY"],
                form.email.data,
                form.password.data,
                request.remote_addr or "",
            )
        except TooManyTries as paused:
            raise TooManyRequests(retry_after=paused.wait) from None
        if actor is not None:
            _enter(actor)
            return redirect(_local_path(form.next.data), 303)
        form.password.errors = ["The email address or password is not right. Check both and try again"]
    return render_template("people/sign_in.html", form=form), 422 if form.is_submitted() else 200


@room.page("/sign-out", permission=Permission.SIGNED_IN, methods=("POST",))
def sign_out_now() -> ResponseReturnValue:
    """End the session and say so."""
    sign_out(cast(SignedIn, the_actor()))
    logout_user()
    session.clear()
    return redirect(url_for("people.signed_out"), 303)


@room.page("/signed-out", permission=Permission.PUBLIC)
def signed_out() -> ResponseReturnValue:
    """You have signed out."""
    return render_template("people/signed_out.html")


@room.page("/account", permission=Permission.SIGNED_IN)
def account() -> ResponseReturnValue:
    """One's own account."""
    return render_template("people/account.html")


@room.page("/account/messages", permission=Permission.SIGNED_IN)
def account_messages() -> ResponseReturnValue:
    """What the college wrote to oneself, whether it could be sent or not."""
    base = the_settings().public_base_url
    return render_template("people/account_messages.html", messages=messages_to(the_actor()), base=base)


@room.page("/account/password", permission=Permission.SIGNED_IN, methods=("GET", "POST"))
def account_password() -> ResponseReturnValue:
    """Change one's own password."""
    actor = cast(SignedIn, the_actor())
    form = ChangePasswordForm(actor.email)
    if form.validate_on_submit():
        try:
            is_changed = change_password(
                current_app.config["SECRET_KEY"], actor, form.old_password.data, form.password.data
            )
        except TooManyTries as paused:
            raise TooManyRequests(retry_after=paused.wait) from None
        if is_changed:
            flash(
                "Your password is changed. Other places where you were signed in are signed out.", "success"
            )
            return redirect(url_for("people.account"), 303)
        form.old_password.errors = ["This is not your current password"]
    return render_template("people/account_password.html", form=form), 422 if form.is_submitted() else 200


@room.page("/account/role", permission=Permission.SIGNED_IN, methods=("GET", "POST"))
def account_role() -> ResponseReturnValue:
    """Wear another of one's roles: explicit, and on the record."""
    actor = cast(SignedIn, the_actor())
    form = RoleForm(list(actor.roles), role=actor.role.value)
    if form.validate_on_submit():
        changed = wear_role(actor, Role(form.role.data))
        if changed is None:
            abort(403)
        _enter(changed)
        return redirect("/", 303)
    return render_template("people/account_role.html", form=form), 422 if form.is_submitted() else 200


@room.page("/welcome/<token>", permission=Permission.PUBLIC, methods=("GET", "POST"))
def welcome(token: str) -> ResponseReturnValue:
    """Choose a password by a one-time link."""
    found = account_of_link(token)
    if found is None:
        return render_template("people/link_over.html"), 404
    form = ChoosePasswordForm(found.email)
    if form.validate_on_submit():
        actor = use_link(token, form.password.data)
        if actor is None:
            return render_template("people/link_over.html"), 404
        _enter(actor)
        flash("Your password is saved and you are signed in.", "success")
        return redirect("/", 303)
    page = render_template("people/welcome.html", form=form, email=found.email)
    return page, 422 if form.is_submitted() else 200


@room.page("/people", permission=Permission.PEOPLE_SEE)
def people_list() -> ResponseReturnValue:
    """Everybody who may sign in."""
    search = request.args.get("search", "").strip()[:100]
    show = INVITED if request.args.get("show") == INVITED else ""
    rows = accounts_visible_to(the_actor(), search, show)
    return render_template("people/people_list.html", rows=rows, search=search, show=show)


@room.page("/people/<uuid:account_id>", permission=Permission.PEOPLE_SEE)
def person_show(account_id: UUID) -> ResponseReturnValue:
    """One account: its roles, a fresh link, closing it."""
    return _person_page(_account_or_404(account_id))


@room.page(
    "/people/<uuid:account_id>",
    permission=Permission.ROLES_CHANGE,
    see=Permission.PEOPLE_SEE,
    methods=("POST",),
)
def person_change(account_id: UUID) -> ResponseReturnValue:
    """What the pressed button says about one account."""
    row = _account_or_404(account_id)
    try:
        link = _change_person(row.person_id, account_id, row.email)
    except services.PeopleRefusal as refusal:
        flash(str(refusal), "error")
        link = ""
    if link:
        return _person_page(row, link)
    return redirect(url_for("people.person_show", account_id=account_id), 303)


def _account_or_404(account_id: UUID) -> AccountRow:
    return or_404(account_visible_to(the_actor(), account_id))


def _person_page(row: AccountRow, link: str = "") -> str:
    missing = [{"value": role.value, "text": role.label} for role in Role if role not in row.roles]
    return render_template("people/person_show.html", row=row, missing=missing, link=link)


def _change_person(person_id: UUID, account_id: UUID, email: str) -> str:
    """Do what the pressed button says; a one-time link when that was asked for, else an empty text."""
    actor = the_actor()
    deed = request.form.get("deed", "")
    role = request.form.get("role", "")
    if deed in ("give", "take") and role not in set(Role):
        abort(400)
    if deed == "give":
        services.give_role(actor, person_id, Role(role))
        flash(f"They are now also: {Role(role).label}.", "success")
    elif deed == "take":
        services.end_role(actor, person_id, Role(role))
        flash(f"They are no longer: {Role(role).label}. It counts from their next click.", "success")
    elif deed == "close":
        services.close_account(actor, account_id)
        flash("The account is closed.", "success")
    elif deed == "link":
        return _absolute_link(services.new_link(actor, email))
    else:
        abort(400)
    return ""


@room.page("/people/invite", permission=Permission.SIGNED_IN, methods=("GET", "POST"))
def person_invite() -> ResponseReturnValue:
    """Invite somebody: which roles may be given depends on the role worn."""
    actor = the_actor()
    roles = roles_they_may_give(actor)
    if not roles:
        abort(403)
    form = InviteForm(roles, role=roles[0].value if len(roles) == 1 else None)
    link = ""
    if form.validate_on_submit():
        try:
            token = services.create_user(actor, form.email.data, form.name.data or "", Role(form.role.data))
            if token is None:
                flash("They have an account already. They now have this role as well.", "success")
                return redirect(url_for("people.person_invite"), 303)
            link = _absolute_link(token)
        except services.PeopleRefusal as refusal:
            box = form[refusal.field or "email"]
            box.errors = [str(refusal)]
    status = 422 if form.is_submitted() and not link else 200
    return render_template("people/person_invite.html", form=form, link=link), status


@room.page("/people/outbox", permission=Permission.PEOPLE_SEE)
def outbox() -> ResponseReturnValue:
    """How the messages the product wrote fare; neither to whom nor what they say."""
    settings = the_settings()
    mails = outbox_visible_to(the_actor())
    return render_template("people/outbox.html", mails=mails, is_sending=settings.mail_url != "outbox")


def _absolute_link(token: str) -> str:
    settings = the_settings()
    return settings.public_base_url + url_for("people.welcome", token=token)
