"""Pronouns of a person, if they gave them (C5).

Revision: 0024, after 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("pronouns", sa.String(60), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("person", "pronouns")
