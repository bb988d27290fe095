"""Who recruits for which team, and who stands in for whom.

Revision: 0018, after 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "team_manager",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ended_on >= since_on", name=op.f("ck_team_manager_dates")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_team_manager_team_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_team_manager_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_manager")),
    )
    op.create_index(
        "uq_team_manager_live", "team_manager", ["team_id", "person_id"], unique=True,
        sqlite_where=sa.text("ended_on IS NULL"), postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_index(op.f("ix_team_manager_person_id"), "team_manager", ["person_id"], unique=False)
    op.create_table(
        "deputy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("deputy_email", sa.String(254), nullable=False),
        sa.Column("deputy_id", sa.Uuid(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("given_by", sa.String(80), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_deputy_dates")),
        sa.CheckConstraint("deputy_id <> manager_id", name=op.f("ck_deputy_another")),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_deputy_manager_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name=op.f("fk_deputy_deputy_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy")),
    )
    op.create_index("ix_deputy_manager", "deputy", ["manager_id", "starts_on"], unique=False)
    op.create_index(op.f("ix_deputy_deputy_id"), "deputy", ["deputy_id"], unique=False)
    op.create_index(op.f("ix_deputy_deputy_email"), "deputy", ["deputy_email"], unique=False)


def downgrade() -> None:
    op.drop_table("deputy")
    op.drop_table("team_manager")
