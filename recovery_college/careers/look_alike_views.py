"""The page of vacancies that look alike: side by side, and what HR says of them (V6)."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.careers import presenters
from recovery_college.careers.considerations import Refused, VacancyChanged, VacancyNotFound
from recovery_college.careers.forms import VersionedForm
from recovery_college.careers.look_alike_queries import MOST_SETTLED, Alike, look_alikes_visible_to
from recovery_college.careers.look_alike_services import bring_back, say_different, withdraw_duplicate
from recovery_college.careers.room import room
from recovery_college.careers.timeline_presenters import CAME_IN
from recovery_college.careers.views import known_vacancy
from recovery_college.kernel import clock
from recovery_college.kernel.errors import ChangedMeanwhile
from recovery_college.kernel.wording import moment

SHOWN = (
    "Reference",
    "Weekly hours",
    "Team",
    "Site",
    "Employer",
    "Posted",
    "Closes",
    "Recruiting manager",
)


@room.page("/vacancies/look-alikes", permission=Permission.VACANCY_EDIT)
def look_alike_list() -> ResponseReturnValue:
    """Vacancies that look alike, a table for each group with a column for each vacancy."""
    alike = look_alikes_visible_to(the_actor())
    return render_template(
        "careers/look_alike_list.html",
        groups=[(group, _beside(group)) for group in alike.groups],
        more=alike.more,
        form=VersionedForm(formdata=None),
    )


def _beside(group: Alike) -> list[tuple[str, list[str], bool]]:
    """Each fact with what it is in each vacancy, and whether they agree."""
    today = clock.today()
    of_each = []
    for row in group.rows:
        facts = {str(fact["key"]): str(fact["value"]) for fact in presenters.facts_of(row, {}, today)}
        # How a band was read makes no difference between two vacancies of one band.
        band = {"Band": row.bands_in_words}
        came = {"How it came": CAME_IN[row.vacancy.source], "When": moment(row.vacancy.created_at)}
        of_each.append(band | {name: facts.get(name, "") for name in SHOWN} | came)
    return [
        (name, [facts[name] for facts in of_each], len({facts[name] for facts in of_each}) == 1)
        for name in of_each[0]
    ]


@room.page("/vacancies/look-alikes", permission=Permission.VACANCY_EDIT, methods=("POST",))
def look_alike_differ() -> ResponseReturnValue:
    """Say that they are different vacancies."""
    try:
        ids = [UUID(word) for word in request.form.getlist("vacancy")[:MOST_SETTLED]]
        say_different(the_actor(), ids)
    except (ValueError, VacancyNotFound):
        flash("These vacancies are not here any more. Look again.", "error")
    else:
        flash("They are kept as different vacancies.", "success")
    return redirect(url_for("careers.look_alike_list"), 303)


@room.page("/vacancies/<uuid:vacancy_id>/withdraw", permission=Permission.VACANCY_EDIT, methods=("POST",))
def vacancy_withdraw(vacancy_id: UUID) -> ResponseReturnValue:
    """Withdraw a vacancy that is the same as another one."""
    row, form = known_vacancy(the_actor(), vacancy_id), VersionedForm()
    back = url_for("careers.look_alike_list")
    try:
        same_as = UUID(request.form.get("same_as", ""))
        other = withdraw_duplicate(the_actor(), vacancy_id, same_as, form.seen_version())
    except (ValueError, VacancyNotFound):
        flash("Say which vacancy it is the same as.", "error")
    except Refused as refusal:
        flash(str(refusal), "error")
    except VacancyChanged:
        theirs = [("Vacancy", row.vacancy.title), ("In short", presenters.short_facts(row))]
        raise ChangedMeanwhile(theirs, [("You", "Withdraw it as a duplicate")], back) from None
    else:
        flash(f"{row.vacancy.reference} is withdrawn. {other} stays.", "success")
    return redirect(back, 303)


@room.page("/vacancies/<uuid:vacancy_id>/bring-back", permission=Permission.VACANCY_EDIT, methods=("POST",))
def vacancy_bring_back(vacancy_id: UUID) -> ResponseReturnValue:
    """Take a withdrawal back."""
    row, form = known_vacancy(the_actor(), vacancy_id), VersionedForm()
    back = url_for("careers.vacancy_show", vacancy_id=vacancy_id)
    try:
        bring_back(the_actor(), vacancy_id, form.seen_version())
    except VacancyNotFound:
        abort(404)
    except VacancyChanged:
        theirs = [("Vacancy", row.vacancy.title), ("In short", presenters.short_facts(row))]
        raise ChangedMeanwhile(theirs, [("You", "Bring it back")], back) from None
    flash("The vacancy is back, and the rule was asked again.", "success")
    return redirect(back, 303)
