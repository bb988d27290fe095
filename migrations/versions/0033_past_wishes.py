"""Which version of their wishes came of a past graduate's answer.

Revision: 0033, after 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("past_invitation", sa.Column("wishes_version", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("past_invitation", "wishes_version")
