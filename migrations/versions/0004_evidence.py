"""Evidence, due dates, more time and reminders, with their guards (A6, A10, A14).

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The order in which they can be dropped.
TABLES = (
    "evidence_criterion", "due_date_criterion", "time_request", "reminder", "extension", "evidence_words",
    "evidence_request", "evidence_file", "evidence_draft", "evidence", "due_date", "reminder_mute",
)

# Rows that are never changed nor deleted; with the columns that may be set, once, where there are any.
KEPT = {
    "evidence": (
        "Evidence is never changed; it can only be closed",
        ("id", "key", "enrolment_id", "kind", "is_sensitive", "ai_use", "made_by", "handed_in_at"),
        ("confirmed_at", "closed_at", "closed_by"),
        (("id",), ("key",)),
    ),
    "evidence_criterion": (
        "What evidence is about is never changed",
        ("evidence_id", "criterion_id"),
        (),
        (("evidence_id", "criterion_id"),),
    ),
    "evidence_request": (
        "A request is kept as it was asked and answered",
        ("id", "evidence_id", "asked_at"),
        ("answer", "answered_at", "answered_by"),
        (("id",),),
    ),
    "extension": (
        "An extension is never changed; record a new one",
        ("id", "due_date_id", "enrolment_id", "until_on", "granted_by", "granted_at"),
        (),
        (("id",),),
    ),
    "time_request": (
        "A request is kept as it was asked and answered",
        ("id", "enrolment_id", "asked_for", "due_date_id", "asked_at"),
        ("answer", "answered_at", "answered_by"),
        (("id",),),
    ),
}
# What goes when its evidence is closed, and not before.
CONTENT = {
    "evidence_words": (("evidence_id",),),
    "evidence_file": (("id",), ("storage_key",)),
}
STAYS = "What was handed in is never changed, and goes only when its evidence is closed"
OWN = "Nobody writes evidence about themselves, gives themselves time, or answers their own request (A10)"

STAFF_KINDS = "('observation', 'witness testimony', 'professional discussion')"
STUDENT = "SELECT 1 FROM enrolment e WHERE e.id = NEW.enrolment_id AND e.person_id = "
ASKED = (
    "SELECT 1 FROM evidence v JOIN enrolment e ON e.id = v.enrolment_id "
    "WHERE v.id = NEW.evidence_id AND e.person_id = NEW.answered_by"
)
# Table, when, and the query that finds somebody doing it for themselves.
SELVES = (
    ("evidence", "INSERT", f"NEW.kind IN {STAFF_KINDS} AND EXISTS ({STUDENT} NEW.made_by)"),
    ("extension", "INSERT", f"EXISTS ({STUDENT} NEW.granted_by)"),
    ("time_request", "INSERT", f"EXISTS ({STUDENT} NEW.answered_by)"),
    ("time_request", "UPDATE", f"EXISTS ({STUDENT} NEW.answered_by)"),
    ("evidence_request", "INSERT", f"EXISTS ({ASKED})"),
    ("evidence_request", "UPDATE", f"EXISTS ({ASKED})"),
)


def upgrade() -> None:
    make_tables()
    if op.get_bind().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgresql()


def changed(table: str) -> str:
    """When an update is refused: a kept column differs, or one that is set once is set again."""
    _, kept, once, _ = KEPT[table]
    differs = [f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in kept]
    again = [f"(OLD.{c} IS NOT NULL AND NEW.{c} IS DISTINCT FROM OLD.{c})" for c in once]
    if "answer" in once:  # what was answered, in words
        again.append("(OLD.answer IS NOT NULL AND NEW.words IS DISTINCT FROM OLD.words)")
    return " OR ".join(differs + again)


def guard_sqlite() -> None:
    def refuse(name: str, when: str, text: str) -> None:
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{text}'); END")

    def no_replace(table: str, keys: tuple[tuple[str, ...], ...], text: str) -> None:
        same = " OR ".join("(" + " AND ".join(f"t.{c} = NEW.{c}" for c in key) + ")" for key in keys)
        when = f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} t WHERE {same})"
        refuse(f"{table}_no_replace", when, f"{text} (it is there already)")

    for table, (text, _, _, keys) in KEPT.items():
        unequal = changed(table).replace("IS DISTINCT FROM", "IS NOT")
        refuse(f"{table}_no_update", f"BEFORE UPDATE ON {table} WHEN {unequal}", text)
        refuse(f"{table}_no_delete", f"BEFORE DELETE ON {table}", text)
        no_replace(table, keys, text)
    for table, keys in CONTENT.items():
        is_open = "EXISTS (SELECT 1 FROM evidence v WHERE v.id = OLD.evidence_id AND v.closed_at IS NULL)"
        refuse(f"{table}_no_update", f"BEFORE UPDATE ON {table}", STAYS)
        refuse(f"{table}_no_delete", f"BEFORE DELETE ON {table} WHEN {is_open}", STAYS)
        no_replace(table, keys, STAYS)
    for table, event, found in SELVES:
        refuse(f"{table}_self_{event.lower()}", f"BEFORE {event} ON {table} WHEN {found}", OWN)


def guard_postgresql() -> None:
    def function(name: str, body: str) -> None:
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")

    def refusal(text: str) -> str:
        return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation';"

    def trigger(name: str, when: str, called: str) -> None:
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {called}()")

    for table, (text, _, _, _) in KEPT.items():
        called = f"{table}_refuse"
        function(called, refusal(text))
        trigger(f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table}", called)
        trigger(f"{table}_no_delete", f"BEFORE DELETE ON {table} FOR EACH ROW", called)
        trigger(f"{table}_no_update", f"BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed(table)})", called)
    for table in CONTENT:
        function(f"{table}_refuse", refusal(STAYS))
        function(
            f"{table}_closed",
            "IF EXISTS (SELECT 1 FROM evidence v WHERE v.id = OLD.evidence_id AND v.closed_at IS NULL) "
            f"THEN {refusal(STAYS)} END IF; RETURN OLD;",
        )
        trigger(f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table}", f"{table}_refuse")
        trigger(f"{table}_no_update", f"BEFORE UPDATE ON {table} FOR EACH ROW", f"{table}_refuse")
        trigger(f"{table}_no_delete", f"BEFORE DELETE ON {table} FOR EACH ROW", f"{table}_closed")
    for table, event, found in SELVES:
        name = f"{table}_self_{event.lower()}"
        function(name, f"IF {found} THEN {refusal(OWN)} END IF; RETURN NEW;")
        trigger(name, f"BEFORE {event} ON {table} FOR EACH ROW", name)


def downgrade() -> None:
    """Take the tables away, and what is in them: an earlier release knows nothing of evidence."""
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "sqlite":
        return  # triggers go with their tables
    for table in (*KEPT, *CONTENT):
        op.execute(f"DROP FUNCTION {table}_refuse() CASCADE")
    for table in CONTENT:
        op.execute(f"DROP FUNCTION {table}_closed() CASCADE")
    for table, event, _ in SELVES:
        op.execute(f"DROP FUNCTION {table}_self_{event.lower()}() CASCADE")


def make_tables() -> None:
    op.create_table('reminder_mute',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('muted_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_reminder_mute_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_reminder_mute'))
    )
    op.create_table('due_date',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('cohort_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('set_by', sa.String(length=80), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['cohort_id'], ['cohort.id'], name=op.f('fk_due_date_cohort_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_due_date_unit_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_due_date'))
    )
    op.create_index('ix_due_date_cohort', 'due_date', ['cohort_id', 'due_on'], unique=False)
    op.create_index(op.f('ix_due_date_unit_id'), 'due_date', ['unit_id'], unique=False)
    op.create_table('evidence',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('is_sensitive', sa.Boolean(), nullable=False),
    sa.Column('ai_use', sa.String(length=40), nullable=True),
    sa.Column('made_by', sa.Uuid(), nullable=False),
    sa.Column('handed_in_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.String(length=80), nullable=True),
    sa.CheckConstraint("ai_use IN ('none', 'some')", name=op.f('ck_evidence_ai_use')),
    sa.CheckConstraint("kind IN ('assignment', 'reflective account', 'observation', 'witness testimony', 'professional discussion', 'product', 'presentation', 'case study', 'recognition of prior learning')", name=op.f('ck_evidence_kind')),
    sa.CheckConstraint('(closed_at IS NULL) = (closed_by IS NULL)', name=op.f('ck_evidence_closed')),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_evidence_enrolment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['made_by'], ['person.id'], name=op.f('fk_evidence_made_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence')),
    sa.UniqueConstraint('key', name=op.f('uq_evidence_key'))
    )
    op.create_index('ix_evidence_enrolment', 'evidence', ['enrolment_id', 'handed_in_at'], unique=False)
    op.create_index(op.f('ix_evidence_made_by'), 'evidence', ['made_by'], unique=False)
    op.create_table('evidence_draft',
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('written_by', sa.Uuid(), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_evidence_draft_enrolment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['written_by'], ['person.id'], name=op.f('fk_evidence_draft_written_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('enrolment_id', 'written_by', name=op.f('pk_evidence_draft'))
    )
    op.create_index(op.f('ix_evidence_draft_written_by'), 'evidence_draft', ['written_by'], unique=False)
    op.create_table('evidence_file',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('media', sa.String(length=100), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('storage_key', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_evidence_file_evidence_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_file')),
    sa.UniqueConstraint('storage_key', name=op.f('uq_evidence_file_storage_key'))
    )
    op.create_index(op.f('ix_evidence_file_evidence_id'), 'evidence_file', ['evidence_id'], unique=False)
    op.create_table('evidence_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer', sa.String(length=40), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("answer IN ('given back', 'kept')", name=op.f('ck_evidence_request_answer')),
    sa.CheckConstraint('(answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)', name=op.f('ck_evidence_request_answered')),
    sa.ForeignKeyConstraint(['answered_by'], ['person.id'], name=op.f('fk_evidence_request_answered_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_evidence_request_evidence_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_request'))
    )
    op.create_index('uq_evidence_request_open', 'evidence_request', ['evidence_id'], unique=True, sqlite_where=sa.text('answer IS NULL'), postgresql_where=sa.text('answer IS NULL'))
    op.create_table('evidence_words',
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('link', sa.String(length=2000), nullable=False),
    sa.Column('ai_note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_evidence_words_evidence_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('evidence_id', name=op.f('pk_evidence_words'))
    )
    op.create_table('extension',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('due_date_id', sa.Uuid(), nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=False),
    sa.Column('granted_by', sa.Uuid(), nullable=False),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['due_date_id'], ['due_date.id'], name=op.f('fk_extension_due_date_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_extension_enrolment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['granted_by'], ['person.id'], name=op.f('fk_extension_granted_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_extension'))
    )
    op.create_index('ix_extension_due_date', 'extension', ['due_date_id', 'enrolment_id', 'granted_at'], unique=False)
    op.create_index(op.f('ix_extension_enrolment_id'), 'extension', ['enrolment_id'], unique=False)
    op.create_table('reminder',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('due_date_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('week before', 'day before', 'after')", name=op.f('ck_reminder_kind')),
    sa.ForeignKeyConstraint(['due_date_id'], ['due_date.id'], name=op.f('fk_reminder_due_date_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_reminder_enrolment_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder')),
    sa.UniqueConstraint('enrolment_id', 'due_date_id', 'kind', 'due_on', name=op.f('uq_reminder_enrolment_id_due_date_id_kind_due_on'))
    )
    op.create_index(op.f('ix_reminder_due_date_id'), 'reminder', ['due_date_id'], unique=False)
    op.create_table('time_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('asked_for', sa.String(length=40), nullable=False),
    sa.Column('due_date_id', sa.Uuid(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer', sa.String(length=40), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("(asked_for = 'more time') = (due_date_id IS NOT NULL)", name=op.f('ck_time_request_about')),
    sa.CheckConstraint("answer IN ('given', 'talk first')", name=op.f('ck_time_request_answer')),
    sa.CheckConstraint("asked_for IN ('more time', 'pause')", name=op.f('ck_time_request_asked_for')),
    sa.CheckConstraint('(answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)', name=op.f('ck_time_request_answered')),
    sa.ForeignKeyConstraint(['answered_by'], ['person.id'], name=op.f('fk_time_request_answered_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['due_date_id'], ['due_date.id'], name=op.f('fk_time_request_due_date_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_time_request_enrolment_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_time_request'))
    )
    op.create_index(op.f('ix_time_request_due_date_id'), 'time_request', ['due_date_id'], unique=False)
    op.create_index('uq_time_request_open_date', 'time_request', ['enrolment_id', 'due_date_id'], unique=True, sqlite_where=sa.text('answer IS NULL AND due_date_id IS NOT NULL'), postgresql_where=sa.text('answer IS NULL AND due_date_id IS NOT NULL'))
    op.create_index('uq_time_request_open_pause', 'time_request', ['enrolment_id'], unique=True, sqlite_where=sa.text('answer IS NULL AND due_date_id IS NULL'), postgresql_where=sa.text('answer IS NULL AND due_date_id IS NULL'))
    op.create_table('due_date_criterion',
    sa.Column('due_date_id', sa.Uuid(), nullable=False),
    sa.Column('criterion_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['criterion_id'], ['assessment_criterion.id'], name=op.f('fk_due_date_criterion_criterion_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['due_date_id'], ['due_date.id'], name=op.f('fk_due_date_criterion_due_date_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('due_date_id', 'criterion_id', name=op.f('pk_due_date_criterion'))
    )
    op.create_index(op.f('ix_due_date_criterion_criterion_id'), 'due_date_criterion', ['criterion_id'], unique=False)
    op.create_table('evidence_criterion',
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('criterion_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['criterion_id'], ['assessment_criterion.id'], name=op.f('fk_evidence_criterion_criterion_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_evidence_criterion_evidence_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('evidence_id', 'criterion_id', name=op.f('pk_evidence_criterion'))
    )
    op.create_index(op.f('ix_evidence_criterion_criterion_id'), 'evidence_criterion', ['criterion_id'], unique=False)
