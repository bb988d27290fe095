"""Several drafts of evidence at a time for one writer: each has an id of its own (A6).

Revision: 0037, after 0036. The way down keeps each writer's latest, since there is room for one only.
"""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

COLUMNS = ("enrolment_id", "written_by", "fields", "version", "saved_at")


def kept(rows: sa.Table) -> list[dict[str, object]]:
    """What is written, the latest last."""
    found = op.get_bind().execute(sa.select(*(rows.c[name] for name in COLUMNS)).order_by(rows.c.saved_at))
    return [dict(row) for row in found.mappings()]


def make(*first: sa.Column, key: tuple[str, ...]) -> sa.Table:
    op.drop_table("evidence_draft")
    return op.create_table(
        "evidence_draft",
        *first,
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_evidence_draft_enrolment_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["person.id"], name=op.f("fk_evidence_draft_written_by"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_evidence_draft")),
    )


def there() -> sa.Table:
    return sa.table(
        "evidence_draft", sa.column("enrolment_id", sa.Uuid()), sa.column("written_by", sa.Uuid()),
        sa.column("fields", sa.JSON()), sa.column("version", sa.Integer()),
        sa.column("saved_at", sa.DateTime(timezone=True)),
    )


def upgrade() -> None:
    rows = kept(there())
    made = make(sa.Column("id", sa.Uuid(), nullable=False), key=("id",))
    op.create_index(op.f("ix_evidence_draft_written_by"), "evidence_draft", ["written_by"], unique=False)
    op.create_index(
        "ix_evidence_draft_writer", "evidence_draft", ["enrolment_id", "written_by", "saved_at"], unique=False
    )
    if rows:
        op.bulk_insert(made, [{"id": uuid4(), **row} for row in rows])


def downgrade() -> None:
    latest = {(row["enrolment_id"], row["written_by"]): row for row in kept(there())}
    made = make(key=("enrolment_id", "written_by"))
    op.create_index(op.f("ix_evidence_draft_written_by"), "evidence_draft", ["written_by"], unique=False)
    if latest:
        op.bulk_insert(made, list(latest.values()))
