"""`recovery-college feeds`: fetch a source on NHS Jobs from the console, as the page and the daily job do."""

import json
import sys

import click

from recovery_college.access.console import console_actor
from recovery_college.careers.feed_queries import COUNTS, FeedRun, feed_named, feeds_visible_to, run_of
from recovery_college.careers.feed_services import make_fetch, start_fetch
from recovery_college.commands.plain import Plain, Refused, open_app


@click.group(cls=Plain, epilog="Example: recovery-college feeds fetch 'NHS Jobs, our Trust'")
def feeds() -> None:
    """Sources on NHS Jobs, which are set up under /vacancies/sources."""


@feeds.command("list", epilog="Example: recovery-college feeds list")
def feeds_list() -> None:
    """Name the sources, and when each was fetched."""
    with open_app():
        for feed in feeds_visible_to(console_actor()):
            last = feed.last.started_at.isoformat(" ", "minutes") if feed.last else "not fetched yet"
            click.echo(f"{feed.search.name}: {feed.bands_in_words}, {last}")


@feeds.command("fetch", epilog="Example: recovery-college feeds fetch 'NHS Jobs, our Trust' --json")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def feeds_fetch(name: str, as_json: bool) -> None:
    """Fetch the source called NAME now. Exit code 1 when not all of it could be read."""
    with open_app():
        actor = console_actor()
        feed = feed_named(actor, name)
        if feed is None:
            raise Refused(f"No source is called “{name}”. `recovery-college feeds list` names them.")
        run_id = start_fetch(actor, feed.id)
        make_fetch(run_id)
        run = run_of(run_id)
    if as_json:
        facts = {"ok": not run.trouble, **run.counts, "parts": run.parts, "refused_rows": run.refusals}
        click.echo(json.dumps({**facts, "warnings": run.warnings}, indent=1))
    else:
        for line in _told(run):
            click.echo(line)
    if run.trouble:
        sys.exit(1)


def _told(run: FeedRun) -> list[str]:
    lines = [f"Refused {one['where']}, {one['column']}: {one['reason']}" for one in run.refusals]
    lines += [f"Note: {warning}" for warning in run.warnings]
    lines.append(", ".join(f"{run.counts[name]:,} {name.replace('_', ' ')}" for name in COUNTS) + ".")
    if run.trouble:
        lines.append(f"Not whole: {run.trouble}. Nothing was closed where the fetch was not whole.")
    return lines
