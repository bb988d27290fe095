"""Where vacancies come from: the searches that are fetched, and the files that are imported (V6)."""

from flask import render_template
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.careers.feed_queries import feeds_visible_to
from recovery_college.careers.feed_views import SOURCES
from recovery_college.careers.room import room


@room.page(SOURCES, permission=Permission.VACANCY_IMPORT)
def source_list() -> ResponseReturnValue:
    """Every source, what it brought last, and how much of it was refused."""
    return render_template("careers/source_list.html", feeds=feeds_visible_to(the_actor()))
