"""A draft of evidence that was thrown away or handed in stays gone, while a save of it is still under way.

Revision: 0040, after 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gone_draft",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", name=op.f("pk_gone_draft")),
    )
    op.create_index(op.f("ix_gone_draft_gone_at"), "gone_draft", ["gone_at"], unique=False)


def downgrade() -> None:
    op.drop_table("gone_draft")
