"""Forms of a student's record: the college's, and what students change themselves."""

from typing import Any

from wtforms.validators import ValidationError

from recovery_college.courses.student_queries import StudentRecord
from recovery_college.kernel.forms import DateField, EmailField, Form, HiddenField, TextField
from recovery_college.kernel.wording import day
from recovery_college.people.rules import passes_nhs_number_test, uln_problem


class UlnField(TextField):
    """A learner number. What may be somebody's NHS number is not shown again."""

    def shown(self) -> str:
        """What was typed, unless it passes for an NHS number."""
        typed = super().shown()
        return "" if passes_nhs_number_test(typed) else typed


class OwnRecordForm(Form):
    """What to call somebody."""

    seen = HiddenField()
    preferred_name = TextField(
        "What should we call you?", max_length=200, autocomplete="given-name",
        hint="Only if it is not your given name. It is shown everywhere, but not on certificates",
    )  # fmt: skip
    pronouns = TextField(
        "Your pronouns", max_length=60, autocomplete="off",
        hint="Only if you like, for example she/her or they/them",
    )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return {field.name: field.data for field in self if field.name not in ("csrf_token", "seen")}

    def yours(self) -> list[tuple[str, str]]:
        """What was typed, for the page that shows both sides."""
        return [
            (str(field.label.text), day(field.data) if field.name == "date_of_birth" and field.data else
             str(field.data or ""))
            for field in self
            if field.name not in ("csrf_token", "seen")
        ]  # fmt: skip

    def theirs(self, record: StudentRecord) -> list[tuple[str, str]]:
        """The same boxes with what is stored now."""
        stored = {name: getattr(record, name) for name in self.facts()}
        born = stored.get("date_of_birth")
        if born:
            stored["date_of_birth"] = day(born)
        return [(str(self[name].label.text), str(value or "")) for name, value in stored.items()]


class StudentForm(OwnRecordForm):
    """Everything the college holds of a student but their reference."""

    given_name = TextField(
        "Given name",
        max_length=200,
        required="Enter the given name",
        hint="First name or names",
        autocomplete="off",
    )
    family_name = TextField(
        "Family name", max_length=200, hint="Leave empty only for a person with one name", autocomplete="off"
    )
    preferred_name = TextField(
        "Preferred name", max_length=200,
        hint="Takes the place of the given name everywhere but on certificates and claims", autocomplete="off",
    )  # fmt: skip
    pronouns = TextField(
        "Pronouns", max_length=60, hint="If the student gave them, for example they/them", autocomplete="off"
    )
    certificate_name = TextField(
        "Name on certificates", max_length=200,
        hint="Printed on certificates and registered with the awarding organisation, letter by letter. "
        "Empty: given name and family name", autocomplete="off",
    )  # fmt: skip
    email = EmailField(
        "Email address",
        hint="Where they read mail. The address they sign in with stays as it is",
        autocomplete="off",
    )
    date_of_birth = DateField(
        "Date of birth",
        hint="For example, 27 3 1990. Needed to register with the awarding organisation",
    )
    uln = UlnField(
        "Unique learner number (ULN)", max_length=14, width=10,
        hint="10 digits, the last one checks the others, like 9276308686. 9999999999 or empty: not yet known. "
        "Never an NHS number", autocomplete="off",
    )  # fmt: skip

    def validate_uln(self, field: UlnField) -> None:
        """Refuse what is no learner number, with why (A4). An NHS number is not shown again."""
        problem = uln_problem(field.data)
        if problem:
            raise ValidationError(problem)
