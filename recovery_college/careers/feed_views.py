"""The pages of a source on NHS Jobs: set it up, fetch it now, see what the last fetch did (V6)."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.careers.bands import Band
from recovery_college.careers.considerations import Refused
from recovery_college.careers.feed_forms import FeedForm
from recovery_college.careers.feed_queries import FeedRow, feed_visible_to, part_words, runs_of
from recovery_college.careers.feed_rules import NHS_JOBS_ADDRESS
from recovery_college.careers.feed_services import FeedChanged, NoSuchFeed, save_feed, start_fetch
from recovery_college.careers.feed_tasks import go_on_with
from recovery_college.careers.forms import VersionedForm
from recovery_college.careers.nhs_jobs_row import element_in_words
from recovery_college.careers.room import room
from recovery_college.kernel.errors import ChangedMeanwhile, or_404

SOURCES = "/vacancies/sources"
ONE = f"{SOURCES}/nhs-jobs/<uuid:feed_id>"
GET_AND_POST = ("GET", "POST")


@room.page(f"{SOURCES}/nhs-jobs/new", permission=Permission.VACANCY_IMPORT, methods=GET_AND_POST)
def feed_new() -> ResponseReturnValue:
    """Add a source."""
    form = FeedForm(
        bands=[Band.BAND_2.value, Band.BAND_3.value, Band.BAND_4.value],
        address=NHS_JOBS_ADDRESS,
        every_day=False,
    )
    if form.validate_on_submit():
        try:
            feed_id = save_feed(the_actor(), form.search())
        except Refused as refusal:
            form.show_errors(refusal.errors)
        else:
            flash("The source is saved. Fetch it when you are ready.", "success")
            return redirect(url_for("careers.feed_show", feed_id=feed_id), 303)
    page = render_template("careers/feed_form.html", form=form, feed=None)
    return page, 422 if form.is_submitted() else 200


@room.page(f"{ONE}/edit", permission=Permission.VACANCY_IMPORT, methods=GET_AND_POST)
def feed_edit(feed_id: UUID) -> ResponseReturnValue:
    """Change a source."""
    feed = known_feed(feed_id)
    search = feed.search
    form = FeedForm(
        version=str(feed.version),
        name=search.name,
        bands=[band.value for band in search.bands],
        employer=search.employer,
        keyword=search.keyword,
        location=search.location,
        distance=search.distance,
        every_day=search.every_day,
        address=search.address,
    )
    if form.validate_on_submit():
        try:
            save_feed(the_actor(), form.search(), feed_id, form.seen_version())
        except Refused as refusal:
            form.show_errors(refusal.errors)
        except NoSuchFeed:
            abort(404)
        except FeedChanged:
            theirs = [("Source", search.name), ("Bands", feed.bands_in_words)]
            again = url_for("careers.feed_edit", feed_id=feed_id)
            raise ChangedMeanwhile(theirs, form.typed(), again) from None
        else:
            flash("The source is changed.", "success")
            return redirect(url_for("careers.feed_show", feed_id=feed_id), 303)
    page = render_template("careers/feed_form.html", form=form, feed=feed)
    return page, 422 if form.is_submitted() else 200


@room.page(ONE, permission=Permission.VACANCY_IMPORT)
def feed_show(feed_id: UUID) -> ResponseReturnValue:
    """A source, its last fetch in full, and those before."""
    feed = known_feed(feed_id)
    return render_template(
        "careers/feed_show.html",
        feed=feed,
        run=feed.last,
        runs=runs_of(feed)[1:],
        part_words=part_words,
        in_words=element_in_words,
        form=VersionedForm(formdata=None),
    )


@room.page(f"{ONE}/fetch", permission=Permission.VACANCY_IMPORT, methods=("POST",))
def feed_fetch(feed_id: UUID) -> ResponseReturnValue:
    """Fetch now. Pressed twice, it is one fetch."""
    try:
        go_on_with(start_fetch(the_actor(), feed_id))
    except NoSuchFeed:
        abort(404)
    return redirect(url_for("careers.feed_show", feed_id=feed_id), 303)


def known_feed(feed_id: UUID) -> FeedRow:
    """The source, or 404."""
    return or_404(feed_visible_to(the_actor(), feed_id))
