"""The demo's own folder: made once a day, never beside anything real, and not for the network by mistake."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from recovery_college.access.console import ConsoleActor
from recovery_college.demo import folder
from recovery_college.demo.folder import DemoRefused, demo_settings, open_demo
from recovery_college.demo.people import SIGN_INS, account_of, set_password
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session, transaction
from recovery_college.kernel.settings import Settings, load_settings
from recovery_college.people.models import Account, Person
from recovery_college.people.services import create_person
from recovery_college.people.signin import is_password_right

DAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def a_small_demo(app: Flask, password: str) -> None:
    """Stands in for the demo, which has tests of its own: one person who signs in."""
    with app.app_context(), transaction() as s:
        person = create_person(s, "Grace", "Adeyemi", is_made_up=True)
        account_of(s, SIGN_INS[0], person.id, ConsoleActor("tests"))
        set_password(s, password)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "make_demo", a_small_demo)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return demo_settings(load_settings(data_dir=tmp_path), "127.0.0.1", 8000)


def opened(settings: Settings, **how: bool) -> tuple[str, str, bool]:
    """Open the demo and close it again: its person's id, the password, whether it was made."""
    with open_demo(settings, **how) as (app, password, is_new), app.app_context():
        person = str(session().scalars(select(Person.id)).one())
        stored = session().scalars(select(Account.password_hash)).one()
        assert is_password_right(stored, password)
        db.session.remove()
        db.engine.dispose()
    return person, password, is_new


def test_second_call_reuses_what_is_there(settings: Settings) -> None:
    first = opened(settings)
    assert first[2]
    assert opened(settings) == (first[0], first[1], False)


def test_password_and_key_are_for_the_owner_only(settings: Settings) -> None:
    _, password, _ = opened(settings)
    for name in ("password", "secret-key"):
        assert (settings.data_dir / name).stat().st_mode & 0o777 == 0o600
    assert len(password) >= 12
    assert settings.data_dir.stat().st_mode & 0o777 == 0o700


def test_a_chosen_password_counts_at_once_and_is_not_written_down(tmp_path: Path, settings: Settings) -> None:
    opened(settings)
    chosen = load_settings(data_dir=tmp_path, demo_password="three plain words")
    _, password, is_new = opened(demo_settings(chosen, "127.0.0.1", 8000))
    assert (password, is_new) == ("three plain words", False)
    assert "three plain words" not in (settings.data_dir / "password").read_text()


def test_another_day_makes_it_anew_with_the_same_password(settings: Settings) -> None:
    with clock.held_at(DAY):
        first = opened(settings)
        assert opened(settings)[2] is False
    with clock.held_at(DAY + timedelta(days=1)):
        second = opened(settings)
    assert second[2]
    assert second[0] != first[0]
    assert second[1] == first[1]


def test_it_can_be_kept_over_the_days(settings: Settings) -> None:
    with clock.held_at(DAY):
        first = opened(settings)
    with clock.held_at(DAY + timedelta(days=1)):
        assert opened(settings, keep=True) == (first[0], first[1], False)


def test_reset_makes_it_anew_and_takes_out_nothing_of_others(settings: Settings) -> None:
    first = opened(settings)
    (settings.data_dir / "notes.txt").write_text("mine")
    assert opened(settings, reset=True)[0] != first[0]
    assert (settings.data_dir / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("note", [None, "", "{}", json.dumps({"made_on": 7})])
def test_one_that_was_not_finished_is_made_anew(settings: Settings, note: str | None) -> None:
    first = opened(settings)
    path = settings.data_dir / "demo.json"
    path.unlink() if note is None else path.write_text(note)
    assert opened(settings)[0] != first[0]


def test_it_is_not_made_anew_under_another_that_is_served(settings: Settings) -> None:
    with open_demo(settings) as (app, _, _):
        with pytest.raises(DemoRefused, match="Stop that one first"), open_demo(settings, reset=True):
            pass
        assert opened(settings)[2] is False  # a second one beside it is fine
        with app.app_context():
            assert session().scalar(select(func.count(Person.id))) == 1
            db.session.remove()
            db.engine.dispose()


def test_nothing_real_is_touched(tmp_path: Path) -> None:
    real = load_settings(
        data_dir=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'real.sqlite3'}",
        tasks_url="redis://127.0.0.1:1/0",
        storage_url="s3://real/files",
        mail_url="smtp://mail.example",
        secret_key="the real key, which is a long one",
    )
    made = demo_settings(real, "127.0.0.1", 8000)
    opened(made)
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
    assert str(tmp_path / "demo") in made.database
    assert (made.mail_url, made.tasks_url, made.storage_url) == ("outbox", "", "")
    assert made.key() != real.key()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.20", "example.org"])
@pytest.mark.parametrize(
    "chosen",
    [{}, {"demo_password": "short", "trusted_hosts": "a.example"}, {"demo_password": "three plain words"}],
    ids=["nothing", "weak", "no-name"],
)
def test_other_machines_are_let_in_on_purpose_only(tmp_path: Path, host: str, chosen: dict[str, str]) -> None:
    with pytest.raises(DemoRefused, match="RC_DEMO_PASSWORD"):
        demo_settings(load_settings(data_dir=tmp_path, **chosen), host, 8000)


def test_other_machines_are_let_in_by_a_chosen_password_and_name(tmp_path: Path) -> None:
    real = load_settings(
        data_dir=tmp_path, demo_password="three plain words", trusted_hosts="demo.fenside.example"
    )
    made = demo_settings(real, "0.0.0.0", 8000)
    assert made.public_base_url == "http://demo.fenside.example:8000"
    assert "demo.fenside.example" in made.host_names


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_this_machine_needs_nothing(tmp_path: Path, host: str) -> None:
    assert host in demo_settings(load_settings(data_dir=tmp_path), host, 8000).host_names
