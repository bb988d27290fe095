"""The page of an engagement's pack: start it, see how far it is, take it away (A11)."""

from uuid import UUID

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.kernel.storage import StorageMissing
from recovery_college.quality.engagement_forms import SeenForm
from recovery_college.quality.engagement_services import EngagementRefused, NoSuchEngagement
from recovery_college.quality.engagement_views import ONE, engagement_or_404
from recovery_college.quality.pack_queries import pack_to_open, packs_of
from recovery_college.quality.pack_services import opened_pack, start_pack
from recovery_college.quality.pack_tasks import go_on_with
from recovery_college.quality.room import room

PACK = f"{ONE}/pack"


@room.page(PACK, permission=Permission.PACK_MAKE)
def engagement_pack(engagement_id: UUID) -> ResponseReturnValue:
    """How the pack stands; the page can be left and found again."""
    return _page(engagement_id, SeenForm(formdata=None))


@room.page(PACK, permission=Permission.PACK_MAKE, methods=("POST",))
def engagement_pack_start(engagement_id: UUID) -> ResponseReturnValue:
    """Start a pack. Pressed twice, it leads to the same one."""
    form = SeenForm()
    if form.validate_on_submit():
        try:
            go_on_with(start_pack(the_actor(), engagement_id))
        except NoSuchEngagement:
            abort(404)
        except EngagementRefused as refusal:
            form.blame(refusal)
        else:
            return redirect(url_for("quality.engagement_pack", engagement_id=engagement_id), 303)
    return _page(engagement_id, form), 422


def _page(engagement_id: UUID, form: SeenForm) -> str:
    actor = the_actor()
    engagement = engagement_or_404(actor, engagement_id)
    packs = packs_of(engagement)
    return render_template(
        "quality/engagement_pack.html",
        engagement=engagement,
        pack=packs[0] if packs else None,
        whole=next((one for one in packs if one.opens), None),
        opens=may(actor, Permission.PACK_OPEN),
        form=form,
    )


@room.page(f"{PACK}.zip", permission=Permission.PACK_OPEN, see=Permission.PACK_MAKE)
def engagement_pack_file(engagement_id: UUID) -> ResponseReturnValue:
    """The pack as a ZIP: for the external while the engagement is open, and for quality assurers."""
    actor = the_actor()
    engagement = engagement_or_404(actor, engagement_id)
    pack = pack_to_open(engagement)
    if pack is None:
        flash("There is no pack to take away now. Make it again.", "error")
        return redirect(url_for("quality.engagement_pack", engagement_id=engagement_id), 303)
    try:
        content = opened_pack(actor, engagement, pack)
    except StorageMissing:
        abort(404)
    answer = Response(content, mimetype="application/zip")
    answer.content_length = pack.size
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="pack-{engagement.opens_on.isoformat()}.zip"'
    )
    return answer
