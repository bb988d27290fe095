"""What the college starts with: rule version 1 (V2) and the reasons why a post is not a PSW role (V3).

Written out here, not imported: a migration tells what was true when it was written.

Revision: 0003, after 0002
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REASONS = (
    ("registration", "The post needs a professional registration or licence"),
    ("no-contact", "The post has no direct contact with people who use the service"),
    ("qualification", "The post needs a set qualification or skill that the PSW training does not cover"),
    ("psw-in-team", "The team has a PSW post already and needs this role beside it"),
    ("promised", "The post is kept for a colleague who is redeployed or returns from leave"),
    ("team-not-ready", "The team is not ready to support a PSW yet; preparation is being arranged"),
    ("funding", "The money for this post is tied to another role"),
    ("other", "Another reason"),
)

psw_rule = sa.table(
    "psw_rule",
    sa.column("version", sa.Integer),
    sa.column("bands", sa.JSON),
    sa.column("exclusions", sa.JSON),
    sa.column("valid_from", sa.Date),
    sa.column("valid_to", sa.Date),
    sa.column("go_live_on", sa.Date),
)
consideration_reason = sa.table(
    "consideration_reason",
    sa.column("code", sa.String),
    sa.column("words", sa.String),
    sa.column("needs_text", sa.Boolean),
    sa.column("position", sa.Integer),
    sa.column("retired_on", sa.Date),
)


def upgrade() -> None:
    """Add what is not there: a downgrade leaves the reasons and the rule that records refer to."""
    bind = op.get_bind()
    if bind.scalar(sa.select(psw_rule.c.version).where(psw_rule.c.version == 1)) is None:
        rule = {"version": 1, "bands": ["2", "3", "4"], "exclusions": [], "valid_from": date(2010, 1, 1)}
        bind.execute(psw_rule.insert().values(**rule, valid_to=None, go_live_on=None))
    known = set(bind.scalars(sa.select(consideration_reason.c.code)))
    for place, (code, words) in enumerate(REASONS, start=1):
        if code not in known:
            row = {"code": code, "words": words, "needs_text": code == "other", "position": place}
            bind.execute(consideration_reason.insert().values(**row, retired_on=None))


def downgrade() -> None:
    """Take out only what nothing refers to: a college in use keeps its rule and its reasons."""
    op.execute(
        sa.text(
            "DELETE FROM consideration_reason WHERE code NOT IN "
            "(SELECT reason_code FROM consideration WHERE reason_code IS NOT NULL)"
        )
    )
    op.execute(
        sa.text(
            "DELETE FROM psw_rule WHERE version NOT IN (SELECT rule_version FROM vacancy WHERE rule_version "
            "IS NOT NULL UNION SELECT rule_version FROM consideration WHERE rule_version IS NOT NULL)"
        )
    )
