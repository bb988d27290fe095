"""What went into an external quality assurer's pack, and when a worker last went on with one (A11).

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE eqa_pack ADD COLUMN moved_at " + _moment())
    op.create_table(
        "eqa_pack_evidence",
        sa.Column("pack_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["eqa_pack.id"], name=op.f("fk_eqa_pack_evidence_pack_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_eqa_pack_evidence_evidence_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("pack_id", "evidence_id", name=op.f("pk_eqa_pack_evidence")),
    )
    op.create_index(op.f("ix_eqa_pack_evidence_evidence_id"), "eqa_pack_evidence", ["evidence_id"], unique=False)


def downgrade() -> None:
    op.drop_table("eqa_pack_evidence")
    op.execute("ALTER TABLE eqa_pack DROP COLUMN moved_at")


def _moment() -> str:
    return "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
