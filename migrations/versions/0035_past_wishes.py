"""Which version of their wishes came of a past graduate's answer.

Revision: 0035, after 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("past_invitation", sa.Column("wishes_version", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("past_invitation", "wishes_version")
