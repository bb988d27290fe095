"""Settings: what is wrong with one is said in words, at the start."""

from pathlib import Path

import pytest
from flask import Flask

from recovery_college.app import create_app
from recovery_college.kernel.db import db
from recovery_college.kernel.schema import upgrade_schema
from recovery_college.kernel.settings import SettingsProblem, load_settings


@pytest.mark.parametrize(
    "address", ["nonsense", "mysql://a/b", "sqlite://", "postgresql+psycopg://u:p@host:port/x"]
)
def test_a_database_that_cannot_be_one_is_named(address: str) -> None:
    with pytest.raises(SettingsProblem, match="RC_DATABASE_URL"):
        load_settings(database_url=address)


def test_the_short_address_of_postgresql_gets_the_driver_that_is_there() -> None:
    assert load_settings(database_url="postgresql://u@h/d").database == "postgresql+psycopg://u@h/d"


def test_the_database_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Also where the folder was there before and others may look into it."""
    made: Flask = create_app(load_settings(data_dir=tmp_path, secret_key="k" * 40))
    upgrade_schema(made)
    files = list(tmp_path.glob("*.sqlite3*"))
    assert files
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    with made.app_context():
        db.engine.dispose()
