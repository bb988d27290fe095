"""What was said when somebody asked how it goes in a post.

Revision: 0038, after 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "post_follow_up",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("months IN (1, 4, 12)", name=op.f("ck_post_follow_up_months")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_follow_up_post_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_post_follow_up_by_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("post_id", "months", name=op.f("pk_post_follow_up")),
    )
    op.create_index(op.f("ix_post_follow_up_by_id"), "post_follow_up", ["by_id"], unique=False)


def downgrade() -> None:
    op.drop_table("post_follow_up")
