"""Where vacancies come from: the searches that are fetched, and the systems whose files are imported (V6)."""

from uuid import UUID

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.careers.feed_queries import feeds_visible_to
from recovery_college.careers.feed_views import SOURCES
from recovery_college.careers.room import room
from recovery_college.careers.vacancy_import import VACANCIES
from recovery_college.imports.source_services import attempts_of, sources_of


@room.page(SOURCES, permission=Permission.VACANCY_IMPORT)
def source_list() -> ResponseReturnValue:
    """Every source, what it brought last, and how much of it was refused."""
    actor = the_actor()
    return render_template(
        "careers/source_list.html", feeds=feeds_visible_to(actor), systems=sources_of(actor, VACANCIES)
    )


@room.page(f"{SOURCES}/files/<uuid:source_id>", permission=Permission.VACANCY_IMPORT)
def source_show(source_id: UUID) -> ResponseReturnValue:
    """A system whose files are imported: how its columns are matched, and what became of its files."""
    found = sources_of(the_actor(), VACANCIES, source_id)
    if not found:
        abort(404)
    return render_template(
        "careers/source_show.html", source=found[0], attempts=attempts_of(found[0]), columns=VACANCIES.columns
    )
