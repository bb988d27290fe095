"""The form that takes a file."""

from typing import cast

from recovery_college.imports.kind import MOST_ROWS_UPLOADED, ImportKind
from recovery_college.kernel.forms import FileField, Form, SelectField
from recovery_college.kernel.table_limits import MOST_BYTES


class UploadForm(Form):
    """A file, and whatever else its kind asks about it."""

    file: FileField


def upload_form(kind: ImportKind) -> UploadForm:
    """The form of one kind: its endings, its options."""
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
    for option in kind.options:
        fields[option.name] = SelectField(
            option.label, choices=list(option.choices), hint=option.hint or None
        )
    made = type("KindUploadForm", (UploadForm,), fields)
    return cast(UploadForm, made())
