"""The `recovery-college` command: thin, calls services. Exit 0 done, 1 refused, 2 wrong usage; no traceback."""

import json
import logging
import sys
from pathlib import Path
from typing import cast

import click
from sqlalchemy import select

from recovery_college.access.console import console_actor
from recovery_college.access.rules import Role
from recovery_college.audit.services import verify_chain
from recovery_college.careers.bands import read_bands
from recovery_college.careers.compliance_services import (
    recount_standings,
    report_differs,
    standings_that_differ,
)
from recovery_college.commands.demo import demo, seed
from recovery_college.commands.feeds import feeds
from recovery_college.commands.plain import Plain, Refused, open_app
from recovery_college.commands.reminders import reminders
from recovery_college.courses.models import Cohort
from recovery_college.graduation.queries import pdf_of
from recovery_college.graduation.services import issue_for_cohort, verify_file
from recovery_college.imports.kind import ImportKind, run_export, run_import
from recovery_college.imports.presenters import told
from recovery_college.imports.source_services import Source, note_file, options_of, source_named
from recovery_college.kernel.db import reading, session
from recovery_college.kernel.doctor import findings
from recovery_college.kernel.numbers import number_given
from recovery_college.kernel.schema import refuse_newer, schema_revisions, upgrade_schema
from recovery_college.kernel.server import port_problem, serve_forever
from recovery_college.kernel.settings import load_settings
from recovery_college.kernel.table_limits import MOST_BYTES
from recovery_college.kernel.tables_out import MEDIA_TYPES, Format
from recovery_college.kernel.worker import run_worker
from recovery_college.kinds import EXPORTS, IMPORTS
from recovery_college.people import services as people

BIG_FILE = 300_000
"""From so many bytes on an import says on standard error how far it is."""


@click.group(
    cls=Plain,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: recovery-college import students students.csv --dry-run",
)
@click.version_option(package_name="recovery-college")
def main() -> None:
    """Train peer support workers and walk them into jobs."""
    logging.getLogger("alembic").setLevel(logging.WARNING)


main.add_command(demo)
main.add_command(seed)
main.add_command(reminders)
main.add_command(feeds)


@main.command(epilog="Example: recovery-college init")
def init() -> None:
    """Make the data folder, a secret key and an empty database. Makes no person."""
    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.ensure_key()
    with open_app(settings, checked=False) as app:
        upgrade_schema(app)
    click.echo(f"Ready in {settings.data_dir.resolve()}. Next: recovery-college create-user --help")


@main.command(epilog="Example: recovery-college upgrade")
def upgrade() -> None:
    """Bring the database to the newest version. Keeps everything in it."""
    with open_app(checked=False) as app:
        before, _ = schema_revisions(app)
        upgrade_schema(app)
        after, _ = schema_revisions(app)
    click.echo(
        f"The database is at {after}"
        + (", as it was." if before == after else f" (before: {before or 'empty'}).")
    )


@main.command(epilog="Example: recovery-college serve --port 8000 --workers 2")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int) -> None:
    """Serve the application, with its jobs, until stopped."""
    settings = load_settings()
    serious = [text for level, text in findings(settings) if level == "stop"]
    if serious:
        raise Refused("\n".join(serious))
    with open_app(settings) as app:
        pass
    problem = port_problem(host, port)
    if problem:
        raise Refused(problem)
    serve_forever(app, host, port, workers)


@main.command(epilog="Example: recovery-college worker")
def worker() -> None:
    """Do jobs in a process of its own until stopped. `serve` does jobs too; this adds to it."""
    with open_app() as app:
        pass
    run_worker(app)


@main.command(epilog="Example: recovery-college doctor")
def doctor() -> None:
    """Say what about this installation needs attention. Exit 1 when something must be mended."""
    settings = load_settings()
    found = findings(settings)
    for level, text in found:
        click.echo(f"{'MEND' if level == 'stop' else 'NOTE'}  {text}")
    with open_app(settings, checked=False) as app:
        at, newest = schema_revisions(app)
        refuse_newer(at)
        wrong = _wrong_figures() if at == newest else ""
    if at != newest:
        wrong = (
            f"The database is at {at or 'nothing'}, the newest is {newest}: run `recovery-college upgrade`."
        )
    if wrong:
        click.echo(f"MEND  {wrong}")
    if wrong or any(level == "stop" for level, _ in found):
        sys.exit(1)
    click.echo("OK    Nothing stops it from serving.")


def _wrong_figures() -> str:
    """What is wrong with the standings that reports count, in a sentence; empty where nothing is."""
    with reading():
        apart = standings_that_differ()
        if apart:
            noun = "vacancy stands" if apart == 1 else "vacancies stand"
            return f"{apart:,} {noun} otherwise in the reports than in the record: run `recovery-college recount`."
        if report_differs(console_actor()):
            return (
                "The consideration report is not what the rule says, vacancy by vacancy. Please report this."
            )
    return ""


@main.command(epilog="Example: recovery-college recount")
def recount() -> None:
    """Work out anew where each vacancy stands under the band 2 to 4 rule, which the reports count."""
    with open_app():
        wrong = recount_standings(console_actor())
    click.echo(f"{wrong:,} {'was' if wrong == 1 else 'were'} wrong. The reports are right now.")


@main.command(
    "create-user",
    epilog='Example: recovery-college create-user --email a@b.example --name "A B" --role admin',
)
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
def create_user(email: str, name: str, role: str) -> None:
    """Make a person who can sign in, and print a one-time link with which they choose a password."""
    settings = load_settings()
    with open_app(settings):
        token = people.create_user(console_actor(), email, name, Role(role))
        if token is None and people.waits_for_password(email):
            token = people.new_link(console_actor(), email)
    if token is None:
        click.echo(f"{email} signs in already and now has the role {role}.")
    else:
        click.echo(f"{settings.public_base_url}/welcome/{token}")


@main.command("set-password", epilog="Example: recovery-college set-password --email a@b.example")
@click.option("--email", required=True)
def set_password(email: str) -> None:
    """Print a fresh one-time link for somebody who forgot their password."""
    settings = load_settings()
    with open_app(settings):
        token = people.new_link(console_actor(), email)
    click.echo(f"{settings.public_base_url}/welcome/{token}")


@main.group(cls=Plain, epilog="Example: recovery-college audit verify")
def audit() -> None:
    """The audit trail."""


@audit.command("verify", epilog="Example: recovery-college audit verify --anchor 1200:9f2c...")
@click.option("--anchor", "anchors", multiple=True, metavar="N:HASH", help="A head noted elsewhere earlier.")
def audit_verify(anchors: tuple[str, ...]) -> None:
    """Check that no event was changed, removed or put in between. Exit 1 when one was."""
    noted: dict[int, str] = {}
    for anchor in anchors:
        number, _, digest = anchor.partition(":")
        event = number_given(number)
        if event is None or len(digest) != 64:
            raise click.BadParameter(
                "write it as N:HASH, like 1200:9f2c... (64 hex digits)", param_hint="--anchor"
            )
        noted[event] = digest.lower()
    with open_app(), reading():
        report = verify_chain(session(), noted)
    if report.problem:
        raise Refused(f"{report.problem} {report.events} events before it are whole.")
    click.echo(f"The audit trail is whole: {report.events} events. Head {report.events}:{report.head}")


@main.command("import", epilog="Example: recovery-college import students students.csv --dry-run")
@click.argument("kind", type=click.Choice(list(IMPORTS)), metavar="KIND")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what importing would do, and keep nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--accept-good-rows", is_flag=True, help="Leave refused rows out and import the others.")
@click.option("--band", help="The band an NHS Jobs search was made for (vacancies only).")
@click.option(
    "--source", metavar="NAME", help="The system the file comes from, whose columns were matched on the page."
)
def import_file(
    kind: str,
    file: Path,
    dry_run: bool,
    as_json: bool,
    accept_good_rows: bool,
    band: str | None,
    source: str | None,
) -> None:
    """Import a table; the help text names the kinds."""
    found = IMPORTS[kind]
    options = _band_option(found, band)
    with file.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if source is not None and not found.maps:
        raise click.BadParameter(f"{kind} have no sources", param_hint="--source")
    with open_app():
        of = _source_option(found, source) if source is not None else None
        report = run_import(
            found, console_actor(), content, file.name,
            dry_run=dry_run, accept_good_rows=accept_good_rows,
            options=options if of is None else options_of(of, options),
            tell=_progress if len(content) > BIG_FILE else _silence,
        )  # fmt: skip
        if of is not None and not dry_run:
            note_file(of, file.name, report, accept_good_rows=accept_good_rows)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=1))
    else:
        for line in told(report, dry_run=dry_run, good_rows=accept_good_rows and found.rows_stand_alone):
            click.echo(line)
    if not report.ok:
        sys.exit(1)


import_file.help = (
    "Import a table (.csv, .xlsx, .ods; vacancies also .xml), whole or not at all.\n\nEach refused row is named "
    "with its line, column, value and reason. The same file twice changes nothing.\n\n"
    f"KIND is one of: {', '.join(IMPORTS)}."
)


def _source_option(kind: ImportKind, name: str) -> Source:
    """The source of this name."""
    found = source_named(console_actor(), kind, name)
    if found is None:
        raise Refused(f"No source of {kind.name} is called “{name}”. Match its columns on the page first.")
    return found


def _band_option(kind: ImportKind, band: str | None) -> dict[str, str]:
    """The band as the kind takes it, or a word about wrong usage."""
    if band is None:
        return {}
    option = next((one for one in kind.options if one.name == "band"), None)
    if option is None:
        raise click.BadParameter(f"only vacancies have a band, not {kind.name}", param_hint="--band")
    values = [value for value, _ in option.choices]
    if band not in values and not read_bands(band).bands:
        raise click.BadParameter(f"choose one of {', '.join(values)}", param_hint="--band")
    return {option.name: band}


def _progress(sentence: str) -> None:
    click.echo(sentence, err=True)


def _silence(sentence: str) -> None:
    """A small file is done before there is anything to tell."""


@main.command("export", epilog="Example: recovery-college export students --cohort C11 --out students.xlsx")
@click.argument("kind", type=click.Choice(list(EXPORTS)), metavar="KIND")
@click.option("--cohort", "ref", metavar="REF", help="Only this cohort's.")
@click.option("--format", "form", type=click.Choice(list(MEDIA_TYPES)), help="Else as --out ends, else csv.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file; else standard output."
)
def export_file(kind: str, ref: str | None, form: str | None, out: Path | None) -> None:
    """Export a table; the help text names the kinds."""
    found = EXPORTS[kind]
    if ref is not None and not found.by_cohort:
        raise click.BadParameter(f"{kind} belong to no cohort", param_hint="--cohort")
    ending = out.suffix.lower().removeprefix(".") if out else ""
    chosen = cast(Format, form or (ending if ending in MEDIA_TYPES else "csv"))
    if out is None and chosen == "xlsx" and sys.stdout.isatty():
        raise click.UsageError("An Excel workbook cannot be shown here: say where to with --out FILE.")
    with open_app(), reading():
        if ref is not None and session().scalar(select(Cohort.id).where(Cohort.ref == ref)) is None:
            raise Refused(f"There is no cohort {ref}.")
        content = run_export(found, console_actor(), chosen, ref)
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()  # here, where it can be said that there is no room or nobody reads
    else:
        out.write_bytes(content)


export_file.help = (
    "Export a table. What can be imported comes out as it goes in; with nothing to tell it is the header alone."
    f"\n\nKIND is one of: {', '.join(EXPORTS)}."
)


@main.group(cls=Plain, epilog="Example: recovery-college certificates issue --cohort C11 --out papers")
def certificates() -> None:
    """Certificates of graduation."""


@certificates.command(
    "issue", epilog="Example: recovery-college certificates issue --cohort C11 --out papers"
)
@click.option("--cohort", "ref", required=True, metavar="REF")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Also write each PDF as SERIAL.pdf here."
)
def certificates_issue(ref: str, out: Path | None) -> None:
    """Issue to every eligible student of a cohort, and say who is not eligible and why. Twice issues once."""
    with open_app():
        cohort = session().scalar(select(Cohort).where(Cohort.ref == ref))
        if cohort is None:
            raise Refused(f"There is no cohort {ref}.")
        report = issue_for_cohort(console_actor(), cohort)
        for certificate in report.issued:
            click.echo(f"{certificate.serial}  issued to {certificate.facts['certificate_name']}")
        for standing, why in (*report.not_eligible, *report.refused):
            click.echo(f"not issued  {standing.place.student_ref or standing.place.name}: {why}")
        click.echo(f"{len(report.issued)} issued, {len(report.had_already)} had theirs already.")
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            for certificate in (*report.had_already, *report.issued):
                (out / f"{certificate.serial}.pdf").write_bytes(pdf_of(certificate))


@certificates.command("verify", epilog="Example: recovery-college certificates verify RC-000123.pdf")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def certificates_verify(file: Path) -> None:
    """Say whether a file is one of ours: valid (exit 0), superseded, revoked, altered or not ours (exit 1)."""
    content = file.read_bytes()
    with open_app(), reading():
        verdict = verify_file(content)
    click.echo(f"{verdict.word}  {verdict.serial}" if verdict.serial else verdict.word)
    if not verdict.is_valid:
        sys.exit(1)
