"""Forms that name a deputy, and somebody for a duty."""

from wtforms import HiddenField

from recovery_college.kernel.forms import DateField, EmailField, Form, SelectField


class DeputyForm(Form):
    """Who answers for a manager while they are away."""

    manager_email = EmailField(
        "Manager's email address", required="Enter the manager's email address", autocomplete="off"
    )
    deputy_email = EmailField(
        "Deputy's email address",
        required="Enter the deputy's email address",
        autocomplete="off",
        hint="They must be a recruiting manager here as well",
    )
    starts_on = DateField("First day", required="Enter the first day, like 21 12 2026")
    ends_on = DateField("Last day", hint="Leave it empty if they stand in until you end it")


class DutyForm(Form):
    """Somebody for a duty."""

    duty = HiddenField()
    person = SelectField("Who?", choices=(), required="Choose somebody from the list")


class EndForm(Form):
    """A button that ends something: only the token."""
