"""The made-up colleges: `demo` to look at, `seed` to measure on."""

import shutil
import sys
import time
from pathlib import Path

import click

from recovery_college.access.console import console_actor
from recovery_college.commands.plain import Refused, open_app
from recovery_college.demo.folder import demo_settings, open_demo
from recovery_college.demo.people import PEER_TUTOR, SIGN_INS
from recovery_college.demo.seed import Size, seed_college
from recovery_college.kernel.server import port_problem, serve_one_process
from recovery_college.kernel.settings import load_settings
from recovery_college.kernel.statistics import count_tables


@click.command(epilog="Example: recovery-college demo --port 8001")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--reset", is_flag=True, help="Make it anew; what was tried out in it is gone.")
@click.option("--keep", is_flag=True, help="Keep a demo of another day; else it is made anew for today.")
def demo(host: str, port: int, reset: bool, keep: bool) -> None:
    """Serve a made-up college with its own database; nothing real is read or changed.

    Its dates follow from the day it is made, so on another day it is made anew unless --keep.
    """
    problem = port_problem(host, port)
    if problem:
        raise Refused(problem)
    settings = demo_settings(load_settings(), host, port)
    with open_demo(settings, reset=reset, keep=keep) as (app, password, is_new):
        click.echo(
            f"{settings.college_name}: {'made just now' if is_new else 'as it was left'}. All made up."
        )
        click.echo(f"\n  {'Sign in as':<26}{'Role':<28}Has")
        for who in (*SIGN_INS, PEER_TUTOR):
            roles = " and ".join(role.label for role in who.roles)
            click.echo(f"  {who.email:<26}{roles:<28}{who.owns}")
        click.echo(f"\n  Password for all of them: {password}")
        click.echo(f"  Address: {settings.public_base_url}    (Ctrl+C stops it)")
        click.echo(f"  Other commands on it: RC_DATA_DIR={settings.data_dir} {_program()} audit verify\n")
        serve_one_process(app, host, port)


def _program() -> str:
    """How this program was called, so that its words can be copied: its path when it is not on the PATH."""
    return (
        "recovery-college"
        if shutil.which("recovery-college")
        else str(Path(sys.executable).parent / "recovery-college")
    )


@click.command(epilog="Example: recovery-college seed --cohorts 200 --students 16 --vacancies 20000")
@click.option("--cohorts", required=True, type=click.IntRange(0, 5_000))
@click.option("--students", required=True, type=click.IntRange(0, 1_000), help="Students of each cohort.")
@click.option("--vacancies", required=True, type=click.IntRange(0, 1_000_000))
@click.option("--seed", "number", default=1, show_default=True, help="The same number, the same college.")
def seed(cohorts: int, students: int, vacancies: int, number: int) -> None:
    """Fill the database with a large made-up college, for trials. Refuses where real people are.

    The newest cohort is running and half marked, the one before finished, verified and not yet certificated,
    the others graduated before this system.
    """
    with open_app():
        started = time.perf_counter()
        written = seed_college(console_actor(), Size(cohorts, students, vacancies, number))
        seconds = time.perf_counter() - started
        count_tables()
    click.echo(
        f"Made {cohorts} cohorts of {students} students and {vacancies} vacancies: {written:,} rows in "
        f"{seconds:.1f} s ({written / seconds * 60:,.0f} rows a minute)."
    )
