"""Forms for signing in, choosing passwords, switching roles and inviting people."""

from typing import Any

from wtforms.validators import ValidationError

from recovery_college.access.rules import Role
from recovery_college.kernel.forms import EmailField, Form, HiddenField, PasswordField, RadiosField, TextField
from recovery_college.people.signin import password_problem


class SignInForm(Form):
    """One email address, one password."""

    email = EmailField("Email address", required="Enter your email address", autocomplete="username")
    password = PasswordField("Password", required="Enter your password")
    next = HiddenField()


class ChoosePasswordForm(Form):
    """A new password. The account's address is given so that it cannot be the password."""

    password = PasswordField(
        "New password",
        required="Enter a new password",
        autocomplete="new-password",
        hint="At least 12 characters. Three words in a row are easy to remember and hard to guess.",
    )

    def __init__(self, email: str, **rest: Any) -> None:
        super().__init__(**rest)
        self._email = email

    def validate_password(self, field: PasswordField) -> None:
        """Refuse what is easy to guess."""
        problem = password_problem(field.data, self._email)
        if problem:
            raise ValidationError(problem)


class ChangePasswordForm(ChoosePasswordForm):
    """The old password, then a new one."""

    old_password = PasswordField("Current password", required="Enter your current password")


class RoleForm(Form):
    """Which of one's roles to wear."""

    role = RadiosField("Which role do you want to use now?", choices=[], required="Choose a role")

    def __init__(self, roles: list[Role], **rest: Any) -> None:
        super().__init__(**rest)
        self.role.choices = [(role.value, role.label) for role in roles]


class InviteForm(Form):
    """A person to invite, with the first role they will have."""

    name = TextField(
        "Full name",
        max_length=200,
        autocomplete="off",
        hint="For somebody new. Leave empty if they have an account.",
    )
    email = EmailField("Email address", required="Enter their email address", autocomplete="off")
    role = RadiosField("Role", choices=[], required="Choose a role")

    def __init__(self, roles: list[Role], **rest: Any) -> None:
        super().__init__(**rest)
        self.role.choices = [(role.value, role.label) for role in roles]
