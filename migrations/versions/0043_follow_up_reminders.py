"""Who was written to about a follow-up, so that nobody is written to every day.

Revision: 0043, after 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "post_follow_up_reminder",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("told_id", sa.Uuid(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.CheckConstraint("months IN (1, 4, 12)", name=op.f("ck_post_follow_up_reminder_months")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_follow_up_reminder_post_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["told_id"], ["person.id"], name=op.f("fk_post_follow_up_reminder_told_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint(
            "post_id", "months", "told_id", "told_on", name=op.f("pk_post_follow_up_reminder")
        ),
    )
    op.create_index(
        op.f("ix_post_follow_up_reminder_told_id"), "post_follow_up_reminder", ["told_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("post_follow_up_reminder")
