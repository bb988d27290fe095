"""An index by which the few posts that are open are found among all there ever were (P2).

Revision: 0028, after 0027
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_vacancy_open", "vacancy", ["flag", "closes_on"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_vacancy_open", table_name="vacancy")
