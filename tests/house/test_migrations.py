"""Migrations: the newest is what the models say; each goes up, down and up again with rows; down leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import JSON, Column, Engine, Integer, MetaData, Table, insert, inspect, null, select, text
from sqlalchemy.exc import DBAPIError

from recovery_college.careers.preference_rules import AlertFrequency, SiteEase
from recovery_college.kernel.db import Base, db, is_sqlite
from recovery_college.kernel.paths import migrations_folder
from recovery_college.kernel.schema import belongs_to_us, schema_revisions
from tests.house.world import World

FOLDER = str(migrations_folder())
REVISIONS = [script.revision for script in reversed(list(ScriptDirectory(FOLDER).walk_revisions()))]
# What a migration itself puts in.
GIVEN = frozenset({"audit_head", "serial_counter", "psw_rule", "consideration_reason"})
# What a migration works out from other rows: taken away, it comes again as it was.
WORKED_OUT = frozenset({"vacancy_standing"})


def drift(engine: Engine, models: MetaData = Base.metadata) -> list[object]:
    """What a new migration would have to change so that the database is what the models say."""
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": belongs_to_us, "render_as_batch": True}
        )
        return list(compare_metadata(context, models))


def test_there_is_one_line_of_migrations() -> None:
    assert len(ScriptDirectory(FOLDER).get_heads()) == 1
    assert sorted(REVISIONS) == REVISIONS


def test_head_is_what_the_models_say(app: Flask) -> None:
    assert schema_revisions(app) == (REVISIONS[-1], REVISIONS[-1])
    assert drift(db.engine) == []


def test_a_model_without_a_migration_is_found(app: Flask) -> None:
    """The known-bad twin: a column and a table no migration makes."""
    models = MetaData()
    for table in Base.metadata.tables.values():
        table.to_metadata(models)
    models.tables["site"].append_column(Column("forgotten", Integer))
    Table("never_made", models, Column("id", Integer, primary_key=True))
    kinds = {found[0] for found in drift(db.engine, models) if isinstance(found, tuple)}
    assert {"add_column", "add_table"} <= kinds


def test_checks_are_in_the_database_as_in_the_models(app: Flask) -> None:
    """Alembic does not compare checks; their names do."""
    inspector = inspect(db.engine)
    for table in Base.metadata.sorted_tables:
        here = {check["name"] for check in inspector.get_check_constraints(table.name)}
        wanted = {str(c.name) for c in table.constraints if type(c).__name__ == "CheckConstraint"}
        assert wanted <= here, table.name


def rows_in(engine: Engine) -> dict[str, list[dict[str, object]]]:
    """Every row of every table that is there, by column."""
    there = set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in Base.metadata.sorted_tables
            if table.name in there
        }


def of_columns(rows: list[dict[str, object]], columns: set[str]) -> list[str]:
    """The rows as far as these columns go, in an order of their own."""
    return sorted(repr([(name, row[name]) for name in sorted(columns & row.keys())]) for row in rows)


@pytest.fixture
def filled(world: World) -> Iterator[Engine]:
    """The engine on a database full of rows, inside the app's context."""
    with world.app.app_context():
        db.engine.dispose()
        yield db.engine
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("revision", REVISIONS[1:])
def test_down_and_up_again_keeps_every_row(filled: Engine, revision: str) -> None:
    """All but the first, whose way down is to leave nothing.

    A table of the migration's own goes with its rows, a column of its own with what stood in it; what is worked out
    from other rows is worked out again.
    """
    before = rows_in(filled)
    assert sum(map(len, before.values())) > 300
    downgrade(directory=FOLDER, revision=REVISIONS[REVISIONS.index(revision) - 1])
    inspector = inspect(filled)
    there = {
        name: {str(column["name"]) for column in inspector.get_columns(name)}
        for name in {*inspector.get_table_names()} - WORKED_OUT
    }
    there |= {name: set(Base.metadata.tables[name].columns.keys()) for name in WORKED_OUT}
    upgrade(directory=FOLDER)
    after = {name: of_columns(rows, there.get(name, set())) for name, rows in rows_in(filled).items()}
    kept = {name: of_columns(rows, there[name]) for name, rows in before.items() if name in there}
    assert sum(map(len, kept.values())) > 300
    assert {name: rows for name, rows in after.items() if rows != kept.get(name, [])} == {}
    assert drift(filled) == []


def test_guards_are_back_after_down_and_up(filled: Engine) -> None:
    downgrade(directory=FOLDER, revision="0001")
    with filled.begin() as connection:  # the twin: without 0002 the record can be changed
        connection.execute(text("UPDATE audit_event SET action = 'changed' WHERE seq = 2"))
    upgrade(directory=FOLDER)
    with pytest.raises(DBAPIError, match="only ever added to"), filled.begin() as connection:
        connection.execute(text("UPDATE audit_event SET action = 'changed' WHERE seq = 3"))


def test_down_to_the_ground_leaves_nothing_and_up_again_works(filled: Engine) -> None:
    downgrade(directory=FOLDER, revision="base")
    inspector = inspect(filled)
    ours = {table.name for table in Base.metadata.sorted_tables}
    assert ours & set(inspector.get_table_names()) == set()
    with filled.connect() as connection:
        if is_sqlite(filled):
            left = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
        else:
            left = connection.execute(
                text(
                    "SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'"
                )
            ).all()
    assert left == []
    upgrade(directory=FOLDER)
    assert {name for name, rows in rows_in(filled).items() if rows} == GIVEN
    assert drift(filled) == []


def test_the_way_down_leaves_no_upload_that_the_version_before_cannot_show(filled: Engine) -> None:
    """0022 brought uploads that wait for their columns to be matched and have no report yet."""
    uploads = Base.metadata.tables["import_upload"]
    with filled.begin() as connection:
        for number, report in enumerate((null(), JSON.NULL)):
            connection.execute(
                insert(uploads).values(
                    id=UUID(int=number), kind="vacancies", file_name="trac.csv", storage_key=str(number),
                    options={}, uploaded_by="x", uploaded_at=datetime(2026, 11, 1, tzinfo=UTC), report=report,
                )
            )  # fmt: skip
    downgrade(directory=FOLDER, revision="0021")
    with filled.connect() as connection:
        reports = connection.scalars(select(uploads.c.report).where(uploads.c.file_name == "trac.csv")).all()
    assert [one["report"]["refused"][0]["line"] for one in reports] == [0, 0]
    upgrade(directory=FOLDER)


def test_each_migration_says_in_its_first_line_what_it_does() -> None:
    for file in sorted((Path(FOLDER) / "versions").glob("*.py")):
        first = file.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith('"""'), file.name
        assert len(first) > 20, file.name


def test_an_answer_from_before_answers_were_wishes_becomes_wishes(filled: Engine) -> None:
    """0042: whose yes was only kept gets wishes of it; a no, and who said something themselves, are left alone."""
    tables = Base.metadata.tables
    person, asked, wishes = tables["person"], tables["past_invitation"], tables["candidate_preference"]
    places = tables["candidate_site"]
    ids = {name: UUID(int=number) for number, name in enumerate(("yes", "no", "own", "paused"), 1)}
    at = datetime(2026, 3, 1, tzinfo=UTC)
    downgrade(directory=FOLDER, revision="0041")
    with filled.begin() as connection:
        names = {"given_name": "A", "family_name": "B", "created_at": at}
        connection.execute(insert(person), [{"id": one, **names} for one in ids.values()])
        told = {"sent_at": at, "sent_by": "x", "answered_at": at, "most_hours": Decimal("22.5")}
        told |= {"places": "Neverheard, or Elsewhere"}
        connection.execute(
            insert(asked),
            [
                {"person_id": one, "token_hash": name, "may_contact": name != "no", **told}
                for name, one in ids.items()
            ],
        )
        for name, version in (("own", 3), ("paused", 0)):
            row = {"person_id": ids[name], "looking": False, "version": version, "updated_at": at}
            connection.execute(insert(wishes).values(alerts=AlertFrequency.NEVER, **row))
    upgrade(directory=FOLDER)

    def of(table: Table, *columns: str) -> dict[UUID, list[tuple[object, ...]]]:
        with filled.connect() as connection:
            rows = connection.execute(
                select(table).where(table.c.person_id.in_(ids.values())).order_by(*table.primary_key)
            ).mappings()
            found: dict[UUID, list[tuple[object, ...]]] = {}
            for row in rows:
                found.setdefault(row["person_id"], []).append(tuple(row[name] for name in columns))
            return found

    there = of(wishes, "most_hours", "anywhere", "alerts", "looking", "counted", "version")
    weekly, never = AlertFrequency.WEEKLY, AlertFrequency.NEVER
    made = {
        ids["yes"]: [(Decimal("22.5"), False, weekly, True, False, 1)],
        ids["own"]: [(None, True, never, False, False, 3)],
        ids["paused"]: [(Decimal("22.5"), False, never, False, False, 1)],
    }
    assert there == made
    two = [("Elsewhere", SiteEase.EASILY), ("Neverheard", SiteEase.EASILY)]
    assert of(places, "site", "ease") == {ids["yes"]: two, ids["paused"]: two}
    assert of(asked, "wishes_version") == {
        ids["yes"]: [(1,)], ids["no"]: [(None,)], ids["own"]: [(None,)], ids["paused"]: [(1,)],
    }  # fmt: skip
    downgrade(directory=FOLDER, revision="0041")
    upgrade(directory=FOLDER)
    assert of(wishes, "most_hours", "anywhere", "alerts", "looking", "counted", "version") == made
