"""What graduates would like, whom they let see it, and what they say to a vacancy (P1, P2).

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# Tables that are only ever added to, each with its second key: by it INSERT OR REPLACE could delete a row on SQLite.
FIXED = {
    "candidate_consent": ("person_id", "field", "purpose", "number"),
    "vacancy_answer": ("person_id", "vacancy_id", "number"),
    "vacancy_application": ("person_id", "vacancy_id", "way"),
    "candidate_introduction": ("person_id", "vacancy_id", "kind"),
}
TEXT = "What somebody consented to or answered is kept; record a new row"
BLOCK = "A block is kept as it was made; it can be ended, once"
KEPT = ("id", "person_id", "team_id", "manager_id", "since_at")
CHANGED = " OR ".join(
    [f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in KEPT]
    + ["(OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at)"]
)


def upgrade() -> None:
    op.create_table('candidate_consent',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('field', sa.String(length=40), nullable=False),
    sa.Column('purpose', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('given', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("field IN ('wishes', 'name', 'email', 'statement', 'hours', 'places', 'teams', 'days', 'contracts', 'start', 'graduation')", name=op.f('ck_candidate_consent_field')),
    sa.CheckConstraint("purpose IN ('count', 'introduce', 'manager')", name=op.f('ck_candidate_consent_purpose')),
    sa.CheckConstraint('number >= 1', name=op.f('ck_candidate_consent_number')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_candidate_consent_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_candidate_consent')),
    sa.UniqueConstraint('person_id', 'field', 'purpose', 'number', name=op.f('uq_candidate_consent_person_id_field_purpose_number'))
    )
    op.create_table('candidate_preference',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('looking', sa.Boolean(), nullable=False),
    sa.Column('counted', sa.Boolean(), nullable=False),
    sa.Column('least_hours', sa.Numeric(precision=4, scale=2), nullable=True),
    sa.Column('most_hours', sa.Numeric(precision=4, scale=2), nullable=True),
    sa.Column('areas', sa.Integer(), nullable=False),
    sa.Column('settings', sa.Integer(), nullable=False),
    sa.Column('contracts', sa.Integer(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('job_share', sa.Boolean(), nullable=False),
    sa.Column('anywhere', sa.Boolean(), nullable=False),
    sa.Column('earliest_start', sa.Date(), nullable=True),
    sa.Column('alerts', sa.String(length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("alerts IN ('never', 'weekly', 'daily')", name=op.f('ck_candidate_preference_alerts')),
    sa.CheckConstraint('areas BETWEEN 0 AND 7', name=op.f('ck_candidate_preference_areas')),
    sa.CheckConstraint('contracts BETWEEN 0 AND 15', name=op.f('ck_candidate_preference_contracts')),
    sa.CheckConstraint('days BETWEEN 0 AND 127', name=op.f('ck_candidate_preference_days')),
    sa.CheckConstraint('least_hours <= most_hours', name=op.f('ck_candidate_preference_hours')),
    sa.CheckConstraint('least_hours > 0 AND least_hours <= 60', name=op.f('ck_candidate_preference_least_hours')),
    sa.CheckConstraint('most_hours > 0 AND most_hours <= 60', name=op.f('ck_candidate_preference_most_hours')),
    sa.CheckConstraint('settings BETWEEN 0 AND 3', name=op.f('ck_candidate_preference_settings')),
    sa.CheckConstraint('times BETWEEN 0 AND 15', name=op.f('ck_candidate_preference_times')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_candidate_preference_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_candidate_preference'))
    )
    op.create_table('candidate_site',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('site', sa.String(length=200), nullable=False),
    sa.Column('ease', sa.String(length=40), nullable=False),
    sa.CheckConstraint("ease IN ('easily', 'if need be')", name=op.f('ck_candidate_site_ease')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_candidate_site_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('person_id', 'site', name=op.f('pk_candidate_site'))
    )
    op.create_index('ix_candidate_site_site', 'candidate_site', ['site', 'person_id'], unique=False)
    op.create_table('candidate_statement',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_candidate_statement_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_candidate_statement'))
    )
    op.create_table('candidate_block',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('team_id', sa.Uuid(), nullable=True),
    sa.Column('manager_id', sa.Uuid(), nullable=True),
    sa.Column('since_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(team_id IS NULL) <> (manager_id IS NULL)', name=op.f('ck_candidate_block_one_of_two')),
    sa.ForeignKeyConstraint(['manager_id'], ['person.id'], name=op.f('fk_candidate_block_manager_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_candidate_block_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_candidate_block_team_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_candidate_block'))
    )
    op.create_index(op.f('ix_candidate_block_manager_id'), 'candidate_block', ['manager_id'], unique=False)
    op.create_index(op.f('ix_candidate_block_team_id'), 'candidate_block', ['team_id'], unique=False)
    op.create_index('uq_candidate_block_manager', 'candidate_block', ['person_id', 'manager_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_index('uq_candidate_block_team', 'candidate_block', ['person_id', 'team_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('candidate_alert',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('vacancy_id', sa.Uuid(), nullable=False),
    sa.Column('told_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_candidate_alert_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['vacancy_id'], ['vacancy.id'], name=op.f('fk_candidate_alert_vacancy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('person_id', 'vacancy_id', name=op.f('pk_candidate_alert'))
    )
    op.create_index(op.f('ix_candidate_alert_vacancy_id'), 'candidate_alert', ['vacancy_id'], unique=False)
    op.create_table('candidate_introduction',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('vacancy_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('done_by', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('suggested', 'introduced')", name=op.f('ck_candidate_introduction_kind')),
    sa.ForeignKeyConstraint(['done_by'], ['person.id'], name=op.f('fk_candidate_introduction_done_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_candidate_introduction_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['vacancy_id'], ['vacancy.id'], name=op.f('fk_candidate_introduction_vacancy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_candidate_introduction')),
    sa.UniqueConstraint('person_id', 'vacancy_id', 'kind', name=op.f('uq_candidate_introduction_person_id_vacancy_id_kind'))
    )
    op.create_index('ix_candidate_introduction_vacancy', 'candidate_introduction', ['vacancy_id', 'person_id'], unique=False)
    op.create_table('vacancy_answer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('vacancy_id', sa.Uuid(), nullable=False),
    sa.Column('answer', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("answer IN ('yes', 'no', 'withdrawn')", name=op.f('ck_vacancy_answer_answer')),
    sa.CheckConstraint('number >= 1', name=op.f('ck_vacancy_answer_number')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_vacancy_answer_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['vacancy_id'], ['vacancy.id'], name=op.f('fk_vacancy_answer_vacancy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vacancy_answer')),
    sa.UniqueConstraint('person_id', 'vacancy_id', 'number', name=op.f('uq_vacancy_answer_person_id_vacancy_id_number'))
    )
    op.create_index('ix_vacancy_answer_vacancy', 'vacancy_answer', ['vacancy_id', 'person_id'], unique=False)
    op.create_table('vacancy_application',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('vacancy_id', sa.Uuid(), nullable=False),
    sa.Column('way', sa.String(length=40), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("way IN ('here', 'by link', 'introduction')", name=op.f('ck_vacancy_application_way')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_vacancy_application_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['vacancy_id'], ['vacancy.id'], name=op.f('fk_vacancy_application_vacancy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vacancy_application')),
    sa.UniqueConstraint('person_id', 'vacancy_id', 'way', name=op.f('uq_vacancy_application_person_id_vacancy_id_way'))
    )
    op.create_index('ix_vacancy_application_vacancy', 'vacancy_application', ['vacancy_id', 'person_id'], unique=False)
    op.create_table('vacancy_pattern',
    sa.Column('vacancy_id', sa.Uuid(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('job_share', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('days BETWEEN 0 AND 127', name=op.f('ck_vacancy_pattern_days')),
    sa.CheckConstraint('times BETWEEN 0 AND 15', name=op.f('ck_vacancy_pattern_times')),
    sa.ForeignKeyConstraint(['vacancy_id'], ['vacancy.id'], name=op.f('fk_vacancy_pattern_vacancy_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('vacancy_id', name=op.f('pk_vacancy_pattern'))
    )
    if op.get_bind().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgresql()


def guard_sqlite() -> None:
    def refuse(table: str, name: str, when: str, text: str) -> None:
        op.execute(f"CREATE TRIGGER {table}_{name} {when} BEGIN SELECT RAISE(ABORT, '{text}'); END")

    for table, key in FIXED.items():
        same = " AND ".join(f"t.{c} = NEW.{c}" for c in key)
        refuse(table, "no_update", f"BEFORE UPDATE ON {table}", TEXT)
        refuse(table, "no_delete", f"BEFORE DELETE ON {table}", TEXT)
        refuse(
            table,
            "no_replace",
            f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} t WHERE t.id = NEW.id OR ({same}))",
            TEXT,
        )
    unequal = CHANGED.replace("IS DISTINCT FROM", "IS NOT")
    refuse("candidate_block", "no_update", f"BEFORE UPDATE ON candidate_block WHEN {unequal}", BLOCK)
    refuse("candidate_block", "no_delete", "BEFORE DELETE ON candidate_block", BLOCK)
    same = (
        "t.id = NEW.id OR (t.person_id = NEW.person_id AND t.ended_at IS NULL AND NEW.ended_at IS NULL "
        "AND (t.team_id = NEW.team_id OR t.manager_id = NEW.manager_id))"
    )
    refuse(
        "candidate_block",
        "no_replace",
        f"BEFORE INSERT ON candidate_block WHEN EXISTS (SELECT 1 FROM candidate_block t WHERE {same})",
        BLOCK,
    )


def guard_postgresql() -> None:
    for table in (*FIXED, "candidate_block"):
        op.execute(
            f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
            f"'{TEXT if table in FIXED else BLOCK}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        for name, when in (
            ("no_truncate", f"BEFORE TRUNCATE ON {table}"),
            ("no_delete", f"BEFORE DELETE ON {table} FOR EACH ROW"),
            ("no_update", f"BEFORE UPDATE ON {table} FOR EACH ROW" + ("" if table in FIXED else f" WHEN ({CHANGED})")),
        ):
            op.execute(f"CREATE TRIGGER {table}_{name} {when} EXECUTE FUNCTION {table}_refuse()")


def downgrade() -> None:
    """Take wishes, consents and answers away: an earlier release knows none of them."""
    op.drop_table("vacancy_pattern")
    op.drop_table("vacancy_application")
    op.drop_table("vacancy_answer")
    op.drop_table("candidate_introduction")
    op.drop_table("candidate_alert")
    op.drop_table("candidate_block")
    op.drop_table("candidate_statement")
    op.drop_table("candidate_site")
    op.drop_table("candidate_preference")
    op.drop_table("candidate_consent")
    if op.get_bind().dialect.name != "sqlite":
        for table in (*FIXED, "candidate_block"):
            op.execute(f"DROP FUNCTION {table}_refuse() CASCADE")
