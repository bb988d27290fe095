"""Our forms: Flask-WTF's protection, the NHS.UK fields, and one error summary a page.

Import from here: `from recovery_college.kernel.forms import Form, TextField, ...`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import Field, FieldList, FormField, HiddenField
from wtforms import Form as WTForm
from wtforms.widgets import HiddenInput

from recovery_college.kernel.choices import CheckboxesField, RadiosField, SelectField, YesNoField
from recovery_college.kernel.date_field import DateField
from recovery_college.kernel.fields import (
    DecimalField,
    EmailField,
    FileField,
    FilesField,
    IntegerField,
    NhsukField,
    PasswordField,
    TextAreaField,
    TextField,
)
from recovery_college.kernel.nhsuk import component
from recovery_college.kernel.refusals import DeedRefused

__all__ = [
    "CheckboxesField",
    "DateField",
    "DecimalField",
    "EmailField",
    "FileField",
    "FilesField",
    "Form",
    "HiddenField",
    "IntegerField",
    "NhsukField",
    "PasswordField",
    "RadiosField",
    "SelectField",
    "TextAreaField",
    "TextField",
    "YesNoField",
    "error_summary",
    "has_errors",
]


class Form(FlaskForm):
    """A form of ours. In a template it is always called `form`, so the layout draws its summary once."""

    def hidden_tag(self, *fields: Any) -> Markup:
        """Draw the hidden fields (token, a row's version) without ids, so two forms may share a page."""
        hidden = fields or [field for field in self if isinstance(field.widget, HiddenInput)]
        return Markup("\n").join(field(id=False) for field in hidden)

    def typed(self) -> list[tuple[str, str]]:
        """Each box that was filled in, with what was typed: "yours" where somebody else saved meanwhile."""
        return [
            (str(field.label.text), str(field.data))
            for field in self
            if field.data not in (None, "", []) and not isinstance(field.widget, HiddenInput)
        ]

    def blame(self, refusal: DeedRefused) -> None:
        """Say a refusal at the box it names, or above the form where it names none of the form's."""
        if refusal.field in self:
            self.show_errors({refusal.field: str(refusal)})
        else:
            self.form_errors.append(str(refusal))

    def show_errors(self, faults: Mapping[str, str]) -> None:
        """Say each sentence at the box it names, where the form has it."""
        for box, sentence in faults.items():
            if box in self:
                field: Any = self[box]
                field.errors = [sentence]


def has_errors(form: WTForm) -> bool:
    """Say whether the form was sent and something in it needs mending."""
    return any(True for _ in _errors(form))


def error_summary(form: WTForm) -> Markup:
    """Draw "There is a problem" with a link to each field to mend, or nothing."""
    problems = [
        {"text": text, "href": f"#{target}"} if target else {"text": text} for text, target in _errors(form)
    ]
    if not problems:
        return Markup("")
    return component("error_summary")({"titleText": "There is a problem", "errorList": problems})


def _errors(form: WTForm) -> Iterator[tuple[str, str]]:
    """Yield each sentence with the id it belongs to ("" when it is about the whole form)."""
    for text in form.form_errors:
        yield str(text), ""
    for field in form:
        yield from _field_errors(field)


def _field_errors(field: Field) -> Iterator[tuple[str, str]]:
    if isinstance(field, FormField):
        yield from _errors(field.form)
    elif isinstance(field, FieldList):
        for entry in field.entries:
            yield from _field_errors(entry)
    elif field.errors:
        target = field.error_target() if isinstance(field, NhsukField) else ""
        yield str(field.errors[0]), target
