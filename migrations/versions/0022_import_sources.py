"""The systems that files come from, how their columns are matched, and what became of each file (V6).

Revision: 0022, after 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_source")),
        sa.UniqueConstraint("kind", "name_key", name=op.f("uq_import_source_kind_name_key")),
    )
    op.create_table(
        "import_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("created", "updated", "unchanged", "refused")),
        sa.Column("trouble", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["import_source.id"], name=op.f("fk_import_attempt_source_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_attempt")),
    )
    op.create_index(op.f("ix_import_attempt_source_id"), "import_attempt", ["source_id"], unique=False)
    op.create_index(op.f("ix_import_attempt_upload_id"), "import_attempt", ["upload_id"], unique=False)


# What the check page of the version before can show of an upload whose columns nobody matched: it knew none such.
NOT_MATCHED = {
    "report": {
        "ok": False, "created": 0, "updated": 0, "unchanged": 0, "warnings": [],
        "refused": [
            {"line": 0, "column": "", "value": "", "reason": "The columns of this file were not matched. Upload it again"}
        ],
    },
    "bad": 1, "good": 0, "columns": [], "first": [], "kept": [],
}


def downgrade() -> None:
    upload = sa.table("import_upload", sa.column("report", sa.JSON()))
    waits = sa.or_(upload.c.report.is_(sa.null()), sa.cast(upload.c.report, sa.Text()) == "null")
    op.execute(sa.update(upload).where(waits).values(report=NOT_MATCHED))
    op.drop_table("import_attempt")
    op.drop_table("import_source")
