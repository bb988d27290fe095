"""Teams that managers named for their own vacancies, until HR confirms that they recruit for them.

Revision: 0036, after 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "team_named",
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("named_by", sa.Uuid(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["vacancy_id"], ["vacancy.id"], name=op.f("fk_team_named_vacancy_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_team_named_team_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["named_by"], ["person.id"], name=op.f("fk_team_named_named_by"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("vacancy_id", name=op.f("pk_team_named")),
    )
    op.create_index(op.f("ix_team_named_team_id"), "team_named", ["team_id"], unique=False)
    op.create_index(op.f("ix_team_named_named_by"), "team_named", ["named_by"], unique=False)


def downgrade() -> None:
    op.drop_table("team_named")
