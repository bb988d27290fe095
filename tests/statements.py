"""What a block asks of the database, for tests that count it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from recovery_college.kernel.db import db

TRANSACTION_WORDS = ("PRAGMA", "BEGIN", "SET TRANSACTION")


@contextmanager
def statements(*beginnings: str, with_values: bool = False) -> Iterator[list[str]]:
    """The block's statements, transaction words apart; `statements("SELECT")` those that begin so.

    `with_values`: each with what it was asked with, so that a question asked twice can be told from two.
    """
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
        words = statement.lstrip()
        if words.startswith(beginnings) if beginnings else not words.startswith(TRANSACTION_WORDS):
            asked.append(f"{statement} {values!r}" if with_values else statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
