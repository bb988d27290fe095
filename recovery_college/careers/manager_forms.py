"""Forms with which HR confirms recruiting managers."""

from recovery_college.kernel.forms import EmailField, Form, TextField


class ManagerInviteForm(Form):
    """Somebody who will recruit."""

    name = TextField(
        "Full name",
        max_length=200,
        autocomplete="off",
        hint="For somebody new. Leave it empty if they sign in here already",
    )
    email = EmailField("Email address", required="Enter their email address", autocomplete="off")


class GiveVacanciesForm(Form):
    """Who is asked instead."""

    to_email = EmailField(
        "Email address of the recruiting manager",
        required="Enter the email address of a recruiting manager",
        autocomplete="off",
        hint="The address they sign in with",
    )
