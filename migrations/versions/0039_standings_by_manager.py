"""The report by manager, and which posts are open, are read from an index alone and not row by row.

Revision: 0039, after 0038
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_vacancy_standing_manager": (
        "vacancy_standing",
        ["manager_id"],
        ["standing", "due_on", "over_after", "breach_from", "breach_until", "flagged_on"],
    ),
    "ix_vacancy_open": ("vacancy", ["flag", "closes_on"], ["status", "posted_on"]),
}


def upgrade() -> None:
    for name, (table, before, more) in INDEXES.items():
        op.drop_index(name, table)
        op.create_index(name, table, before + more, unique=False)


def downgrade() -> None:
    for name, (table, before, _) in INDEXES.items():
        op.drop_index(name, table)
        op.create_index(name, table, before, unique=False)
