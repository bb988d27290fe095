"""People named for a duty around answers, and the record of who was told of late ones (V4).

Revision: 0020, after 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TEXT = "Who was told is kept as it was"
DUTIES = "duty IN ('psw lead', 'hr lead', 'second reader')"
STEPS = "step IN ('soon', 'reminder', 'deputy', 'psw lead', 'hr lead')"
REACHED = "reached IN ('told', 'nobody', 'no address')"


def upgrade() -> None:
    op.create_table('careers_duty',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('duty', sa.String(length=40), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('named_by', sa.Uuid(), nullable=True),
    sa.Column('named_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint(DUTIES, name=op.f('ck_careers_duty_duty')),
    sa.ForeignKeyConstraint(['named_by'], ['person.id'], name=op.f('fk_careers_duty_named_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_careers_duty_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_careers_duty'))
    )
    op.create_index(op.f('ix_careers_duty_named_by'), 'careers_duty', ['named_by'], unique=False)
    op.create_index(op.f('ix_careers_duty_person_id'), 'careers_duty', ['person_id'], unique=False)
    op.create_index('uq_careers_duty_live', 'careers_duty', ['duty', 'person_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('escalation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('vacancy_id', sa.Uuid(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('step', sa.String(length=40), nullable=False),
    sa.Column('told_id', sa.Uuid(), nullable=True),
    sa.Column('reached', sa.String(length=40), nullable=False),
    sa.Column('sent_on', sa.Date(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint(REACHED, name=op.f('ck_escalation_reached')),
    sa.CheckConstraint(STEPS, name=op.f('ck_escalation_step')),
    sa.ForeignKeyConstraint(['told_id'], ['person.id'], name=op.f('fk_escalation_told_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['vacancy_id'], ['vacancy.id'], name=op.f('fk_escalation_vacancy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_escalation')),
    sa.UniqueConstraint('vacancy_id', 'due_on', 'step', 'told_id', name=op.f('uq_escalation_vacancy_id_due_on_step_told_id'))
    )
    op.create_index(op.f('ix_escalation_told_id'), 'escalation', ['told_id'], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgresql()


def guard_sqlite() -> None:
    def refuse(name: str, when: str) -> None:
        op.execute(f"CREATE TRIGGER escalation_{name} {when} BEGIN SELECT RAISE(ABORT, '{TEXT}'); END")

    refuse("no_update", "BEFORE UPDATE ON escalation")
    refuse("no_delete", "BEFORE DELETE ON escalation")
    same = (
        "SELECT 1 FROM escalation t WHERE t.id = NEW.id OR (t.vacancy_id = NEW.vacancy_id "
        "AND t.due_on = NEW.due_on AND t.step = NEW.step AND t.told_id = NEW.told_id)"
    )
    refuse("no_replace", f"BEFORE INSERT ON escalation WHEN EXISTS ({same})")


def guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION escalation_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{TEXT}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for name, when in (
        ("no_truncate", "BEFORE TRUNCATE ON escalation"),
        ("no_change", "BEFORE DELETE OR UPDATE ON escalation FOR EACH ROW"),
    ):
        op.execute(f"CREATE TRIGGER escalation_{name} {when} EXECUTE FUNCTION escalation_refuse()")


def downgrade() -> None:
    """Take them away: an earlier release asks the manager alone and tells nobody."""
    for table in ("escalation", "careers_duty"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION escalation_refuse() CASCADE")
