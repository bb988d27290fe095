"""External quality assurance: picks, objections, leave, reports, actions and packs, with their guards (A11).

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# The order in which they can be dropped.
TABLES = (
    "eqa_objection", "eqa_leave", "eqa_pick", "eqa_action_note", "eqa_action", "eqa_report", "eqa_pack",
)
ENGAGEMENT = (
    "purpose VARCHAR(200) DEFAULT '' NOT NULL",
    "version INTEGER DEFAULT 1 NOT NULL",
)

# Rows that are never changed nor deleted, with the columns that may be set, once, where there are any.
KEPT = {
    "eqa_pick": (
        "A pick is never taken back; the college may object to it",
        ("id", "engagement_id", "enrolment_id", "unit_id", "reason", "picked_by", "picked_at"),
        (),
        (("id",), ("engagement_id", "enrolment_id", "unit_id")),
    ),
    "eqa_objection": (
        "An objection is kept as it was written and answered",
        ("id", "pick_id", "words", "objected_by", "objected_at"),
        ("answered_by", "answered_at"),
        (("id",),),
    ),
    "eqa_leave": (
        "What a student answered is kept; they may answer anew",
        ("id", "engagement_id", "evidence_id", "asked_at"),
        ("answer", "answered_at"),
        (("id",),),
    ),
    "eqa_action_note": (
        "A note is never changed; write a new one",
        ("id", "action_id", "words", "is_done", "noted_by", "noted_at"),
        (),
        (("id",),),
    ),
}
SENT = "A report that is sent is never changed"
# When a change comes after the report was sent: the row of the report itself, or an action of it.
SENT_REPORT = "OLD.sent_at IS NOT NULL"
SENT_ACTION = "EXISTS (SELECT 1 FROM eqa_report r WHERE r.engagement_id = {0}.engagement_id AND r.sent_at IS NOT NULL)"
OWN = "Nobody quality-assures their own work, and only the engagement''s own external picks (A10, A11)"
NOT_THEIRS = (
    "NOT EXISTS (SELECT 1 FROM eqa_engagement g JOIN eqa_engagement_cohort gc ON gc.engagement_id = g.id "
    "JOIN enrolment e ON e.cohort_id = gc.cohort_id "
    "WHERE g.id = NEW.engagement_id AND g.person_id = NEW.picked_by AND e.id = NEW.enrolment_id) "
    "OR EXISTS (SELECT 1 FROM enrolment e WHERE e.id = NEW.enrolment_id AND e.person_id = NEW.picked_by) "
    "OR EXISTS (SELECT 1 FROM decision d JOIN assessment_criterion c ON c.id = d.criterion_id "
    "WHERE d.enrolment_id = NEW.enrolment_id AND c.unit_id = NEW.unit_id AND d.decided_by = NEW.picked_by) "
    "OR EXISTS (SELECT 1 FROM iqa_verdict v WHERE v.enrolment_id = NEW.enrolment_id "
    "AND v.unit_id = NEW.unit_id AND v.verified_by = NEW.picked_by)"
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for column in (*ENGAGEMENT, "ended_at " + ("DATETIME" if sqlite else "TIMESTAMP WITH TIME ZONE")):
        op.execute(f"ALTER TABLE eqa_engagement ADD COLUMN {column}")
    make_tables()
    if sqlite:
        guard_sqlite()
    else:
        guard_postgresql()


def changed(table: str) -> str:
    """When an update is refused: a kept column differs, or one that is set once is set again."""
    _, kept, once, _ = KEPT[table]
    differs = [f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in kept]
    again = [f"(OLD.{c} IS NOT NULL AND NEW.{c} IS DISTINCT FROM OLD.{c})" for c in once]
    if table == "eqa_objection":
        again.append("(OLD.answered_at IS NOT NULL AND NEW.answer IS DISTINCT FROM OLD.answer)")
    return " OR ".join(differs + again)


def guard_sqlite() -> None:
    def refuse(name: str, when: str, text: str) -> None:
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{text}'); END")

    for table, (text, _, _, keys) in KEPT.items():
        unequal = changed(table).replace("IS DISTINCT FROM", "IS NOT")
        refuse(f"{table}_no_update", f"BEFORE UPDATE ON {table} WHEN {unequal}", text)
        refuse(f"{table}_no_delete", f"BEFORE DELETE ON {table}", text)
        same = " OR ".join("(" + " AND ".join(f"t.{c} = NEW.{c}" for c in key) + ")" for key in keys)
        when = f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} t WHERE {same})"
        refuse(f"{table}_no_replace", when, f"{text} (it is there already)")
    sent = SENT_ACTION.format("NEW")
    refuse("eqa_report_no_update", f"BEFORE UPDATE ON eqa_report WHEN {SENT_REPORT}", SENT)
    refuse("eqa_report_no_delete", f"BEFORE DELETE ON eqa_report WHEN {SENT_REPORT}", SENT)
    refuse("eqa_report_no_replace", f"BEFORE INSERT ON eqa_report WHEN {sent}", SENT)
    refuse("eqa_action_no_insert", f"BEFORE INSERT ON eqa_action WHEN {sent}", SENT)
    for event, row in (("UPDATE", "NEW"), ("DELETE", "OLD")):
        when = f"BEFORE {event} ON eqa_action WHEN {SENT_ACTION.format(row)}"
        refuse(f"eqa_action_no_{event.lower()}", when, SENT)
    refuse("eqa_pick_own", f"BEFORE INSERT ON eqa_pick WHEN {NOT_THEIRS}", OWN)


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
    function("eqa_sent_refuse", refusal(SENT))
    trigger("eqa_report_no_truncate", "BEFORE TRUNCATE ON eqa_report", "eqa_sent_refuse")
    trigger("eqa_action_no_truncate", "BEFORE TRUNCATE ON eqa_action", "eqa_sent_refuse")
    trigger(
        "eqa_report_no_change",
        f"BEFORE UPDATE OR DELETE ON eqa_report FOR EACH ROW WHEN ({SENT_REPORT})",
        "eqa_sent_refuse",
    )
    function(
        "eqa_action_sent",
        f"IF TG_OP = 'DELETE' THEN IF {SENT_ACTION.format('OLD')} THEN {refusal(SENT)} END IF; RETURN OLD; END IF; "
        f"IF {SENT_ACTION.format('NEW')} THEN {refusal(SENT)} END IF; RETURN NEW;",
    )
    trigger("eqa_action_sent", "BEFORE INSERT OR UPDATE OR DELETE ON eqa_action FOR EACH ROW", "eqa_action_sent")
    function("eqa_pick_own", f"IF {NOT_THEIRS} THEN {refusal(OWN)} END IF; RETURN NEW;")
    trigger("eqa_pick_own", "BEFORE INSERT ON eqa_pick FOR EACH ROW", "eqa_pick_own")


def downgrade() -> None:
    """Take the tables away, and what is in them: an earlier release knows engagements only."""
    for table in TABLES:
        op.drop_table(table)
    for column in ("purpose", "version", "ended_at"):
        op.execute(f"ALTER TABLE eqa_engagement DROP COLUMN {column}")
    if op.get_bind().dialect.name == "sqlite":
        return  # triggers go with their tables
    for name in (*(f"{table}_refuse" for table in KEPT), "eqa_sent_refuse", "eqa_action_sent", "eqa_pick_own"):
        op.execute(f"DROP FUNCTION {name}() CASCADE")


def make_tables() -> None:
    op.create_table('eqa_action',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('engagement_id', sa.Uuid(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('act_by_on', sa.Date(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['engagement_id'], ['eqa_engagement.id'], name=op.f('fk_eqa_action_engagement_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_eqa_action'))
    )
    op.create_index(op.f('ix_eqa_action_engagement_id'), 'eqa_action', ['engagement_id'], unique=False)
    op.create_table('eqa_pack',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('engagement_id', sa.Uuid(), nullable=False),
    sa.Column('started_by', sa.String(length=80), nullable=False),
    sa.Column('started_role', sa.String(length=20), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('storage_key', sa.String(length=200), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('trouble', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['engagement_id'], ['eqa_engagement.id'], name=op.f('fk_eqa_pack_engagement_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_eqa_pack'))
    )
    op.create_index(op.f('ix_eqa_pack_engagement_id'), 'eqa_pack', ['engagement_id'], unique=False)
    op.create_table('eqa_report',
    sa.Column('engagement_id', sa.Uuid(), nullable=False),
    sa.Column('written_by', sa.Uuid(), nullable=False),
    sa.Column('looked_at', sa.Text(), nullable=False),
    sa.Column('good_practice', sa.Text(), nullable=False),
    sa.Column('concerns', sa.Text(), nullable=False),
    sa.Column('finding', sa.String(length=40), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("finding IN ('no action needed', 'actions before the next visit', 'actions before credit is claimed')", name=op.f('ck_eqa_report_finding')),
    sa.CheckConstraint('sent_at IS NULL OR finding IS NOT NULL', name=op.f('ck_eqa_report_sent')),
    sa.ForeignKeyConstraint(['engagement_id'], ['eqa_engagement.id'], name=op.f('fk_eqa_report_engagement_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['written_by'], ['person.id'], name=op.f('fk_eqa_report_written_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('engagement_id', name=op.f('pk_eqa_report'))
    )
    op.create_table('eqa_action_note',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('action_id', sa.Uuid(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('is_done', sa.Boolean(), nullable=False),
    sa.Column('noted_by', sa.Uuid(), nullable=False),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['action_id'], ['eqa_action.id'], name=op.f('fk_eqa_action_note_action_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['noted_by'], ['person.id'], name=op.f('fk_eqa_action_note_noted_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_eqa_action_note'))
    )
    op.create_index(op.f('ix_eqa_action_note_action_id'), 'eqa_action_note', ['action_id'], unique=False)
    op.create_table('eqa_pick',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('engagement_id', sa.Uuid(), nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('picked_by', sa.Uuid(), nullable=False),
    sa.Column('picked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['engagement_id'], ['eqa_engagement.id'], name=op.f('fk_eqa_pick_engagement_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_eqa_pick_enrolment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['picked_by'], ['person.id'], name=op.f('fk_eqa_pick_picked_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_eqa_pick_unit_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_eqa_pick')),
    sa.UniqueConstraint('engagement_id', 'enrolment_id', 'unit_id', name=op.f('uq_eqa_pick_engagement_id_enrolment_id_unit_id'))
    )
    op.create_index(op.f('ix_eqa_pick_enrolment_id'), 'eqa_pick', ['enrolment_id'], unique=False)
    op.create_index(op.f('ix_eqa_pick_unit_id'), 'eqa_pick', ['unit_id'], unique=False)
    op.create_table('eqa_leave',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('engagement_id', sa.Uuid(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer', sa.String(length=40), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("answer IN ('may see it', 'a copy without the private parts', 'would rather talk about it', 'would rather not')", name=op.f('ck_eqa_leave_answer')),
    sa.CheckConstraint('(answer IS NULL) = (answered_at IS NULL)', name=op.f('ck_eqa_leave_answered')),
    sa.ForeignKeyConstraint(['engagement_id'], ['eqa_engagement.id'], name=op.f('fk_eqa_leave_engagement_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_eqa_leave_evidence_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_eqa_leave'))
    )
    op.create_index(op.f('ix_eqa_leave_engagement_id'), 'eqa_leave', ['engagement_id'], unique=False)
    op.create_index('ix_eqa_leave_evidence', 'eqa_leave', ['evidence_id', 'asked_at'], unique=False)
    op.create_index('uq_eqa_leave_open', 'eqa_leave', ['engagement_id', 'evidence_id'], unique=True, sqlite_where=sa.text('answer IS NULL'), postgresql_where=sa.text('answer IS NULL'))
    op.create_table('eqa_objection',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('pick_id', sa.Uuid(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('objected_by', sa.Uuid(), nullable=False),
    sa.Column('objected_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('answered_by', sa.Uuid(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (answer = '')", name=op.f('ck_eqa_objection_answered')),
    sa.ForeignKeyConstraint(['answered_by'], ['person.id'], name=op.f('fk_eqa_objection_answered_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['objected_by'], ['person.id'], name=op.f('fk_eqa_objection_objected_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['pick_id'], ['eqa_pick.id'], name=op.f('fk_eqa_objection_pick_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_eqa_objection'))
    )
    op.create_index(op.f('ix_eqa_objection_pick_id'), 'eqa_objection', ['pick_id'], unique=False)
