"""What an import did, in lines for the console."""

from collections.abc import Iterator

from recovery_college.imports.rules import Refusal, Report, refused_lines


def told(report: Report, *, dry_run: bool = False, good_rows: bool = False) -> Iterator[str]:
    """The refused cells first, then what to look at, then what was done: the last line is the summary."""
    for refusal in report.refused:
        yield _refused(refusal)
    for warning in report.warnings:
        yield f"Note: {_printable(warning)}"
    rows = len(refused_lines(report.refused))
    refused = "1 row refused" if rows == 1 else f"{rows:,} rows refused"
    if any(refusal.line == 0 for refusal in report.refused):
        refused = "the file was refused"
    counts = f"{report.created:,} made, {report.updated:,} changed, {report.unchanged:,} unchanged"
    if dry_run:
        yield f"Nothing is imported, this was a dry run. It would be: {counts}" + (
            f", {refused}." if rows else "."
        )
    elif rows and not good_rows:
        yield f"Nothing is imported: {refused}."
    else:
        yield f"{counts[0].upper()}{counts[1:]}" + (f", {refused}." if rows else ".")


def _refused(refusal: Refusal) -> str:
    where = [f"line {refusal.line}"] if refusal.line else []
    where += [f"column {refusal.column}"] if refusal.column else []
    value = f" “{_printable(refusal.value)}”" if refusal.value else ""
    return f"Refused {', '.join(where) or 'file'}{value}: {_printable(refusal.reason)}"


def _printable(text: str) -> str:
    """Text that cannot steer a terminal: what is not printable is written as its number."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
