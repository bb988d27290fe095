"""The four pages of an import, for any room: template, upload, check, done. All work without JavaScript."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.room import Room
from recovery_college.access.rules import Permission, may
from recovery_college.imports.forms import UploadForm, columns_form, upload_form
from recovery_college.imports.kind import COLUMNS_OPTION, ImportKind, open_file
from recovery_college.imports.mapping import (
    faults_of_map,
    guess_map,
    needs_matching,
    read_map,
    samples,
    writes_day_first,
)
from recovery_college.imports.models import ImportUpload
from recovery_college.imports.rules import column_in_words
from recovery_college.imports.services import (
    WAITS_DAYS,
    UploadProblem,
    import_upload,
    keep_to_match,
    keep_upload,
    match_upload,
    upload_of,
)
from recovery_college.imports.source_services import (
    SOURCE_OPTION,
    Source,
    note_attempt,
    options_of,
    sources_of,
)
from recovery_college.kernel.db import transaction
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.running_app import the_storage
from recovery_college.kernel.storage import StorageMissing
from recovery_college.kernel.table_limits import MOST_BYTES
from recovery_college.kernel.tables import TableProblem
from recovery_college.kernel.tables_out import FORMATS, MEDIA_TYPES, write_table


def add_import_pages(
    room: Room, url: str, kinds: Sequence[ImportKind], permission: Permission, name: str = "import"
) -> None:
    """Add the pages under `url` (such as "/imports") for `kinds`, each at `<url>/<kind.name>`.

    `permission` opens the pages, and each kind's own permission its kind. The endpoints are `import_template`,
    `import_example`, `import_upload`, `import_check` and `import_done`, all but the upload's taking `kind`
    (and `upload_id`); give another `name` for a second set of pages in one room.
    """
    pages = _Pages(room.name, name, {kind.name: kind for kind in kinds})

    def add(rule: str, view: str, *methods: str) -> None:
        page = room.page(
            url + rule,
            permission=permission,
            methods=methods or ("GET",),
            endpoint=f"{name}_{view}",
            largest=MOST_BYTES if view == "upload" else None,
        )
        page(getattr(pages, view))

    add("/<kind>", "template")
    add("/<kind>/template.<form>", "example")
    add("/<kind>/upload", "upload", "GET", "POST")
    if any(kind.maps for kind in kinds):
        add("/<kind>/<uuid:upload_id>/columns", "columns", "GET", "POST")
    add("/<kind>/<uuid:upload_id>", "check", "GET", "POST")
    add("/<kind>/<uuid:upload_id>/done", "done")


class _Pages:
    """The views of one room's imports."""

    def __init__(self, room: str, name: str, kinds: dict[str, ImportKind]) -> None:
        self.room = room
        self.name = name
        self.kinds = kinds

    def template(self, kind: str) -> ResponseReturnValue:
        """What the columns are, and a file to start from."""
        return render_template("imports/template.html", kind=self._kind(kind), to=self._to)

    def example(self, kind: str, form: str) -> ResponseReturnValue:
        """The template file: the header and one row as an example."""
        found = self._kind(kind)
        if form not in FORMATS:
            abort(404)
        names = [column.name for column in found.columns]
        row = [column.example for column in found.columns]
        content = write_table(FORMATS[form], names, [row] if any(row) else [])
        answer = Response(content, content_type=MEDIA_TYPES[form])
        answer.headers["Content-Disposition"] = f'attachment; filename="{found.name}-template.{form}"'
        return answer

    def upload(self, kind: str) -> ResponseReturnValue:
        """Take the file, check it, and go on to what was found."""
        found = self._kind(kind)
        form = upload_form(found, sources_of(the_actor(), found) if found.maps else ())
        if form.validate_on_submit():
            kept = self._keep(found, form)
            if kept is not None:
                return redirect(self._to(kept[0], found, kept[1]), 303)
        page = render_template("imports/upload.html", kind=found, form=form, to=self._to)
        return page, 422 if form.is_submitted() else 200

    def columns(self, kind: str, upload_id: UUID) -> ResponseReturnValue:
        """Their columns beside ours: guessed by name, chosen by a person, remembered for the next file."""
        found = self._kind(kind)
        upload = self._upload(found, upload_id)
        if upload.done_at is not None:
            return redirect(self._to("done", found, upload_id), 303)
        try:
            opened = open_file(found, the_storage().get(upload.storage_key), upload.file_name)
        except StorageMissing:
            flash("Your file is no longer here. Upload it again.", "error")
            return redirect(self._to("upload", found), 303)
        if not opened.is_matched:
            abort(404)
        table = opened.table
        options = {str(name): str(value) for name, value in upload.options.items()}
        source = _source(found, options.get(SOURCE_OPTION, ""))
        kept = read_map(options.get(COLUMNS_OPTION, "")) or (source.columns if source else None)
        guess = guess_map(table.columns, found.columns, kept)
        if kept is None:
            guess = replace(guess, day_first=writes_day_first(table, guess, found.columns))
        form = columns_form(found, samples(table), guess, source.name if source else "")
        if form.validate_on_submit():
            chosen = form.chosen(found)
            faults = faults_of_map(chosen, table.columns, found.columns)
            form.show_errors(faults)
            if not faults:
                try:
                    name = str(form.source_name.data or "")
                    match_upload(found, the_actor(), upload, opened, chosen, name)
                    return redirect(self._to("check", found, upload_id), 303)
                except UploadProblem as problem:
                    form.form_errors.append(str(problem))
        left = [heading for heading in table.columns if heading not in set(guess.theirs.values())]
        page = render_template(
            "imports/columns.html",
            kind=found,
            upload=upload,
            form=form,
            left=left,
            rows=len(table.rows),
            to=self._to,
        )
        return page, 422 if form.is_submitted() else 200

    def check(self, kind: str, upload_id: UUID) -> ResponseReturnValue:
        """What the file holds and what importing it will do; the button imports it."""
        found = self._kind(kind)
        upload = self._upload(found, upload_id)
        if upload.done_at is not None:
            return redirect(self._to("done", found, upload_id), 303)
        facts = upload.report
        if facts is None:
            return redirect(self._to("columns", found, upload_id), 303)
        if request.method == "GET":
            return self._drawn("check", found, upload)
        deed = request.form.get("deed", "")
        if deed not in ("all", "good"):
            abort(400)
        try:
            imported = import_upload(
                the_storage(), found, the_actor(), upload, accept_good_rows=deed == "good"
            )
        except StorageMissing:
            flash("Your file is no longer here. Upload it again.", "error")
            return redirect(self._to("upload", found), 303)
        if not imported:
            flash(
                "Nothing was imported: something has changed since the check. Look at the rows again.",
                "error",
            )
        return redirect(self._to("done" if imported else "check", found, upload_id), 303)

    def done(self, kind: str, upload_id: UUID) -> ResponseReturnValue:
        """What the import did, and the way to it."""
        found = self._kind(kind)
        upload = self._upload(found, upload_id)
        if upload.done_at is None:
            return redirect(self._to("check", found, upload_id), 303)
        return self._drawn("done", found, upload)

    def _drawn(self, view: str, kind: ImportKind, upload: ImportUpload) -> str:
        """A page on what was found, with the file's own name for a column that a person matched."""
        chosen = read_map(str(upload.options.get(COLUMNS_OPTION, "")))
        return render_template(
            f"imports/{view}.html",
            kind=kind,
            upload=upload,
            facts=upload.report,
            waits_days=WAITS_DAYS,
            chosen=chosen,
            theirs=chosen.theirs if chosen else {},
            in_words=column_in_words,
            to=self._to,
        )

    def _kind(self, name: str) -> ImportKind:
        found = self.kinds.get(name)
        if found is None or not may(the_actor(), found.permission):
            abort(404)
        return found

    def _upload(self, kind: ImportKind, upload_id: UUID) -> ImportUpload:
        return or_404(upload_of(the_actor(), kind, upload_id))

    def _keep(self, kind: ImportKind, form: UploadForm) -> tuple[str, UUID] | None:
        """Keep the file, and say which page comes next: its columns, where a person has to match them, or the check."""
        file, actor = form.file.data, the_actor()
        options = {option.name: str(form[option.name].data or "") for option in kind.options}
        source = _source(kind, str(form[SOURCE_OPTION].data or "") if SOURCE_OPTION in form else "")
        try:
            content = file.stream.read(MOST_BYTES + 1)
            opened = open_file(kind, content, file.filename, options)
            if opened.is_matched:
                if source:
                    options = options_of(source, options)
                if needs_matching(opened.table.columns, kind.columns, source.columns if source else None):
                    return "columns", keep_to_match(
                        the_storage(), kind, actor, content, file.filename, options
                    )
            return "check", keep_upload(the_storage(), kind, actor, content, file.filename, options, opened)
        except (TableProblem, UploadProblem) as problem:
            form.file.errors = [str(problem)]
            if source:
                with transaction() as s:
                    note_attempt(s, source.id, file.filename, None, trouble=str(problem))
            return None

    def _to(self, view: str, kind: ImportKind, upload_id: UUID | None = None, form: str | None = None) -> str:
        endpoint = f"{self.room}.{self.name}_{view}"
        values: dict[str, Any] = {"upload_id": upload_id, "form": form}
        return url_for(endpoint, kind=kind.name, **{key: value for key, value in values.items() if value})


def _source(kind: ImportKind, source_id: str) -> Source | None:
    """The source with this id, if there is one; what is no id is none."""
    try:
        wanted = UUID(source_id)
    except ValueError:
        return None
    return next(iter(sources_of(the_actor(), kind, wanted)), None)
