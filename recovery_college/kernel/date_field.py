"""A date typed in three boxes, as NHS.UK asks for one: no calendar to fight with, no order to guess."""

import re
from datetime import date
from typing import Any

from recovery_college.kernel.fields import NhsukField
from recovery_college.kernel.plain_text import clean_text

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""As in the tables people import: a year beyond is a slip, and nothing can be counted from it."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip


class DateField(NhsukField):
    """A date in three boxes named `<name>-day`, `-month`, `-year`; the raw text is kept for showing again."""

    component_name = "date_input"
    PARTS = ("day", "month", "year")

    def __init__(self, label: str, **rest: Any) -> None:
        super().__init__(label, **rest)
        self.typed: dict[str, str] = dict.fromkeys(self.PARTS, "")
        self.wrong: tuple[str, ...] = ()

    def process(self, formdata: Any, *data: Any, **rest: Any) -> None:
        """Read the three boxes, then go on as WTForms does with them joined."""
        super().process(None, *data, **rest)
        if isinstance(self.data, date):
            self.typed = {part: str(getattr(self.data, part)) for part in self.PARTS}
        if formdata is None:
            return
        self.typed = {part: clean_text(formdata.get(f"{self.name}-{part}", "")) for part in self.PARTS}
        self.raw_data = [" ".join(self.typed.values()).strip()]
        try:
            self.process_formdata(self.raw_data)
        except ValueError as error:
            self.data = None
            self.process_errors = [*self.process_errors, str(error)]

    def read(self, typed: str) -> date:
        """Turn the boxes into a date; mark the boxes that are missing or wrong."""
        missing = tuple(part for part in self.PARTS if not self.typed[part])
        if missing:
            self.wrong = missing
            them = " and the ".join(missing)
            raise ValueError(
                self.told(
                    f"must include the {them}, like 27 3 2026", f"Enter the {them} as well, like 27 3 2026"
                )
            )
        if not re.fullmatch(r"[0-9]{4}", self.typed["year"]):
            self.wrong = ("year",)
            like = "the year with 4 numbers, like 2026"
            raise ValueError(self.told(f"must have {like}", f"Enter {like}"))
        try:
            on = date(int(self.typed["year"]), _month(self.typed["month"]), _two_digits(self.typed["day"]))
        except ValueError as error:
            self.wrong = self.PARTS
            like = "a real date, like 27 3 2026"
            raise ValueError(self.told(f"must be {like}", f"Enter {like}")) from error
        if not FIRST_YEAR <= on.year <= LAST_YEAR:
            self.wrong = ("year",)
            years = f"a year from {FIRST_YEAR} to {LAST_YEAR}"
            raise ValueError(self.told(f"must be in {years}", f"Enter {years}"))
        return on

    def parameters(self) -> dict[str, Any]:
        """Draw three labelled boxes in a fieldset, the wrong ones marked."""
        marked = (self.wrong or self.PARTS) if self.errors else ()
        boxes = [
            {
                "name": f"{self.name}-{part}",
                "id": f"{self.id}-{part}",
                "label": part.capitalize(),
                "value": self.typed[part],
                "width": 4 if part == "year" else 2,
                "error": part in marked,
            }
            for part in self.PARTS
        ]
        return {"id": self.id, "fieldset": {"legend": self.words()}, "items": boxes, **self.hint_and_error()}

    def error_target(self) -> str:
        """Link to the first box that is wrong."""
        return f"{self.id}-{(self.wrong or self.PARTS)[0]}"


def _two_digits(typed: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", typed):
        raise ValueError(typed)
    return int(typed)


def _month(typed: str) -> int:
    """Read 3, 03, Mar or March."""
    word = typed.lower()
    if word in MONTH_NAMES or word in MONTHS:
        return MONTHS.index(word[:3]) + 1
    return _two_digits(typed)
