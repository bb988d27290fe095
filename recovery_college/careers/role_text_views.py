"""The page where the college edits what managers read and copy when they consider a peer support worker."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.careers.considerations import Refused
from recovery_college.careers.role_text_forms import BOXES, RoleTextForm
from recovery_college.careers.role_text_queries import role_text, saved_texts
from recovery_college.careers.role_text_services import TextChanged, save_role_text
from recovery_college.careers.room import room
from recovery_college.kernel.errors import ChangedMeanwhile


@room.page("/considerations/role-text", permission=Permission.ROLE_TEXT_EDIT, methods=("GET", "POST"))
def role_text_edit() -> ResponseReturnValue:
    """Edit the words; each save is a version of its own."""
    now = role_text()
    shown = {box: now.brings.get(kind, "") for kind, box in BOXES.items()}
    form = RoleTextForm(
        **shown, paragraph=now.paragraph, specification=now.specification, seen=str(now.version)
    )
    if form.validate_on_submit():
        try:
            save_role_text(
                the_actor(),
                form.brings(),
                form.paragraph.data or "",
                form.specification.data or "",
                form.seen_version(),
            )
        except TextChanged:
            yours = [
                (str(form[name].label.text), str(form[name].data))
                for name in (*BOXES.values(), "paragraph", "specification")
                if form[name].data
            ]
            theirs = [("Role paragraph", now.paragraph), ("Person specification", now.specification)]
            raise ChangedMeanwhile(theirs, yours, url_for("careers.role_text_edit")) from None
        except Refused as refusal:
            for box, sentence in refusal.errors.items():
                form[BOXES.get(box, box)].errors = [sentence]
        else:
            flash("The words are saved. Managers read them from now on.", "success")
            return redirect(url_for("careers.role_text_edit"), 303)
    page = render_template("careers/role_text_edit.html", form=form, now=now, saved=saved_texts())
    return page, 422 if form.is_submitted() else 200
