"""The report by manager is read from its index alone: a thousand managers cost what a few directorates do.

Revision: 0033, after 0032
"""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

NAME, TABLE = "ix_vacancy_standing_manager", "vacancy_standing"
ALL = ["manager_id", "standing", "due_on", "over_after", "breach_from", "breach_until", "flagged_on"]


def upgrade() -> None:
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, ALL, unique=False)


def downgrade() -> None:
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, ["manager_id"], unique=False)
