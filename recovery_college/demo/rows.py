"""Rows by the thousand: gathered as plain values, written table by table in the order their keys ask for."""

from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from recovery_college.kernel.db import Base

BATCH = 5_000
SPECIFICATION = ("qualification", "unit_group", "unit", "learning_outcome", "assessment_criterion")


class Rows:
    """What is to be written. All rows of one table name the same columns; a column not named has its default.

    Ids follow `since` and come from `random`, so that the same source makes the same ids; they rise as they
    are made, which keeps indexes compact (the shape of a version 7 UUID, RFC 9562).
    """

    def __init__(self, random: Random, since: datetime) -> None:
        self._random = random
        self._next = int(since.timestamp() * 1000) << 12
        self._rows: dict[Table, list[dict[str, Any]]] = {}
        self.written = 0

    def new_id(self) -> UUID:
        """The next id."""
        self._next += 1
        moment, counter = self._next >> 12, self._next & 0xFFF
        tail = self._random.getrandbits(62)
        return UUID(int=(moment & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | counter << 64 | 0x2 << 62 | tail)

    def add(self, model: type[Base], **values: object) -> UUID:
        """Gather one row of a table whose key is an id, which is returned."""
        key = self.new_id()
        self.link(model, {"id": key, **values})
        return key

    def link(self, model: type[Base], values: Mapping[str, Any]) -> None:
        """Gather one row of a table that has no id of its own, or whose id is given."""
        table = model.__table__
        assert isinstance(table, Table)
        self._rows.setdefault(table, []).append(dict(values))

    @property
    def waiting(self) -> int:
        """How many rows are gathered and not yet written."""
        return sum(map(len, self._rows.values()))

    def write(self, s: Session) -> None:
        """Write what was gathered, in the caller's transaction: a table only after those it points to.

        Specifications come first: once students are registered for one, only its wording may change (A2).
        """
        s.flush()
        for table in sorted(Base.metadata.sorted_tables, key=lambda one: one.name not in SPECIFICATION):
            rows = self._rows.pop(table, [])
            for start in range(0, len(rows), BATCH):
                s.execute(insert(table), rows[start : start + BATCH])
            self.written += len(rows)
