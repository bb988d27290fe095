"""Forms of the specification editor. On a version with students only the boxes for wording are there."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from wtforms.validators import ValidationError

from recovery_college.courses.rules import AccreditationKind
from recovery_college.courses.specification import MANDATORY
from recovery_college.kernel.forms import (
    Form,
    HiddenField,
    IntegerField,
    RadiosField,
    SelectField,
    TextAreaField,
    TextField,
)

ACCREDITATION = (
    (AccreditationKind.REGULATED.value, "Regulated", "On Ofqual’s register"),
    (AccreditationKind.CENTRE_DEVISED.value, "Centre-devised", "Written here, approved by an awarding organisation"),
    (AccreditationKind.NOT_ACCREDITED.value, "Not accredited", "Nobody awards credit for it"),
)  # fmt: skip


class LineField(TextField):
    """Text on one line, runs of spaces made one: titles, codes and numbers."""

    def read(self, typed: str) -> str:
        """Take what was typed without what cannot be seen."""
        clean = " ".join(typed.split())
        if not clean.isprintable():
            raise ValueError(
                self.told(
                    "holds a hidden character. Type it again", "This holds a hidden character. Type it again"
                )
            )
        return clean


class SeenForm(Form):
    """A form that knows what its page showed (specification_parts.stamp_of)."""

    seen = HiddenField()

    def narrow(self, wording: Collection[str]) -> None:
        """Leave only the boxes for wording."""
        for field in list(self):
            if isinstance(field, TextField | IntegerField | SelectField | RadiosField) and (
                field.name not in wording
            ):
                del self[field.name]

    def facts(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return {field.name: field.data for field in self if field.name not in ("csrf_token", "seen")}

    def yours(self) -> list[tuple[str, str]]:
        """What was typed, for the page that shows both sides."""
        return [
            (str(field.label.text), str(field.data or ""))
            for field in self
            if field.name not in ("csrf_token", "seen")
        ]


class QualificationForm(SeenForm):
    """What is true of a whole version."""

    title = LineField("Title", max_length=200, required="Enter the title of the qualification")
    version = LineField(
        "Version", max_length=40, width=10, required="Enter the version, like 1 or 2026",
        hint="Students stay on the version they are registered for",
    )  # fmt: skip
    accreditation = RadiosField(
        "Who stands behind it?", choices=ACCREDITATION, required="Choose who stands behind it"
    )
    number = LineField(
        "Ofqual qualification number", max_length=20, width=20, hint="If it has one, like 601/4292/3"
    )
    resubmissions = IntegerField(
        "Resubmissions planned for each criterion", least=0, most=20, width=2,
        required="Enter how many resubmissions are planned, 0 if none",
        hint="More need the agreement of internal quality assurance",
    )  # fmt: skip
    min_credit = IntegerField(
        "Least credit for the whole qualification",
        most=9_999,
        width=4,
        hint="Leave it empty if nothing is set",
    )
    min_credit_at_level = IntegerField(
        "Least credit at a level or above",
        called="Least credit at a level",
        most=9_999,
        width=4,
        hint="Only if the rule asks for it",
    )
    at_level = IntegerField("At which level?", least=1, most=8, width=2)

    def validate_at_level(self, field: IntegerField) -> None:
        """A level alone asks nothing."""
        if "min_credit_at_level" in self and not self.min_credit_at_level.data:
            raise ValidationError("Enter the least credit at this level too, or leave both empty")

    def validate_min_credit_at_level(self, field: IntegerField) -> None:
        """Credit at no level cannot be counted."""
        if field.data and not self.at_level.data:
            raise ValidationError("Enter at which level this credit is needed")

    def facts(self) -> dict[str, Any]:
        """0 asks nothing and is nothing; no number is an empty one."""
        said = super().facts()
        if "number" in said:
            said["number"] = said["number"] or ""
        if "accreditation" in said:
            said["accreditation"] = AccreditationKind(said["accreditation"])
        return {
            name: (value or None) if name in ("min_credit", "min_credit_at_level", "at_level") else value
            for name, value in said.items()
        }


class GroupForm(SeenForm):
    """A group of units."""

    name = LineField(
        "Name of the group", max_length=120, required="Enter a name for the group",
        hint="Like Options. The group called mandatory holds the units everybody takes",
    )  # fmt: skip
    min_units = IntegerField("Least units out of the group", most=999, width=3)
    min_credit = IntegerField("Least credit out of the group", most=9_999, width=4)

    def facts(self) -> dict[str, Any]:
        """The mandatory group is written in any letters."""
        said = super().facts()
        facts: dict[str, Any] = {name: said[name] or None for name in ("min_units", "min_credit")}
        if "name" in said:
            is_mandatory = said["name"].casefold() == MANDATORY
            facts |= {"name": MANDATORY if is_mandatory else said["name"], "is_mandatory": is_mandatory}
        return facts


class UnitForm(SeenForm):
    """A unit without its outcomes."""

    group_id = SelectField("Group", blank=None, required="Choose a group")
    code = LineField("Unit code", max_length=40, width=20, required="Enter the code of the unit")
    title = LineField("Title", max_length=200, required="Enter the title of the unit")
    level = IntegerField("Level", least=1, most=8, width=2, required="Enter the level, from 1 to 8")
    credit = IntegerField(
        "Credit", most=999, width=3, required="Enter the credit", hint="One credit is ten hours of learning"
    )
    glh = IntegerField("Guided learning hours", most=9_999, width=4, hint="If they are set")
    reference = LineField(
        "Unit reference", max_length=20, width=20, hint="Ofqual’s, if it has one, like J/601/3538"
    )

    def __init__(self, groups: Sequence[tuple[str, str]], needs_credit: bool, **rest: Any) -> None:
        super().__init__(**rest)
        self.group_id.choices = groups
        self.needs_credit = needs_credit

    def validate_code(self, field: LineField) -> None:
        """`;` parts unit codes in files of enrolments."""
        if ";" in str(field.data):
            raise ValidationError("A unit code cannot hold a semicolon (;)")

    def validate_credit(self, field: IntegerField) -> None:
        """A unit without credit would bring nothing, but where nobody awards credit."""
        if field.data == 0 and self.needs_credit:
            raise ValidationError(
                "Enter a credit of at least 1. Only units of a course that is not accredited have 0"
            )

    def facts(self) -> dict[str, Any]:
        """The group by its id; no reference is an empty one."""
        said = super().facts()
        if "group_id" in said:
            said["group_id"] = UUID(said["group_id"])
        return {**said, "reference": said["reference"] or ""}


class OutcomeForm(SeenForm):
    """A learning outcome."""

    number = LineField("Number", max_length=10, width=5, required="Enter the number, like 1")
    text = TextAreaField(
        "The learner will ...",
        called="The outcome",
        max_length=2_000,
        rows=3,
        required="Enter what the learner will be able to do",
    )


class CriterionForm(SeenForm):
    """An assessment criterion."""

    number = LineField("Number", max_length=10, width=5, required="Enter the number, like 1.1")
    text = TextAreaField(
        "The learner can ...",
        called="The criterion",
        max_length=4_000,
        rows=4,
        required="Enter what the learner can do",
    )


class VersionForm(Form):
    """The name of a new version."""

    version = LineField(
        "Name of the new version", max_length=40, width=10, required="Enter a name, like 2 or 2027",
        hint="It must differ from every other version of this qualification",
    )  # fmt: skip


class SupersedeForm(Form):
    """Which version gives way."""

    old = SelectField("Which version does it take the place of?", required="Choose a version")
