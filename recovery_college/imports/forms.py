"""The form that takes a file."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from recovery_college.imports.kind import MOST_ROWS_UPLOADED, ImportKind
from recovery_college.imports.mapping import LONGEST_NAME, ColumnMap
from recovery_college.imports.rules import column_in_words, iso_date
from recovery_college.imports.source_services import SOURCE_OPTION, Source
from recovery_college.kernel.forms import FileField, Form, RadiosField, SelectField, TextField
from recovery_college.kernel.table_limits import MOST_BYTES


class UploadForm(Form):
    """A file, and whatever else its kind asks about it."""

    file: FileField


def upload_form(kind: ImportKind, sources: Sequence[Source] = ()) -> UploadForm:
    """The form of one kind: its endings, the systems its files come from, its options."""
    endings = " or ".join(kind.endings)
    fields: dict[str, object] = {
        "file": FileField(
            "Your file",
            accept=",".join(kind.endings),
            required="Choose the file to check",
            hint=f"A file that ends in {endings}, {MOST_BYTES // 1024**2} MB and {MOST_ROWS_UPLOADED:,} rows at "
            "most. Nothing is saved until you say so",
        )
    }
    if sources:
        fields[SOURCE_OPTION] = SelectField(
            "Which system is it from?",
            choices=[(str(one.id), one.name) for one in sources],
            blank="Our template, or another system",
            hint="We remember how its columns are matched with ours",
        )
    for option in kind.options:
        fields[option.name] = SelectField(
            option.label, choices=list(option.choices), hint=option.hint or None
        )
    made = type("KindUploadForm", (UploadForm,), fields)
    return cast(UploadForm, made())


class ColumnsForm(Form):
    """Which of their columns is which of ours."""

    source_name: TextField
    dates: RadiosField

    def chosen(self, kind: ImportKind) -> ColumnMap:
        """The columns as they were chosen."""
        picked = {column.name: str(self[f"c_{column.name}"].data or "") for column in kind.columns}
        theirs = {name: heading for name, heading in picked.items() if heading}
        return ColumnMap(theirs, "dates" in self and self.dates.data == "day")

    def show_errors(self, faults: Mapping[str, str]) -> None:
        """Put each sentence at its column."""
        for name, sentence in faults.items():
            field: Any = self[f"c_{name}"]
            field.errors = [sentence]


def columns_form(
    kind: ImportKind, samples: Mapping[str, str], guess: ColumnMap, source_name: str
) -> ColumnsForm:
    """A choice of theirs for each of our columns, set to the guess."""
    theirs = [
        (heading, f"{heading.replace('_', ' ')}{f' ({values})' if values else ''}"[:100])
        for heading, values in samples.items()
    ]
    fields: dict[str, object] = {
        f"c_{column.name}": SelectField(
            f"{column_in_words(column.name)}{'' if column.required else ' (if you have it)'}",
            choices=theirs,
            blank="Not in my file",
            hint=column.help or None,
        )
        for column in kind.columns
    }
    given: dict[str, object] = {f"c_{name}": heading for name, heading in guess.theirs.items()}
    if any(column.reader is iso_date for column in kind.columns):
        fields["dates"] = RadiosField(
            "How are its dates written?",
            choices=(("iso", "Year first, like 2026-12-04"), ("day", "Day first, like 4/12/2026")),
        )
        given["dates"] = "day" if guess.day_first else "iso"
    fields["source_name"] = TextField(
        "Name of the system", max_length=LONGEST_NAME,
        hint="Its columns are remembered under this name, like Trac. Empty: not remembered",
    )  # fmt: skip
    made = type("KindColumnsForm", (ColumnsForm,), fields)
    return cast(ColumnsForm, made(**given, source_name=source_name))
