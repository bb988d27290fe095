"""WTForms fields that draw themselves as NHS.UK form controls: label, hint, error, and what was typed.

Everything a person typed goes to the components as plain text, never as Markup, so it is always escaped.
Each field takes `required="Enter the ..."`, the sentence shown when it is left empty, or a function of the
form that returns it or None (`required=lambda form: "Say why" if form.decision.data == "no" else None`).
Without it the field is optional and empty means None. Validators meet only a value that was given and could
be read, so they may rely on `data` having the field's type. Model: NHSDigital's nhsuk_forms for Django.

What a field says of itself names it, because the summary on top of the page shows the sentence without its box:
"Weekly hours must be a number, like 22.5". A label that is no name is given one in `called`.
"""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from wtforms import Field
from wtforms.validators import ValidationError

from recovery_college.kernel.nhsuk import component
from recovery_college.kernel.plain_text import clean_text
from recovery_college.kernel.wording import plain_number

Required = str | Callable[[Any], str | None] | None
Choice = tuple[str, str] | tuple[str, str, str]


class NhsukField(Field):
    """A field drawn by one NHS.UK component. Keyword arguments at draw time override its parameters."""

    component_name = "input"
    error_suffix = ""

    def __init__(
        self,
        label: str,
        *,
        required: Required = None,
        called: str = "",
        hint: str | None = None,
        heading: bool = False,
        validators: Sequence[Callable[..., Any]] = (),
        draw: dict[str, Any] | None = None,
        **wtforms: Any,
    ) -> None:
        super().__init__(label=label, validators=[*validators], **wtforms)
        self.required = required
        self.called = called
        self.hint = hint
        self.heading = heading
        self.draw = draw or {}

    def widget(self, field: "NhsukField", **overrides: Any) -> Markup:
        """Draw the component; WTForms calls this with the keyword arguments of `{{ form.x(...) }}`."""
        return self.drawn(component(self.component_name)({**self.draw, **self.with_overrides(overrides)}))

    def drawn(self, html: Markup) -> Markup:
        """Last touch to the component's HTML."""
        return html

    def with_overrides(self, overrides: dict[str, Any]) -> dict[str, Any]:
        """Return the component's parameters with those of this one drawing on top."""
        return {**self.parameters(), **overrides}

    def parameters(self) -> dict[str, Any]:
        """Return the component's parameters for the present state of the field."""
        values: dict[str, Any] = {"id": self.id, "name": self.name, "label": self.words()}
        return {**values, **self.hint_and_error(), "value": self.shown()}

    def words(self) -> dict[str, Any]:
        """Return the label (or legend) as the components take it; a lone question is the page's heading."""
        if self.heading:
            return {"text": self.label.text, "isPageHeading": True, "size": "l"}
        return {"text": self.label.text}

    def hint_and_error(self) -> dict[str, Any]:
        """Return the hint, and the first thing wrong, when there are such."""
        shown: dict[str, Any] = {}
        if self.hint:
            shown["hint"] = {"text": self.hint}
        if self.errors:
            shown["errorMessage"] = {"text": str(self.errors[0])}
        return shown

    def shown(self) -> str:
        """Return the text in the box: what was typed, else the stored value."""
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def error_target(self) -> str:
        """Return the id the error summary links to."""
        return str(self.id)

    def validate(self, form: Any, extra_validators: Sequence[Callable[..., Any]] = ()) -> bool:
        """Run the validators on a value that was given and could be read, and on no other."""
        self.errors = list(self.process_errors)
        if not self.errors and self.data in (None, "", []):
            sentence = self.required(form) if callable(self.required) else self.required
            self.errors = [sentence] if sentence else []
            return not sentence
        return not self.errors and bool(super().validate(form, list(extra_validators)))

    def told(self, must: str, instead: str) -> str:
        """The sentence for the box and the summary: "Places must be ..."; to a question, what to answer instead."""
        label = str(self.label.text).removesuffix(" (optional)")
        if not self.called and label.endswith("?"):
            return f"{label} {instead}"
        return f"{self.called or label} {must}"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the posted value; a blank one is None."""
        typed = clean_text(str(valuelist[0])) if valuelist else ""
        self.data = self.read(typed) if typed else None

    def read(self, typed: str) -> Any:
        """Turn non-empty text into the field's value; raise ValueError with the sentence to show."""
        return typed


def _no_longer(_form: Any, field: "TextField") -> None:
    if len(field.data) > field.max_length:
        most = f"{field.max_length:,} characters or fewer"
        raise ValidationError(field.told(f"must be {most}", f"Use {most}"))


class TextField(NhsukField):
    """One line of text. `max_length` counts characters."""

    kind = "text"

    def __init__(
        self, label: str, *, max_length: int = 250, width: int | None = None,
        autocomplete: str | None = None, suffix: str | None = None, **rest: Any,
    ) -> None:  # fmt: skip
        super().__init__(label, validators=[_no_longer, *rest.pop("validators", ())], **rest)
        self.max_length = max_length
        chosen = {"width": width, "autocomplete": autocomplete, "suffix": suffix}
        self.draw = {**{name: value for name, value in chosen.items() if value is not None}, **self.draw}

    def parameters(self) -> dict[str, Any]:
        """Add the kind of box."""
        return {**super().parameters(), "type": self.kind}


class EmailField(TextField):
    """An email address, in lower case."""

    kind = "email"

    def __init__(self, label: str, **rest: Any) -> None:
        super().__init__(label, **{"max_length": 254, "autocomplete": "email", **rest})
        self.draw = {"spellcheck": False, "autocapitalize": "none", **self.draw}

    def read(self, typed: str) -> str:
        """Accept one @ with something on both sides; whether it exists only a message can tell."""
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", typed):
            like = "in the right format, like name@example.nhs.uk"
            what = "" if "email" in str(self.called or self.label.text).lower() else "an email address "
            raise ValueError(self.told(f"must be {what}{like}", f"Enter an email address {like}"))
        return typed.lower()


class PasswordField(TextField):
    """A password: never shown again, never trimmed."""

    component_name = "password_input"

    def __init__(self, label: str, **rest: Any) -> None:
        super().__init__(label, **{"autocomplete": "current-password", "max_length": 1000, **rest})

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep every character: a space may be part of the secret."""
        self.data = str(valuelist[0]) if valuelist and valuelist[0] else None

    def shown(self) -> str:
        """Return nothing: a password is typed afresh each time."""
        return ""


class IntegerField(NhsukField):
    """A whole number between `least` and `most`."""

    def __init__(
        self, label: str, *, least: int = 0, most: int = 999_999, width: int = 5,
        suffix: str | None = None, **rest: Any,
    ) -> None:  # fmt: skip
        super().__init__(label, **rest)
        self.least, self.most = least, most
        self.draw = {"inputmode": "numeric", "width": width, "suffix": suffix or False, **self.draw}

    def read(self, typed: str) -> int:
        """Accept ordinary digits, with a sign or thousands commas; a comma elsewhere may be a decimal one."""
        if not re.fullmatch(r"-?([0-9]{1,12}|[0-9]{1,3}(,[0-9]{3}){1,3})", typed):
            raise ValueError(self.told("must be a whole number, like 12", "Enter a whole number, like 12"))
        number, limits = int(typed.replace(",", "")), f"from {self.least:,} to {self.most:,}"
        if not self.least <= number <= self.most:
            raise ValueError(self.told(f"must be {limits}", f"Enter a number {limits}"))
        return number


class DecimalField(NhsukField):
    """A number with decimals, such as weekly hours (37.5); at most `places` decimals."""

    def __init__(
        self, label: str, *, least: str = "0", most: str = "168", places: int = 2, width: int = 5,
        suffix: str | None = None, **rest: Any,
    ) -> None:  # fmt: skip
        super().__init__(label, **rest)
        self.least, self.most, self.places = Decimal(least), Decimal(most), places
        self.draw = {"inputmode": "decimal", "width": width, "suffix": suffix or False, **self.draw}

    def shown(self) -> str:
        """What was typed, else the stored number as people write it: "22.5" for 22.50."""
        typed = bool(self.raw_data) or self.data is None
        return super().shown() if typed else plain_number(self.data, self.places)

    def read(self, typed: str) -> Decimal:
        """Accept ordinary digits and one point; refuse what would be rounded, infinity and NaN."""
        if not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{0,12})?|-?\.[0-9]{1,12}", typed):
            raise ValueError(self.told("must be a number, like 22.5", "Enter a number, like 22.5"))
        number, limits = Decimal(typed), f"from {self.least} to {self.most}"
        if number != round(number, self.places):
            most = f"at most {self.places} decimals, like 22.5"
            raise ValueError(self.told(f"must have {most}", f"Use {most}"))
        if not self.least <= number <= self.most:
            raise ValueError(self.told(f"must be {limits}", f"Enter a number {limits}"))
        return number


class TextAreaField(TextField):
    """Several lines of text; the count of characters left is drawn below the box."""

    component_name = "character_count"

    def __init__(self, label: str, *, max_length: int = 4000, rows: int = 5, **rest: Any) -> None:
        super().__init__(label, max_length=max_length, **rest)
        self.draw = {"maxlength": max_length, "rows": rows, **self.draw}

    def shown(self) -> str:
        """Give back every line; a first line break needs a second one, as browsers swallow one."""
        text = super().shown()
        return f"\n{text}" if text.startswith(("\n", "\r")) else text


class FileField(NhsukField):
    """One uploaded file (a werkzeug FileStorage). `accept` lists endings, such as ".csv,.xlsx"."""

    component_name = "file_upload"

    def __init__(self, label: str, *, accept: str = "", **rest: Any) -> None:
        super().__init__(label, **rest)
        self.accept = tuple(ending.strip().lower() for ending in accept.split(",") if ending.strip())
        if self.accept:
            self.draw = {"attributes": {"accept": ",".join(self.accept)}, **self.draw}

    def drawn(self, html: Markup) -> Markup:
        """Keep the browser's own file box.

        The component's script replaces it by a button whose spoken name differs from its words (WCAG 2.5.3,
        found by axe-core 4.14), and browsers take dropped files by themselves.
        """
        return html.replace(Markup(' data-module="nhsuk-file-upload"'), Markup(""), 1)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the file when one was chosen; browsers send an empty one otherwise."""
        files = [value for value in valuelist if isinstance(value, FileStorage) and value.filename]
        self.data = files[0] if files else None
        self.raw_data = [file.filename for file in files]

    def pre_validate(self, form: Any) -> None:
        """Refuse an ending that is not asked for, before anything reads the file."""
        if self.data is not None and self.accept:
            name = str(self.data.filename).lower()
            if not name.endswith(self.accept):
                raise ValidationError(f"Choose a file that ends in {' or '.join(self.accept)}")

    def shown(self) -> str:
        """Return nothing: a browser never fills a file box."""
        return ""


class FilesField(FileField):
    """Several uploaded files, at most `most`; `data` is a list of werkzeug FileStorage."""

    def __init__(self, label: str, *, most: int = 5, **rest: Any) -> None:
        super().__init__(label, **rest)
        self.most = most
        self.draw = {**self.draw, "attributes": {**self.draw.get("attributes", {}), "multiple": "multiple"}}

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take every file that was chosen."""
        self.data = [value for value in valuelist if isinstance(value, FileStorage) and value.filename]
        self.raw_data = [file.filename for file in self.data]

    def pre_validate(self, form: Any) -> None:
        """Refuse more files than asked for. What each is, is told from its content and not from its ending."""
        if len(self.data or ()) > self.most:
            raise ValidationError(f"Choose {self.most} files at most")
