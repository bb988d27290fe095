"""Forms of a cohort, and of the units a student is registered for."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from wtforms.validators import ValidationError

from recovery_college.courses.specification_forms import LineField
from recovery_college.kernel.forms import (
    CheckboxesField,
    DateField,
    Form,
    HiddenField,
    IntegerField,
    SelectField,
    YesNoField,
)

LONGEST_COURSE = timedelta(days=5 * 366)
"""Nobody plans a longer one: a year is mistyped."""


class CohortForm(Form):
    """A cohort: the columns of its file, and whether decisions wait for their release."""

    seen = HiddenField()
    ref = LineField(
        "Reference", max_length=40, width=10, required="Enter a reference, like C11",
        hint="Short, and used in files. It cannot be changed later",
    )  # fmt: skip
    title = LineField(
        "Title",
        max_length=200,
        required="Enter a title",
        hint="How people call it, like Cohort 11, Cambridge",
    )
    qualification_id = SelectField("Qualification and version", required="Choose a qualification")
    site = LineField("Site", max_length=120, required="Enter where it is taught")
    starts_on = DateField("First day", required="Enter the first day", hint="For example, 14 9 2026")
    ends_on = DateField("Last day", required="Enter the last day", hint="For example, 18 12 2026")
    capacity = IntegerField("Places", most=10_000, width=4, required="Enter how many places there are")
    min_attendance = IntegerField(
        "Least attendance to graduate", most=100, width=3, suffix="%",
        required="Enter the least attendance, from 0 to 100", hint="Of the whole course",
    )  # fmt: skip
    tutors = CheckboxesField("Who teaches", called="The tutors", hint="They see and mark this cohort")
    holds_decisions = YesNoField(
        "Hold decisions until they are released?", required="Say whether decisions are held until they are released",
        hint="If not, students see each decision as soon as it is saved",
    )  # fmt: skip

    def __init__(
        self, versions: Sequence[tuple[str, str]], offered: Sequence[tuple[str, str, str]], sites: Sequence[str],
        **rest: Any,
    ) -> None:  # fmt: skip
        super().__init__(**rest)
        self.qualification_id.choices = versions
        if offered:
            self.tutors.choices = offered
        else:
            del self.tutors
        known = f"There are: {', '.join(sites[:8])}. " if sites else ""
        self.site.hint = f"{known}A new site is made if you write another name"

    def validate_ends_on(self, field: DateField) -> None:
        """A course ends after it began."""
        if self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError("The cohort ends before it starts. Check both dates")
        if self.starts_on.data and (field.data - self.starts_on.data).days > LONGEST_COURSE.days:
            raise ValidationError("The cohort would last more than 5 years. Check both dates")

    def said(self) -> tuple[dict[str, Any], list[UUID]]:
        """The facts as the service takes them, and the tutors."""
        facts = {
            name: self[name].data
            for name in (
                "title", "site", "starts_on", "ends_on", "capacity", "min_attendance", "holds_decisions",
            )
        }  # fmt: skip
        facts["qualification_id"] = UUID(self.qualification_id.data)
        return facts, [UUID(one) for one in self.tutors.data] if "tutors" in self else []

    def yours(self) -> list[tuple[str, str]]:
        """What was typed, for the page that shows both sides."""
        return [
            (str(field.label.text), self.shown(field))
            for field in self
            if field.name not in ("csrf_token", "seen")
        ]

    def shown(self, field: Any) -> str:
        """A value in words: of lists, the words of what is chosen."""
        if field.name in ("qualification_id", "tutors"):
            return ", ".join(choice[1] for choice in field.choices if choice[0] in field.chosen())
        if isinstance(field.data, bool):
            return "Yes" if field.data else "No"
        return str("" if field.data is None else field.data)


class UnitsForm(Form):
    """The units of one student."""

    seen = HiddenField()
    units = CheckboxesField("Registered for", called="The units", required="Choose at least one unit")
