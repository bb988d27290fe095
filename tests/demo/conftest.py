"""The demo college, made once for all tests of a file: they only look at it, or sign in."""

from collections.abc import Iterator

import pytest
from flask import Flask

from recovery_college.demo.college import make_demo
from recovery_college.kernel.db import db
from tests.databases import Database

PASSWORD = "otter lantern gravel"


@pytest.fixture(scope="module")
def college(one_app: Flask, database: Database) -> Iterator[Flask]:
    """The app with a demo made just now, inside its context."""
    database.refresh()
    make_demo(one_app, PASSWORD)
    with one_app.app_context():
        yield one_app
        db.session.remove()
        db.engine.dispose()
