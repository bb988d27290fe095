"""Vacancies that look alike and are not the same, as a person said (V6).

Revision: 0030, after 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vacancy_different",
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_vacancy_different_order")),
        sa.ForeignKeyConstraint(
            ["first_id"], ["vacancy.id"], name=op.f("fk_vacancy_different_first_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["vacancy.id"], name=op.f("fk_vacancy_different_second_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["said_by"], ["person.id"], name=op.f("fk_vacancy_different_said_by"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_vacancy_different")),
    )
    op.create_index(op.f("ix_vacancy_different_second_id"), "vacancy_different", ["second_id"], unique=False)
    op.create_index(op.f("ix_vacancy_different_said_by"), "vacancy_different", ["said_by"], unique=False)


def downgrade() -> None:
    op.drop_table("vacancy_different")
