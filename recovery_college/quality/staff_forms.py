"""The forms of staff records and conflicts of interest."""

from recovery_college.assessment.staff_rules import Award
from recovery_college.kernel.forms import (
    DateField,
    DecimalField,
    Form,
    HiddenField,
    RadiosField,
    SelectField,
    TextAreaField,
    TextField,
    YesNoField,
)


class QualificationForm(Form):
    """A qualification held, or worked towards."""

    kind = RadiosField(
        "What is it for?",
        choices=(
            (
                Award.ASSESSOR.value,
                "Assessing",
                "Until the award somebody qualified countersigns.",
            ),
            (Award.IQA.value, "Internal quality assurance"),
            (Award.TEACHING.value, "Teaching"),
            (Award.OCCUPATIONAL.value, "The subject itself"),
        ),
        required="Choose what the qualification is for",
    )
    title = TextField(
        "Name of the qualification",
        hint="For example, Level 3 Certificate in Assessing Vocational Achievement",
        required="Enter the name of the qualification",
        max_length=200,
    )
    awarded_on = DateField("Date of the award", hint="Leave empty while they work towards it.")


class SettleForm(Form):
    """That a qualification was awarded, or was recorded by mistake."""

    what = RadiosField(
        "What do you want to record?",
        choices=(
            ("awarded", "It was awarded"),
            ("mistake", "It was recorded by mistake", "It stays to be seen, and counts for nothing."),
        ),
        required="Choose what you want to record",
    )
    awarded_on = DateField(
        "Date of the award",
        hint="For example, 27 3 2026",
        required=lambda form: (
            "Enter the date of the award, like 27 3 2026" if form.what.data == "awarded" else None
        ),
    )


class DevelopmentForm(Form):
    """A piece of professional development."""

    done_on = DateField("Date", hint="For example, 27 3 2026", required="Enter the date, like 27 3 2026")
    hours = DecimalField("Hours", most="100", required="Enter the hours, like 2.5, at most 100")
    what = TextAreaField("What was it?", rows=3, max_length=4000, required="Say what it was")


class CompetenceForm(Form):
    """Occupational competence, and who may verify. `version` is what the page showed."""

    version = HiddenField()
    competence = TextAreaField(
        "Occupational competence",
        hint="Their experience in peer support and in what they assess.",
        rows=4,
        max_length=4000,
    )
    may_verify = YesNoField("May they verify?", required="Say whether they may verify")


class ConflictForm(Form):
    """A conflict of interest between two people of a cohort."""

    person = SelectField("Who declares it?", required="Choose who declares it")
    other = SelectField("With whom?", required="Choose with whom")
    reason = TextAreaField(
        "What is it?",
        hint="A few words, for example: cousins, or shared a home. Only who keeps staff records reads it.",
        rows=2,
        max_length=1000,
        required="Say in a few words what the conflict is",
    )
