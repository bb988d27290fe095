"""Forms about certificates: reasons, the owner's choices, and checking."""

from recovery_college.kernel.forms import CheckboxesField, Form, TextAreaField, TextField


class ReasonForm(Form):
    """Why a certificate is reissued or revoked."""

    reason = TextAreaField(
        "Why?", required="Say why. Only the college and auditors see it", max_length=300, rows=3
    )


class CheckingForm(Form):
    """What the public check of one's own certificate may show (G4)."""

    choices = CheckboxesField(
        "Who can check your certificate",
        choices=[
            ("answers", "Anyone with the code can see that the certificate is valid"),
            ("name", "The check also shows my name"),
        ],
        hint="The code is on your paper. Without your name on it, somebody who checks types the name you gave them.",
    )


class CodeForm(Form):
    """The code printed on a certificate."""

    code = TextField(
        "Code on the certificate",
        required="Enter the code on the certificate, like 7K2M-9PQR-4TVW-XY3Z",
        max_length=40,
        width=20,
        autocomplete="off",
        hint="16 letters and numbers under the square, like 7K2M-9PQR-4TVW-XY3Z",
    )


class NameForm(Form):
    """The name on the paper, to compare."""

    name = TextField(
        "Name on the certificate",
        required="Enter the name as it is on the paper",
        max_length=200,
        autocomplete="off",
    )
