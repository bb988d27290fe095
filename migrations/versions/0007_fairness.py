"""What helps a student, prior learning, appeals and concerns (A13-A15), with what is only ever added, and by whom.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# For each guarded table: the sentence, the columns that never change, those set once, and the keys by which
# INSERT OR REPLACE could silently delete a row on SQLite.
GUARDED = {
    "support_request": (
        "What was asked for is kept; it can only be taken back",
        ("id", "key", "enrolment_id", "kind", "unit_id", "wish", "asked_by", "asked_at"),
        ("taken_back_at",),
        ("t.id = NEW.id", "t.key = NEW.key"),
    ),
    "support_decision": (
        "An answer is never changed; record a new one",
        (
            "id", "request_id", "answer", "helps", "extra_days", "permission", "permission_on", "words",
            "decided_by", "decided_on", "decided_at",
        ),
        (),
        ("t.id = NEW.id",),
    ),
    "appeal": (
        "An appeal is kept; it can only be taken back",
        ("id", "enrolment_id", "decision_id", "made_by", "made_at"),
        ("taken_back_at", "ao_told_on"),
        (
            "t.id = NEW.id",
            "t.decision_id = NEW.decision_id AND t.taken_back_at IS NULL AND NEW.taken_back_at IS NULL",
        ),
    ),
    "appeal_stage": (
        "A stage of an appeal is never changed",
        ("appeal_id", "stage", "words", "asked_on", "due_on"),
        (),
        ("t.appeal_id = NEW.appeal_id AND t.stage = NEW.stage",),
    ),
    "appeal_reviewer": (
        "Who was asked to hear an appeal is kept; name another",
        ("id", "appeal_id", "stage", "person_id", "named_by", "named_at"),
        (),
        ("t.id = NEW.id",),
    ),
    "appeal_outcome": (
        "What a review found is never changed",
        (
            "appeal_id", "stage", "finding", "reasons", "next_steps", "others_affected", "decided_by",
            "decided_at",
        ),
        (),
        ("t.appeal_id = NEW.appeal_id AND t.stage = NEW.stage",),
    ),
    "appeal_other": (
        "What a review found is never changed",
        ("appeal_id", "stage", "enrolment_id"),
        (),
        ("t.appeal_id = NEW.appeal_id AND t.stage = NEW.stage AND t.enrolment_id = NEW.enrolment_id",),
    ),
    "rpl_claim": (
        "A claim of prior learning is kept; it can only be closed",
        ("id", "key", "enrolment_id", "words", "opened_by", "opened_at"),
        ("closed_at", "closed_by", "closed_words"),
        ("t.id = NEW.id", "t.key = NEW.key"),
    ),
    "rpl_claim_criterion": (
        "A claim of prior learning is kept; it can only be closed",
        ("claim_id", "criterion_id"),
        (),
        ("t.claim_id = NEW.claim_id AND t.criterion_id = NEW.criterion_id",),
    ),
    "concern": (
        "A concern is never changed; add an entry",
        ("id", "key", "enrolment_id", "allegation", "raised_by", "raised_at"),
        (),
        ("t.id = NEW.id", "t.key = NEW.key"),
    ),
    "concern_person": (
        "Who was named is kept; it can only end",
        ("id", "concern_id", "person_id", "named_by", "named_at"),
        ("ended_at",),
        (
            "t.id = NEW.id",
            "t.concern_id = NEW.concern_id AND t.person_id = NEW.person_id AND t.ended_at IS NULL "
            "AND NEW.ended_at IS NULL",
        ),
    ),
    "concern_entry": (
        "An entry is never changed; add a new one",
        ("id", "concern_id", "kind", "words", "outcome", "happened_on", "written_by", "written_at"),
        (),
        (
            "t.id = NEW.id",
            "t.concern_id = NEW.concern_id AND t.kind = 'outcome' AND NEW.kind = 'outcome'",
        ),
    ),
}

# Everyone an appeal may not be heard by: its student, who assessed or quality-assured this unit of theirs, and
# who heard an earlier stage.
NOT_INDEPENDENT = (
    "SELECT 1 FROM appeal a JOIN enrolment e ON e.id = a.enrolment_id JOIN decision d0 ON d0.id = a.decision_id "
    "JOIN assessment_criterion c0 ON c0.id = d0.criterion_id WHERE a.id = NEW.appeal_id AND ("
    "e.person_id = NEW.{who} "
    "OR EXISTS (SELECT 1 FROM decision d JOIN assessment_criterion c ON c.id = d.criterion_id "
    "WHERE d.enrolment_id = a.enrolment_id AND c.unit_id = c0.unit_id AND d.decided_by = NEW.{who}) "
    "OR EXISTS (SELECT 1 FROM iqa_verdict v WHERE v.enrolment_id = a.enrolment_id "
    "AND v.unit_id = c0.unit_id AND v.verified_by = NEW.{who}) "
    "OR EXISTS (SELECT 1 FROM appeal_outcome o WHERE o.appeal_id = a.id AND o.stage < NEW.stage "
    "AND o.decided_by = NEW.{who}))"
)
# When a new row is refused, by table.
REFUSED = {
    "support_decision": (
        "SELECT 1 FROM support_request r JOIN enrolment e ON e.id = r.enrolment_id "
        "WHERE r.id = NEW.request_id AND e.person_id = NEW.decided_by",
        "Nobody decides what helps themselves (A10)",
    ),
    "appeal": (
        "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM decision d WHERE d.id = NEW.decision_id "
        "AND d.enrolment_id = NEW.enrolment_id AND d.released_at IS NOT NULL)",
        "Only a released decision about this student can be appealed (A15)",
    ),
    "appeal_reviewer": (
        NOT_INDEPENDENT.format(who="person_id"),
        "An appeal is heard by somebody independent (A10)",
    ),
    "appeal_outcome": (
        NOT_INDEPENDENT.format(who="decided_by"),
        "An appeal is heard by somebody independent (A10)",
    ),
    "concern_person": (
        "SELECT 1 FROM concern c JOIN enrolment e ON e.id = c.enrolment_id "
        "WHERE c.id = NEW.concern_id AND e.person_id = NEW.person_id",
        "Nobody looks into a concern about themselves (A10)",
    ),
    "concern_entry": (
        "SELECT 1 FROM concern c JOIN enrolment e ON e.id = c.enrolment_id WHERE c.id = NEW.concern_id "
        "AND NEW.kind = 'outcome' AND (e.person_id = NEW.written_by OR c.raised_by = NEW.written_by)",
        "Nobody decides a concern that they raised or that is about them (A10)",
    ),
}


def upgrade() -> None:
    make_tables()
    if op.get_bind().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgresql()


def changed(table: str) -> str:
    """When an update is refused: a kept column differs, or one that is set once is set again."""
    _, kept, once, _ = GUARDED[table]
    differs = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in kept)
    again = "".join(f" OR (OLD.{c} IS NOT NULL AND NEW.{c} IS DISTINCT FROM OLD.{c})" for c in once)
    return differs + again


def guard_sqlite() -> None:
    def refuse(name: str, when: str, text: str) -> None:
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{text}'); END")

    for table, (text, _, _, keys) in GUARDED.items():
        unequal = changed(table).replace("IS DISTINCT FROM", "IS NOT")
        refuse(f"{table}_no_update", f"BEFORE UPDATE ON {table} WHEN {unequal}", text)
        refuse(f"{table}_no_delete", f"BEFORE DELETE ON {table}", text)
        same = " OR ".join(f"({key})" for key in keys)
        refuse(
            f"{table}_no_replace",
            f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} t WHERE {same})",
            f"{text} (it is there already)",
        )
    for table, (when, text) in REFUSED.items():
        refuse(f"{table}_own", f"BEFORE INSERT ON {table} WHEN EXISTS ({when})", text)


def guard_postgresql() -> None:
    def function(name: str, body: str) -> None:
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")

    def refusal(text: str) -> str:
        return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation';"

    def trigger(name: str, when: str, called: str) -> None:
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {called}()")

    for table, (text, _, _, _) in GUARDED.items():
        refuse = f"{table}_refuse"
        function(refuse, refusal(text))
        trigger(f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table}", refuse)
        trigger(f"{table}_no_change", f"BEFORE DELETE ON {table} FOR EACH ROW", refuse)
        trigger(f"{table}_no_update", f"BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed(table)})", refuse)
    for table, (when, text) in REFUSED.items():
        function(f"{table}_own", f"IF EXISTS ({when}) THEN {refusal(text)} END IF; RETURN NEW;")
        trigger(f"{table}_own", f"BEFORE INSERT ON {table} FOR EACH ROW", f"{table}_own")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in GUARDED:
            for deed in ("update", "delete", "replace"):
                op.execute(f"DROP TRIGGER {table}_no_{deed}")
        for table in REFUSED:
            op.execute(f"DROP TRIGGER {table}_own")
    else:
        for table in GUARDED:
            op.execute(f"DROP FUNCTION {table}_refuse() CASCADE")
        for table in REFUSED:
            op.execute(f"DROP FUNCTION {table}_own() CASCADE")
    drop_tables()


def make_tables() -> None:
    op.create_table('rpl_limit',
    sa.Column('qualification_id', sa.Uuid(), nullable=False),
    sa.Column('percent', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('percent BETWEEN 0 AND 99', name=op.f('ck_rpl_limit_percent')),
    sa.ForeignKeyConstraint(['qualification_id'], ['qualification.id'], name=op.f('fk_rpl_limit_qualification_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('qualification_id', name=op.f('pk_rpl_limit'))
    )
    op.create_table('concern',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('allegation', sa.Text(), nullable=False),
    sa.Column('raised_by', sa.Uuid(), nullable=False),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_concern_enrolment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['raised_by'], ['person.id'], name=op.f('fk_concern_raised_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_concern')),
    sa.UniqueConstraint('key', name=op.f('uq_concern_key'))
    )
    op.create_index(op.f('ix_concern_enrolment_id'), 'concern', ['enrolment_id'], unique=False)
    op.create_table('rpl_claim',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('opened_by', sa.Uuid(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Uuid(), nullable=True),
    sa.Column('closed_words', sa.Text(), nullable=True),
    sa.CheckConstraint('(closed_at IS NULL) = (closed_by IS NULL)', name=op.f('ck_rpl_claim_closed')),
    sa.ForeignKeyConstraint(['closed_by'], ['person.id'], name=op.f('fk_rpl_claim_closed_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_rpl_claim_enrolment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['opened_by'], ['person.id'], name=op.f('fk_rpl_claim_opened_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rpl_claim')),
    sa.UniqueConstraint('key', name=op.f('uq_rpl_claim_key'))
    )
    op.create_index('ix_rpl_claim_enrolment', 'rpl_claim', ['enrolment_id', 'opened_at'], unique=False)
    op.create_table('support_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=True),
    sa.Column('wish', sa.Text(), nullable=False),
    sa.Column('asked_by', sa.Uuid(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_back_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(kind = 'special consideration') = (unit_id IS NOT NULL)", name=op.f('ck_support_request_about')),
    sa.CheckConstraint("kind IN ('reasonable adjustment', 'special consideration')", name=op.f('ck_support_request_kind')),
    sa.ForeignKeyConstraint(['asked_by'], ['person.id'], name=op.f('fk_support_request_asked_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_support_request_enrolment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_support_request_unit_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_support_request')),
    sa.UniqueConstraint('key', name=op.f('uq_support_request_key'))
    )
    op.create_index('ix_support_request_enrolment', 'support_request', ['enrolment_id', 'asked_at'], unique=False)
    op.create_table('concern_entry',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('concern_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('outcome', sa.String(length=40), nullable=True),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('written_by', sa.Uuid(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(kind = 'outcome') = (outcome IS NOT NULL)", name=op.f('ck_concern_entry_has_outcome')),
    sa.CheckConstraint("kind IN ('student told', 'student''s answer', 'note', 'awarding organisation told', 'outcome')", name=op.f('ck_concern_entry_kind')),
    sa.CheckConstraint("outcome IN ('nothing to it', 'advice given', 'work to be shown again', 'malpractice found')", name=op.f('ck_concern_entry_outcome')),
    sa.ForeignKeyConstraint(['concern_id'], ['concern.id'], name=op.f('fk_concern_entry_concern_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['written_by'], ['person.id'], name=op.f('fk_concern_entry_written_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_concern_entry'))
    )
    op.create_index('ix_concern_entry_concern', 'concern_entry', ['concern_id', 'written_at'], unique=False)
    op.create_index('uq_concern_entry_outcome', 'concern_entry', ['concern_id'], unique=True, sqlite_where=sa.text("kind = 'outcome'"), postgresql_where=sa.text("kind = 'outcome'"))
    op.create_table('concern_person',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('concern_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('named_by', sa.String(length=80), nullable=False),
    sa.Column('named_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['concern_id'], ['concern.id'], name=op.f('fk_concern_person_concern_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_concern_person_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_concern_person'))
    )
    op.create_index(op.f('ix_concern_person_person_id'), 'concern_person', ['person_id'], unique=False)
    op.create_index('uq_concern_person_live', 'concern_person', ['concern_id', 'person_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('support_decision',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('request_id', sa.Uuid(), nullable=False),
    sa.Column('answer', sa.String(length=40), nullable=False),
    sa.Column('helps', sa.Text(), nullable=False),
    sa.Column('extra_days', sa.Integer(), nullable=True),
    sa.Column('permission', sa.String(length=40), nullable=False),
    sa.Column('permission_on', sa.Date(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('decided_by', sa.Uuid(), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(permission = 'not needed') = (permission_on IS NULL)", name=op.f('ck_support_decision_permission_on')),
    sa.CheckConstraint("answer IN ('agreed', 'talk first', 'not this way', 'ended')", name=op.f('ck_support_decision_answer')),
    sa.CheckConstraint("permission IN ('not needed', 'asked', 'given', 'not given')", name=op.f('ck_support_decision_permission')),
    sa.CheckConstraint('extra_days IS NULL OR extra_days BETWEEN 1 AND 90', name=op.f('ck_support_decision_extra_days')),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_support_decision_decided_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['request_id'], ['support_request.id'], name=op.f('fk_support_decision_request_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_support_decision'))
    )
    op.create_index(op.f('ix_support_decision_decided_by'), 'support_decision', ['decided_by'], unique=False)
    op.create_index('ix_support_decision_request', 'support_decision', ['request_id', 'decided_at'], unique=False)
    op.create_table('rpl_claim_criterion',
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('criterion_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['claim_id'], ['rpl_claim.id'], name=op.f('fk_rpl_claim_criterion_claim_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['criterion_id'], ['assessment_criterion.id'], name=op.f('fk_rpl_claim_criterion_criterion_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('claim_id', 'criterion_id', name=op.f('pk_rpl_claim_criterion'))
    )
    op.create_index(op.f('ix_rpl_claim_criterion_criterion_id'), 'rpl_claim_criterion', ['criterion_id'], unique=False)
    op.create_table('appeal',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('decision_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('made_by', sa.Uuid(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_back_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ao_told_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_appeal_decision_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_appeal_enrolment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['made_by'], ['person.id'], name=op.f('fk_appeal_made_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeal'))
    )
    op.create_index('ix_appeal_enrolment', 'appeal', ['enrolment_id', 'made_at'], unique=False)
    op.create_index('uq_appeal_live', 'appeal', ['decision_id'], unique=True, sqlite_where=sa.text('taken_back_at IS NULL'), postgresql_where=sa.text('taken_back_at IS NULL'))
    op.create_table('appeal_stage',
    sa.Column('appeal_id', sa.Uuid(), nullable=False),
    sa.Column('stage', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('asked_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.CheckConstraint('stage IN (1, 2)', name=op.f('ck_appeal_stage_stage')),
    sa.ForeignKeyConstraint(['appeal_id'], ['appeal.id'], name=op.f('fk_appeal_stage_appeal_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('appeal_id', 'stage', name=op.f('pk_appeal_stage'))
    )
    op.create_table('appeal_outcome',
    sa.Column('appeal_id', sa.Uuid(), nullable=False),
    sa.Column('stage', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('finding', sa.String(length=40), nullable=False),
    sa.Column('reasons', sa.Text(), nullable=False),
    sa.Column('next_steps', sa.Text(), nullable=False),
    sa.Column('others_affected', sa.Boolean(), nullable=True),
    sa.Column('decided_by', sa.Uuid(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(finding = 'not upheld') = (others_affected IS NULL)", name=op.f('ck_appeal_outcome_others_affected')),
    sa.CheckConstraint("finding IN ('upheld', 'partly upheld', 'not upheld')", name=op.f('ck_appeal_outcome_finding')),
    sa.ForeignKeyConstraint(['appeal_id', 'stage'], ['appeal_stage.appeal_id', 'appeal_stage.stage'], name=op.f('fk_appeal_outcome_appeal_id_stage'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_appeal_outcome_decided_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('appeal_id', 'stage', name=op.f('pk_appeal_outcome'))
    )
    op.create_index(op.f('ix_appeal_outcome_decided_by'), 'appeal_outcome', ['decided_by'], unique=False)
    op.create_table('appeal_reviewer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('appeal_id', sa.Uuid(), nullable=False),
    sa.Column('stage', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('named_by', sa.String(length=80), nullable=False),
    sa.Column('named_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['appeal_id', 'stage'], ['appeal_stage.appeal_id', 'appeal_stage.stage'], name=op.f('fk_appeal_reviewer_appeal_id_stage'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_appeal_reviewer_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeal_reviewer'))
    )
    op.create_index(op.f('ix_appeal_reviewer_person_id'), 'appeal_reviewer', ['person_id'], unique=False)
    op.create_index('ix_appeal_reviewer_stage', 'appeal_reviewer', ['appeal_id', 'stage', 'named_at'], unique=False)
    op.create_table('appeal_other',
    sa.Column('appeal_id', sa.Uuid(), nullable=False),
    sa.Column('stage', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['appeal_id', 'stage'], ['appeal_outcome.appeal_id', 'appeal_outcome.stage'], name=op.f('fk_appeal_other_appeal_id_stage'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_appeal_other_enrolment_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('appeal_id', 'stage', 'enrolment_id', name=op.f('pk_appeal_other'))
    )
    op.create_index(op.f('ix_appeal_other_enrolment_id'), 'appeal_other', ['enrolment_id'], unique=False)


def drop_tables() -> None:
    op.drop_index(op.f('ix_appeal_other_enrolment_id'), table_name='appeal_other')
    op.drop_table('appeal_other')
    op.drop_index('ix_appeal_reviewer_stage', table_name='appeal_reviewer')
    op.drop_index(op.f('ix_appeal_reviewer_person_id'), table_name='appeal_reviewer')
    op.drop_table('appeal_reviewer')
    op.drop_index(op.f('ix_appeal_outcome_decided_by'), table_name='appeal_outcome')
    op.drop_table('appeal_outcome')
    op.drop_table('appeal_stage')
    op.drop_index('uq_appeal_live', table_name='appeal', sqlite_where=sa.text('taken_back_at IS NULL'), postgresql_where=sa.text('taken_back_at IS NULL'))
    op.drop_index('ix_appeal_enrolment', table_name='appeal')
    op.drop_table('appeal')
    op.drop_index(op.f('ix_rpl_claim_criterion_criterion_id'), table_name='rpl_claim_criterion')
    op.drop_table('rpl_claim_criterion')
    op.drop_index('ix_support_decision_request', table_name='support_decision')
    op.drop_index(op.f('ix_support_decision_decided_by'), table_name='support_decision')
    op.drop_table('support_decision')
    op.drop_index('uq_concern_person_live', table_name='concern_person', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index(op.f('ix_concern_person_person_id'), table_name='concern_person')
    op.drop_table('concern_person')
    op.drop_index('uq_concern_entry_outcome', table_name='concern_entry', sqlite_where=sa.text("kind = 'outcome'"), postgresql_where=sa.text("kind = 'outcome'"))
    op.drop_index('ix_concern_entry_concern', table_name='concern_entry')
    op.drop_table('concern_entry')
    op.drop_index('ix_support_request_enrolment', table_name='support_request')
    op.drop_table('support_request')
    op.drop_index('ix_rpl_claim_enrolment', table_name='rpl_claim')
    op.drop_table('rpl_claim')
    op.drop_index(op.f('ix_concern_enrolment_id'), table_name='concern')
    op.drop_table('concern')
    op.drop_table('rpl_limit')
