"""Extra days agreed as what helps: every due date that is set while they stand is later for that student (A14).

Revision: 0013, after 0012
"""

from datetime import UTC, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TEXT = "Extra days are kept as they were agreed; they can be ended, once"
KEPT = ("id", "enrolment_id", "days", "since_on", "since_at")
CHANGED = " OR ".join(
    [f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in KEPT]
    + ["(OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at)"]
)


def upgrade() -> None:
    op.create_table('extra_days',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('since_on', sa.Date(), nullable=False),
    sa.Column('since_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('days BETWEEN 1 AND 90', name=op.f('ck_extra_days_days')),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_extra_days_enrolment_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_extra_days'))
    )
    op.create_index(op.f('ix_extra_days_enrolment_id'), 'extra_days', ['enrolment_id'], unique=False)
    op.create_index('uq_extra_days_standing', 'extra_days', ['enrolment_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    carry_over()
    if op.get_bind().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgresql()


def carry_over() -> None:
    """What is agreed already stands from today."""
    bind = op.get_bind()
    found = bind.execute(sa.text(
        "SELECT r.enrolment_id, max(d.extra_days) FROM support_request r "
        "JOIN support_decision d ON d.request_id = r.id WHERE r.taken_back_at IS NULL "
        "AND d.answer = 'agreed' AND d.permission <> 'asked' AND d.extra_days IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM support_decision l WHERE l.request_id = r.id AND l.decided_at > d.decided_at) "
        "GROUP BY r.enrolment_id"
    ).columns(enrolment_id=sa.Uuid())).all()
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo("Europe/London")).date()
    table = sa.table(
        "extra_days", sa.column("id", sa.Uuid()), sa.column("enrolment_id", sa.Uuid()), sa.column("days", sa.Integer()),
        sa.column("since_on", sa.Date()), sa.column("since_at", sa.DateTime(timezone=True)),
    )
    for enrolment_id, days in found:
        bind.execute(table.insert().values(
            id=uuid4(), enrolment_id=enrolment_id, days=days, since_on=today, since_at=now,
        ))


def guard_sqlite() -> None:
    def refuse(name: str, when: str) -> None:
        op.execute(f"CREATE TRIGGER extra_days_{name} {when} BEGIN SELECT RAISE(ABORT, '{TEXT}'); END")

    refuse("no_update", f"BEFORE UPDATE ON extra_days WHEN {CHANGED.replace('IS DISTINCT FROM', 'IS NOT')}")
    refuse("no_delete", "BEFORE DELETE ON extra_days")
    same = (
        "SELECT 1 FROM extra_days t WHERE t.id = NEW.id "
        "OR (t.enrolment_id = NEW.enrolment_id AND t.ended_at IS NULL AND NEW.ended_at IS NULL)"
    )
    refuse("no_replace", f"BEFORE INSERT ON extra_days WHEN EXISTS ({same})")


def guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION extra_days_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{TEXT}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for name, when in (
        ("no_truncate", "BEFORE TRUNCATE ON extra_days"),
        ("no_delete", "BEFORE DELETE ON extra_days FOR EACH ROW"),
        ("no_update", f"BEFORE UPDATE ON extra_days FOR EACH ROW WHEN ({CHANGED})"),
    ):
        op.execute(f"CREATE TRIGGER extra_days_{name} {when} EXECUTE FUNCTION extra_days_refuse()")


def downgrade() -> None:
    """Take the days away: an earlier release gives more time date by date only."""
    op.drop_table("extra_days")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION extra_days_refuse() CASCADE")
