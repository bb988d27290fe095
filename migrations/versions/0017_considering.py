"""Around a consideration: the college's words for managers, a manager's draft, and more time given by HR.

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

FIXED = {
    "role_text_version": ("version", "A saved text is never changed; save a new one"),
    "consideration_extension": ("id", "Time that was given is kept as it was given"),
}


def upgrade() -> None:
    op.create_table('role_text_version',
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('brings', sa.JSON(), nullable=False),
    sa.Column('paragraph', sa.Text(), nullable=False),
    sa.Column('specification', sa.Text(), nullable=False),
    sa.Column('saved_by', sa.Uuid(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['saved_by'], ['person.id'], name=op.f('fk_role_text_version_saved_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_role_text_version'))
    )
    op.create_index(op.f('ix_role_text_version_saved_by'), 'role_text_version', ['saved_by'], unique=False)
    op.create_table('consideration_draft',
    sa.Column('vacancy_id', sa.Uuid(), nullable=False),
    sa.Column('written_by', sa.Uuid(), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['vacancy_id'], ['vacancy.id'], name=op.f('fk_consideration_draft_vacancy_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['written_by'], ['person.id'], name=op.f('fk_consideration_draft_written_by'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('vacancy_id', 'written_by', name=op.f('pk_consideration_draft'))
    )
    op.create_table('consideration_extension',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('vacancy_id', sa.Uuid(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=False),
    sa.Column('why', sa.String(length=1000), nullable=False),
    sa.Column('extended_by', sa.Uuid(), nullable=False),
    sa.Column('extended_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('to_on > from_on', name=op.f('ck_consideration_extension_later')),
    sa.ForeignKeyConstraint(['extended_by'], ['person.id'], name=op.f('fk_consideration_extension_extended_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['vacancy_id'], ['vacancy.id'], name=op.f('fk_consideration_extension_vacancy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consideration_extension'))
    )
    op.create_index(op.f('ix_consideration_extension_extended_by'), 'consideration_extension', ['extended_by'], unique=False)
    op.create_index('ix_consideration_extension_vacancy', 'consideration_extension', ['vacancy_id', 'extended_at'], unique=False)
    for table, (key, text) in FIXED.items():
        if op.get_bind().dialect.name == "sqlite":
            guard_sqlite(table, key, text)
        else:
            guard_postgresql(table, text)


def guard_sqlite(table: str, key: str, text: str) -> None:
    def refuse(name: str, when: str) -> None:
        op.execute(f"CREATE TRIGGER {table}_{name} {when} BEGIN SELECT RAISE(ABORT, '{text}'); END")

    refuse("no_update", f"BEFORE UPDATE ON {table}")
    refuse("no_delete", f"BEFORE DELETE ON {table}")
    refuse("no_replace", f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} t WHERE t.{key} = NEW.{key})")


def guard_postgresql(table: str, text: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for name, when in (
        ("no_truncate", f"BEFORE TRUNCATE ON {table}"),
        ("no_change", f"BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW"),
    ):
        op.execute(f"CREATE TRIGGER {table}_{name} {when} EXECUTE FUNCTION {table}_refuse()")


def downgrade() -> None:
    """Take them away: an earlier release knows one text, no drafts, and the day of an answer as it is."""
    for table in ("consideration_extension", "consideration_draft", "role_text_version"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        for table in FIXED:
            op.execute(f"DROP FUNCTION {table}_refuse() CASCADE")
