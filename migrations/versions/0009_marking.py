"""Marking: what is confirmed of evidence, drafts taken back, decisions made together, comments (A5, A6, A10).

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FIXED = {
    "decision_undo": ("A decision that was taken back stays so", ("decision_id",)),
    "bulk_mark": ("What was recorded together is never changed", ("id",)),
    "bulk_mark_decision": ("What was recorded together is never changed", ("decision_id",)),
}
KEPT_DECISION = "A decision is never changed; record a new one"
RELEASED = "A released decision is never taken back; record another"
UNDONE = "A decision that was taken back is never released"
OWN = "Nobody takes back a decision on themselves (A10)"

IS_RELEASED = "SELECT 1 FROM decision d WHERE d.id = NEW.decision_id AND d.released_at IS NOT NULL"
IS_OWN = (
    "SELECT 1 FROM decision d JOIN enrolment e ON e.id = d.enrolment_id "
    "WHERE d.id = NEW.decision_id AND e.person_id = NEW.undone_by"
)
IS_UNDONE = "SELECT 1 FROM decision_undo u WHERE u.decision_id = NEW.id"


def upgrade() -> None:
    # NULL: nobody said anything of the evidence here. Otherwise the letters of what is missing of valid,
    # authentic, current, sufficient, reliable.
    op.execute(
        "ALTER TABLE decision ADD COLUMN missing VARCHAR(5) CONSTRAINT ck_decision_missing "
        "CHECK (missing IS NULL OR missing = '' OR outcome = 'not yet met')"
    )
    op.create_table(
        "decision_undo",
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_decision_undo_decision_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["undone_by"], ["person.id"], name=op.f("fk_decision_undo_undone_by"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision_undo")),
    )
    op.create_table(
        "bulk_mark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_bulk_mark_cohort_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_bulk_mark_made_by"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_mark")),
    )
    op.create_index("ix_bulk_mark_cohort", "bulk_mark", ["cohort_id", "made_at"])
    op.create_table(
        "bulk_mark_decision",
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("bulk_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["bulk_id"], ["bulk_mark.id"], name=op.f("fk_bulk_mark_decision_bulk_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_bulk_mark_decision_decision_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_bulk_mark_decision")),
    )
    op.create_index("ix_bulk_mark_decision_bulk_id", "bulk_mark_decision", ["bulk_id"])
    op.create_table(
        "feedback_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("criterion_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("version >= 1", name=op.f("ck_feedback_comment_version")),
        sa.ForeignKeyConstraint(["criterion_id"], ["assessment_criterion.id"], name=op.f("fk_feedback_comment_criterion_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_feedback_comment_owner_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_feedback_comment_written_by"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_comment")),
    )
    op.create_index("ix_feedback_comment_criterion", "feedback_comment", ["criterion_id", "owner_id"])
    if op.get_bind().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgresql()


def guard_sqlite() -> None:
    def refuse(name: str, when: str, text: str) -> None:
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{text}'); END")

    for table, (text, key) in FIXED.items():
        refuse(f"{table}_no_update", f"BEFORE UPDATE ON {table}", text)
        refuse(f"{table}_no_delete", f"BEFORE DELETE ON {table}", text)
        same = " AND ".join(f"t.{c} = NEW.{c}" for c in key)
        refuse(
            f"{table}_no_replace",
            f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} t WHERE {same})",
            f"{text} (it is there already)",
        )
    refuse(
        "decision_missing_kept", "BEFORE UPDATE ON decision WHEN NEW.missing IS NOT OLD.missing", KEPT_DECISION
    )
    refuse("decision_undo_released", f"BEFORE INSERT ON decision_undo WHEN EXISTS ({IS_RELEASED})", RELEASED)
    refuse("decision_undo_own", f"BEFORE INSERT ON decision_undo WHEN EXISTS ({IS_OWN})", OWN)
    refuse(
        "decision_undone",
        f"BEFORE UPDATE ON decision WHEN NEW.released_at IS NOT NULL AND EXISTS ({IS_UNDONE})",
        UNDONE,
    )


def guard_postgresql() -> None:
    def function(name: str, body: str) -> None:
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")

    def refusal(text: str) -> str:
        return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation';"

    for table, (text, _) in FIXED.items():
        function(f"{table}_refuse", refusal(text))
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {table}_refuse()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE DELETE OR UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        )
    op.execute(
        "CREATE TRIGGER decision_missing_kept BEFORE UPDATE ON decision FOR EACH ROW "
        "WHEN (NEW.missing IS DISTINCT FROM OLD.missing) EXECUTE FUNCTION decision_refuse()"
    )
    function(
        "decision_undo_allowed",
        f"IF EXISTS ({IS_RELEASED}) THEN {refusal(RELEASED)} END IF; "
        f"IF EXISTS ({IS_OWN}) THEN {refusal(OWN)} END IF; RETURN NEW;",
    )
    op.execute(
        "CREATE TRIGGER decision_undo_allowed BEFORE INSERT ON decision_undo FOR EACH ROW "
        "EXECUTE FUNCTION decision_undo_allowed()"
    )
    function("decision_undone", f"IF EXISTS ({IS_UNDONE}) THEN {refusal(UNDONE)} END IF; RETURN NEW;")
    op.execute(
        "CREATE TRIGGER decision_undone BEFORE UPDATE ON decision FOR EACH ROW "
        "WHEN (NEW.released_at IS NOT NULL) EXECUTE FUNCTION decision_undone()"
    )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.execute("DROP TRIGGER decision_undone")
        op.execute("DROP TRIGGER decision_missing_kept")
    else:
        op.execute("DROP TRIGGER decision_missing_kept ON decision")
        op.execute("DROP FUNCTION decision_undone() CASCADE")
    for table in ("bulk_mark_decision", "bulk_mark", "decision_undo", "feedback_comment"):
        op.drop_table(table)
    if not is_sqlite:
        for name in ("decision_undo_allowed", *(f"{table}_refuse" for table in FIXED)):
            op.execute(f"DROP FUNCTION {name}() CASCADE")
    op.execute("ALTER TABLE decision DROP COLUMN missing")
