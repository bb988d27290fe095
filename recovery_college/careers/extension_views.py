"""The page where HR gives a manager more time, with a reason they see."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.careers import presenters
from recovery_college.careers.considerations import extend_consideration
from recovery_college.careers.hr_views import GET_AND_POST, answered
from recovery_college.careers.role_text_forms import ExtensionForm
from recovery_college.careers.room import room
from recovery_college.careers.views import known_vacancy


@room.page(
    "/vacancies/<uuid:vacancy_id>/extend",
    permission=Permission.CONSIDERATION_RETURN,
    see=Permission.CONSIDERATION_SEE,
    methods=GET_AND_POST,
)
def consideration_extend(vacancy_id: UUID) -> ResponseReturnValue:
    """Give more time for an answer."""
    row = known_vacancy(the_actor(), vacancy_id)
    form = ExtensionForm(version=row.vacancy.version)

    def save() -> None:
        extend_consideration(
            the_actor(), vacancy_id, form.to_on.data, form.why.data or "", form.seen_version()
        )

    return answered(
        row,
        form,
        "consideration_extend",
        "The manager has more time.",
        save,
        days_left=presenters.days_left_words(row.days_left),
    )
