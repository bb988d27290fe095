"""Form fields with a list to choose from: radios, checkboxes, a select, and yes or no."""

from collections.abc import Mapping, Sequence
from typing import Any

from recovery_college.kernel.fields import Choice, NhsukField


class _ChoiceField(NhsukField):
    """Holds `choices`: (value, text) or (value, text, hint); settable on the form's instance."""

    def __init__(self, label: str, *, choices: Sequence[Choice] = (), **rest: Any) -> None:
        super().__init__(label, **rest)
        self.choices: Sequence[Choice] = choices

    def values(self) -> list[str]:
        """Return the values that may be chosen."""
        return [str(choice[0]) for choice in self.choices]

    def chosen(self) -> list[str]:
        """Return the values drawn as chosen."""
        return [] if self.data is None else [str(self.data)]

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Refuse a value that is not in the list: the page never offered it."""
        if self.data is not None and not set(self.chosen()) <= set(self.values()):
            self.errors = [self.told("must be from the list", "Choose from the list")]
            return False
        return super().validate(form, extra_validators)

    def items(self, conditional: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the choices as the components take them; `conditional` maps a value to its field."""
        chosen = self.chosen()
        items: list[dict[str, Any]] = []
        for choice in self.choices:
            item: dict[str, Any] = {
                "value": str(choice[0]), "text": choice[1], "checked": str(choice[0]) in chosen,
            }  # fmt: skip
            if len(choice) > 2:
                item["hint"] = {"text": choice[2]}
            if str(choice[0]) in conditional:
                item["conditional"] = {"html": str(conditional[str(choice[0])])}
            items.append(item)
        return items

    def with_overrides(self, overrides: dict[str, Any]) -> dict[str, Any]:
        """Draw a group; `conditional={"other": form.why}` shows a field below one choice."""
        group = {
            "idPrefix": self.id,
            "name": self.name,
            "fieldset": {"legend": self.words()},
            "items": self.items(overrides.pop("conditional", {})),
        }
        return {**group, **self.hint_and_error(), **overrides}


class RadiosField(_ChoiceField):
    """Choose one; `data` is its value."""

    component_name = "radios"


class YesNoField(RadiosField):
    """Yes or no; `data` is True, False, or None when nobody has answered."""

    def __init__(self, label: str, **rest: Any) -> None:
        super().__init__(label, choices=(("yes", "Yes"), ("no", "No")), **rest)
        self.draw = {"inline": True, **self.draw}

    def read(self, typed: str) -> bool:
        """Accept the two words the page sends."""
        if typed not in ("yes", "no"):
            raise ValueError(self.told("must be yes or no", "Choose yes or no"))
        return typed == "yes"

    def chosen(self) -> list[str]:
        """Return the word for the answer."""
        return [] if self.data is None else ["yes" if self.data else "no"]


class CheckboxesField(_ChoiceField):
    """Choose any number; `data` is a list of values, empty when none."""

    component_name = "checkboxes"

    def process_data(self, value: Any) -> None:
        """Start from a list, whatever the object holds."""
        self.data = [str(one) for one in value or ()]

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read every ticked box; none ticked is a real answer."""
        self.data = [str(value) for value in valuelist]

    def chosen(self) -> list[str]:
        """Return every ticked value."""
        return list(self.data or ())


class SelectField(_ChoiceField):
    """Choose one from a closed list; `blank` is the text of the empty first line."""

    component_name = "select"

    def __init__(self, label: str, *, blank: str | None = "Choose from the list", **rest: Any) -> None:
        super().__init__(label, **rest)
        self.blank = blank

    def with_overrides(self, overrides: dict[str, Any]) -> dict[str, Any]:
        """Draw the list with its empty first line."""
        chosen = self.chosen()
        lines = [{"value": "", "text": self.blank}] if self.blank is not None else []
        options = [
            {"value": str(choice[0]), "text": choice[1], "selected": str(choice[0]) in chosen}
            for choice in self.choices
        ]
        return {**self.parameters(), "items": [*lines, *options], **overrides}
