"""Forms about preparing a team."""

from typing import Any

from recovery_college.careers.check_rules import TeamStep
from recovery_college.careers.forms import VersionedForm
from recovery_college.kernel.forms import DateField, Form, SelectField, TextField, YesNoField


class StepForm(VersionedForm):
    """Who sees to a step, by when, and when it was done."""

    owner = TextField("Who sees to it?", max_length=120, autocomplete="off")
    due_on = DateField("By which day?")
    named = TextField("Name of the supervisor", max_length=120, autocomplete="off")
    done_on = DateField("Done on", called="The day it was done", hint="Leave it empty until it is done")
    impossible_why = TextField(
        "If it is not possible just now: why?",
        called="The reason",
        max_length=300,
        hint="Like: one post is funded this year",
    )

    def __init__(self, step: TeamStep, **rest: Any) -> None:
        super().__init__(**rest)
        if not step.names_somebody:
            del self.named
        if not step.may_be_impossible:
            del self.impossible_why


class VisitForm(Form):
    """Whom to ask to visit."""

    person = SelectField("Who might visit?", choices=(), required="Choose whom to ask")
    visit_on = DateField("On which day?", hint="Leave it empty to agree on a day later")

    def __init__(self, people: list[tuple[str, str]], **rest: Any) -> None:
        super().__init__(**rest)
        self.person.choices = people


class VisitAnswerForm(Form):
    """The visitor's own answer."""

    agreed = YesNoField("Would you visit them?", required="Say whether you would visit them")
