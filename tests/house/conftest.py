"""The world of the house tests: made once a session, put back for every test that asks for it."""

from collections.abc import Iterator

import pytest
from flask import Flask

from recovery_college.kernel.db import db
from tests.conftest import BACKEND
from tests.databases import Database
from tests.house.world import World, build_world

# On SQLite the whole matrix is asked (test_access_matrix.py).
collect_ignore = ["test_every_route.py"] if BACKEND == "sqlite" else []


@pytest.fixture(scope="session")
def one_world(one_app: Flask, database: Database) -> World:
    """Both sides, in the database template "world"."""
    return build_world(one_app, database)


@pytest.fixture
def world(one_world: World) -> Iterator[World]:
    """The world as it was made. No context is pushed: each request gets its own, `world.session()` another."""
    one_world.refresh()
    yield one_world
    with one_world.app.app_context():
        db.engine.dispose()
