"""Settings: what is wrong with one is said in words, at the start."""

from pathlib import Path

import pytest
from flask import Flask

from recovery_college.app import create_app
from recovery_college.kernel.db import db
from recovery_college.kernel.doctor import findings
from recovery_college.kernel.schema import MadeByNewer, refuse_newer, schema_revisions, upgrade_schema
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


@pytest.mark.parametrize(
    "address", ["foo", "https://", "http://:8000", "http://host:99999", "ftp://x.example"]
)
def test_an_address_that_leads_nowhere_is_named(address: str) -> None:
    with pytest.raises(SettingsProblem, match="RC_PUBLIC_BASE_URL"):
        load_settings(public_base_url=address)


def test_a_database_without_a_file_is_named() -> None:
    with pytest.raises(SettingsProblem, match="names no file"):
        load_settings(database_url="sqlite:///")


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    made = create_app(load_settings(data_dir=tmp_path, secret_key="k" * 40))
    upgrade_schema(made)
    with made.app_context():
        with db.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(MadeByNewer, match="at 9999, which this version does not know"):
            upgrade_schema(made)
        with pytest.raises(MadeByNewer):
            refuse_newer(schema_revisions(made)[0])
        db.engine.dispose()
    refuse_newer(None)  # an empty one is no such thing


def test_the_doctor_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    told = " ".join(text for _, text in findings(load_settings()))
    assert "second factor" in told
    assert "no backup command" in told
    assert "RC_OIDC_" not in told
    monkeypatch.setenv("RC_OIDC_ISSUER", "https://login.example")
    assert "they do nothing" in " ".join(text for _, text in findings(load_settings()))
