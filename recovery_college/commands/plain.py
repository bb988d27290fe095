"""What every command shares: the application with its context, and errors said in one plain sentence."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError

from recovery_college.app import create_app
from recovery_college.demo.folder import DemoRefused
from recovery_college.demo.seed import SeedRefused
from recovery_college.kernel.schema import MadeByNewer, refuse_newer, schema_revisions
from recovery_college.kernel.settings import Settings, SettingsProblem
from recovery_college.kernel.storage import StorageProblem
from recovery_college.people import services as people

MENDED_BY_A_PERSON = (
    DemoRefused,
    MadeByNewer,
    SeedRefused,
    SettingsProblem,
    StorageProblem,
    people.PeopleRefusal,
)
NOT_UTF_8 = "A word of the command holds letters that are not UTF-8. Type it again, or set LANG=C.UTF-8 first"
P = ParamSpec("P")
R = TypeVar("R")


class Refused(click.ClickException):
    """Something could not be done, and the text says why: exit 1."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        """Print the reason alone, to standard error."""
        click.echo(self.format_message(), err=True)


@contextmanager
def open_app(settings: Settings | None = None, *, checked: bool = True) -> Iterator[Flask]:
    """The application with its context. `checked` refuses a database that is not at the newest version."""
    app = create_app(settings)
    if checked:
        at, newest = schema_revisions(app)
        refuse_newer(at)
        if at != newest:
            raise Refused(
                "The database is not ready. Run `recovery-college init`, or `upgrade` after an update."
            )
    with app.app_context():
        yield app


def plainly(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what can go wrong outside the product into one sentence."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except MENDED_BY_A_PERSON as problem:
            raise Refused(str(problem)) from None
        except DBAPIError as problem:
            first = str(problem.orig).splitlines()[0] if problem.orig else "no answer"
            if "unable to open database file" in first:
                first += ". Run `recovery-college init` first, or check RC_DATA_DIR and RC_DATABASE_URL"
            raise Refused(f"The database said no: {first}") from None
        except UnicodeError:
            raise Refused(NOT_UTF_8) from None
        except OSError as problem:
            _forget_what_is_unsaid()
            what = f": {problem.filename}" if problem.filename else ""
            raise Refused(f"{problem.strerror or problem}{what}") from None

    return run


def _forget_what_is_unsaid() -> None:
    """Let go of output that nobody takes (a closed pipe, a full disk): Python would try again when it ends."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


class Plain(click.Group):
    """A group whose commands never end in a traceback for what a person can mend."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Wrap the command's function."""
        if cmd.callback is not None and not isinstance(cmd, click.Group):
            cmd.callback = plainly(cmd.callback)
        super().add_command(cmd, name)
