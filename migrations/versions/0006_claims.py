"""Claims from the awarding organisation (A12): registration, runs, ticks, signatures, replies; with their guards.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Rows that never change.
FIXED = {
    "ao_registration": "A registration is never changed; record a new one",
    "claim_unit": "The units of a claim are never changed",
    "claim_student": "The students of a claim are never changed",
    "claim_signature": "A signature is never changed",
    "claim_reply": "A reply is never changed",
    "claim_answer": "An answer to a query is never changed",
    "claim_note": "A note about a claim is never changed",
}
# Rows that change only in the columns named last, each once.
KEPT = {
    "claim": (
        "A claim is never changed; set it aside and prepare another",
        ("id", "run", "cohort_id", "reviewer_id", "prepared_by", "prepared_at", "digest"),
        ("locked_at", "set_aside_at", "set_aside_by"),
    ),
    "claim_line": (
        "A line of a claim is never changed",
        ("id", "claim_id", "enrolment_id", "unit_id"),
        ("ended_at",),
    ),
}
KEYS = {
    "ao_registration": (("id",),),
    "claim": (("id",), ("run",)),
    "claim_unit": (("claim_id", "unit_id"),),
    "claim_student": (("claim_id", "enrolment_id"),),
    "claim_line": (("id",), ("claim_id", "enrolment_id", "unit_id")),
    "claim_signature": (("id",), ("claim_id", "person_id"), ("claim_id", "capacity")),
    "claim_reply": (("id",),),
    "claim_answer": (("id",), ("reply_id",)),
    "claim_note": (("id",),),
}

SIGNED = "EXISTS (SELECT 1 FROM claim_signature g WHERE g.claim_id = NEW.claim_id)"
CLOSED = (
    "EXISTS (SELECT 1 FROM claim c WHERE c.id = NEW.claim_id "
    "AND (c.locked_at IS NOT NULL OR c.set_aside_at IS NOT NULL))"
)
DECIDED = (
    "EXISTS (SELECT 1 FROM claim_line l JOIN assessment_criterion a ON a.unit_id = l.unit_id "
    "JOIN decision d ON d.enrolment_id = l.enrolment_id AND d.criterion_id = a.id "
    "WHERE l.claim_id = NEW.claim_id AND d.decided_by = NEW.person_id)"
)
LAST_VERDICT = (
    "SELECT v.verdict FROM iqa_verdict v WHERE v.enrolment_id = NEW.enrolment_id AND v.unit_id = NEW.unit_id "
    "ORDER BY v.recorded_at DESC LIMIT 1"
)
HELD = (
    "EXISTS (SELECT 1 FROM claim_line l JOIN claim c ON c.id = l.claim_id WHERE l.enrolment_id = NEW.enrolment_id "
    "AND l.unit_id = {unit} AND ((l.ended_at IS NULL AND c.locked_at IS NOT NULL) "
    "OR EXISTS (SELECT 1 FROM claim_reply r WHERE r.line_id = l.id AND r.result = 'awarded')))"
)
AWARDED = "EXISTS (SELECT 1 FROM claim_reply r WHERE r.line_id = {line} AND r.result = 'awarded')"

# Name, event, table, when it is refused, and why. `OF` columns stand with the event.
GUARDS = (
    *(
        (f"{table}_signed", "INSERT", table, f"{SIGNED} OR {CLOSED}", "The content of a claim is fixed once it is signed (A12)")
        for table in ("claim_unit", "claim_student", "claim_line")
    ),
    (
        "claim_line_verified", "INSERT", "claim_line",
        f"COALESCE(({LAST_VERDICT}), 'returned') = 'returned'",
        "A unit is claimed only when quality assurance has verified it (A8)",
    ),
    (
        "claim_line_registered", "INSERT", "claim_line",
        "NOT EXISTS (SELECT 1 FROM enrolment_unit u WHERE u.enrolment_id = NEW.enrolment_id AND u.unit_id = NEW.unit_id)",
        "The student is not registered for this unit (A5)",
    ),
    (
        "claim_line_awarded", "INSERT", "claim_line",
        "EXISTS (SELECT 1 FROM claim_line l JOIN claim_reply r ON r.line_id = l.id "
        "WHERE l.enrolment_id = NEW.enrolment_id AND l.unit_id = NEW.unit_id AND r.result = 'awarded')",
        "This credit is awarded already (A12)",
    ),
    (
        "claim_line_ends", "UPDATE", "claim_line",
        "NEW.ended_at IS NOT NULL AND OLD.ended_at IS NULL AND ("
        + AWARDED.format(line="OLD.id")
        + " OR NOT EXISTS (SELECT 1 FROM claim c WHERE c.id = OLD.claim_id AND c.set_aside_at IS NOT NULL) "
        "AND NOT EXISTS (SELECT 1 FROM claim_answer a JOIN claim_reply r ON r.id = a.reply_id "
        "WHERE r.line_id = OLD.id AND a.claims_again))",
        "A line leaves its claim only when the claim is set aside or its query is answered so (A12)",
    ),
    (
        "claim_student_registered", "INSERT", "claim_student",
        "NOT EXISTS (SELECT 1 FROM ao_registration r WHERE r.id = NEW.registration_id AND r.enrolment_id = NEW.enrolment_id)",
        "A student is claimed for under their own registration (A12)",
    ),
    (
        "claim_locks", "UPDATE", "claim",
        "NEW.locked_at IS NOT NULL AND OLD.locked_at IS NULL "
        "AND (SELECT COUNT(*) FROM claim_signature g WHERE g.claim_id = NEW.id) <> 3",
        "A claim is locked by its third signature (A12)",
    ),
    (
        "claim_signature_open", "INSERT", "claim_signature", CLOSED,
        "A claim that is locked or set aside takes no signature (A12)",
    ),
    (
        "claim_signature_digest", "INSERT", "claim_signature",
        "NOT EXISTS (SELECT 1 FROM claim c WHERE c.id = NEW.claim_id AND c.digest = NEW.digest)",
        "A signature is for the claim as it stands (A12)",
    ),
    (
        "claim_signature_self", "INSERT", "claim_signature",
        "EXISTS (SELECT 1 FROM claim_student t JOIN enrolment e ON e.id = t.enrolment_id "
        "WHERE t.claim_id = NEW.claim_id AND e.person_id = NEW.person_id)",
        "Nobody signs a claim for their own credit (A10)",
    ),
    (
        "claim_signature_own", "INSERT", "claim_signature", f"NEW.capacity <> 'tutor' AND {DECIDED}",
        "Nobody quality-assures their own decision (A10)",
    ),
    (
        "claim_signature_reviewer", "INSERT", "claim_signature",
        "NEW.capacity = 'quality reviewer' AND NOT EXISTS "
        "(SELECT 1 FROM claim c WHERE c.id = NEW.claim_id AND c.reviewer_id = NEW.person_id)",
        "Only the quality reviewer named on the claim signs as one (A12)",
    ),
    (
        "claim_reply_locked", "INSERT", "claim_reply",
        "NOT EXISTS (SELECT 1 FROM claim_line l JOIN claim c ON c.id = l.claim_id "
        "WHERE l.id = NEW.line_id AND c.locked_at IS NOT NULL)",
        "Only a line of a locked claim is answered (A12)",
    ),
    (
        "claim_reply_awarded", "INSERT", "claim_reply", AWARDED.format(line="NEW.line_id"),
        "An award is the last word about a line (A12)",
    ),
    (
        "claim_answer_queried", "INSERT", "claim_answer",
        "NOT EXISTS (SELECT 1 FROM claim_reply r WHERE r.id = NEW.reply_id AND r.result = 'queried') OR "
        "EXISTS (SELECT 1 FROM claim_reply r JOIN claim_reply w ON w.line_id = r.line_id "
        "WHERE r.id = NEW.reply_id AND w.result = 'awarded')",
        "Only an open query is answered (A12)",
    ),
    (
        "decision_claimed", "INSERT", "decision",
        HELD.format(unit="(SELECT a.unit_id FROM assessment_criterion a WHERE a.id = NEW.criterion_id)"),
        "A claimed unit takes no more decisions (A8)",
    ),
    (
        "iqa_verdict_claimed", "INSERT", "iqa_verdict", HELD.format(unit="NEW.unit_id"),
        "A claimed unit takes no more verdicts (A8)",
    ),
)  # fmt: skip


def message_of(table: str) -> str:
    return FIXED[table] if table in FIXED else KEPT[table][0]


def changed(table: str, differs: str) -> str:
    """When an update of a kept table is refused: a kept column differs, or one that is set once is set again."""
    _, kept, once = KEPT[table]
    other = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in kept)
    again = "".join(f" OR (OLD.{one} IS NOT NULL AND NEW.{one} {differs} OLD.{one})" for one in once)
    return other + again


def person(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey("person.id", ondelete="RESTRICT"), nullable=nullable)


def moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def reference(name: str, to: str, **options: bool) -> sa.Column:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(to, ondelete="RESTRICT"), nullable=False, **options)


def key() -> sa.Column:
    return sa.Column("id", sa.Uuid(), primary_key=True)


def word(name: str, size: int, **options: object) -> sa.Column:
    return sa.Column(name, sa.String(size), nullable=False, **options)


def tables() -> None:
    op.create_table(
        "ao_registration", key(), reference("enrolment_id", "enrolment.id"), word("certificate_name", 200),
        sa.Column("date_of_birth", sa.Date(), nullable=False), word("uln", 10), word("number", 40),
        sa.Column("registered_on", sa.Date(), nullable=False), person("recorded_by"), moment("recorded_at"),
    )  # fmt: skip
    op.create_index("ix_ao_registration_enrolment", "ao_registration", ["enrolment_id", "recorded_at"])
    op.create_table(
        "claim", key(), sa.Column("run", sa.Integer(), nullable=False), reference("cohort_id", "cohort.id"),
        person("reviewer_id"), person("prepared_by"), moment("prepared_at"), word("digest", 64),
        moment("locked_at", True), moment("set_aside_at", True), person("set_aside_by", True),
        sa.Column("set_aside_reason", sa.Text(), nullable=False),
        sa.UniqueConstraint("run", name=op.f("uq_claim_run")),
        sa.CheckConstraint("run >= 1", name=op.f("ck_claim_run")),
        sa.CheckConstraint("(set_aside_at IS NULL) = (set_aside_by IS NULL)", name=op.f("ck_claim_set_aside")),
        sa.CheckConstraint("locked_at IS NULL OR set_aside_at IS NULL", name=op.f("ck_claim_one_end")),
    )  # fmt: skip
    op.create_index(op.f("ix_claim_cohort_id"), "claim", ["cohort_id"])
    op.create_table(
        "claim_unit", reference("claim_id", "claim.id", primary_key=True),
        reference("unit_id", "unit.id", primary_key=True), word("code", 40), word("title", 200),
        sa.Column("level", sa.Integer(), nullable=False), sa.Column("credit", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
    )  # fmt: skip
    op.create_table(
        "claim_student", reference("claim_id", "claim.id", primary_key=True),
        reference("enrolment_id", "enrolment.id", primary_key=True),
        reference("registration_id", "ao_registration.id"), word("student_ref", 40),
        word("certificate_name", 200), word("uln", 10), sa.Column("position", sa.Integer(), nullable=False),
    )  # fmt: skip
    op.create_table(
        "claim_line", key(), sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False), sa.Column("unit_id", sa.Uuid(), nullable=False),
        moment("ended_at", True),
        sa.UniqueConstraint(
            "claim_id", "enrolment_id", "unit_id", name=op.f("uq_claim_line_claim_id_enrolment_id_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["claim_id", "enrolment_id"], ["claim_student.claim_id", "claim_student.enrolment_id"],
            name=op.f("fk_claim_line_claim_id_enrolment_id"), ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["claim_id", "unit_id"], ["claim_unit.claim_id", "claim_unit.unit_id"],
            name=op.f("fk_claim_line_claim_id_unit_id"), ondelete="RESTRICT",
        ),
    )  # fmt: skip
    live = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_claim_line_live", "claim_line", ["enrolment_id", "unit_id"], unique=True,
        sqlite_where=live, postgresql_where=live,
    )  # fmt: skip
    op.create_table(
        "claim_signature", key(), reference("claim_id", "claim.id"), person("person_id"), word("capacity", 40),
        word("digest", 64), moment("signed_at"),
        sa.UniqueConstraint("claim_id", "person_id", name=op.f("uq_claim_signature_claim_id_person_id")),
        sa.UniqueConstraint("claim_id", "capacity", name=op.f("uq_claim_signature_claim_id_capacity")),
        sa.CheckConstraint(
            "capacity IN ('tutor', 'internal quality assurer', 'quality reviewer')",
            name=op.f("ck_claim_signature_capacity"),
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_claim_signature_person_id"), "claim_signature", ["person_id"])
    op.create_table(
        "claim_reply", key(), reference("line_id", "claim_line.id"), word("result", 40),
        sa.Column("awarded_on", sa.Date(), nullable=True), word("recorded_by", 80), moment("recorded_at"),
        sa.CheckConstraint("result IN ('awarded', 'queried')", name=op.f("ck_claim_reply_result")),
        sa.CheckConstraint(
            "(result = 'awarded') = (awarded_on IS NOT NULL)", name=op.f("ck_claim_reply_awarded_on")
        ),
    )  # fmt: skip
    op.create_index("ix_claim_reply_line", "claim_reply", ["line_id", "recorded_at"])
    op.create_table(
        "claim_answer", key(), reference("reply_id", "claim_reply.id"),
        sa.Column("answer", sa.Text(), nullable=False), sa.Column("claims_again", sa.Boolean(), nullable=False),
        person("answered_by"), moment("answered_at"),
        sa.UniqueConstraint("reply_id", name=op.f("uq_claim_answer_reply_id")),
    )  # fmt: skip
    op.create_table(
        "claim_note", key(), reference("claim_id", "claim.id"), sa.Column("note", sa.Text(), nullable=False),
        person("written_by"), moment("written_at"),
    )  # fmt: skip
    op.create_index("ix_claim_note_claim", "claim_note", ["claim_id", "written_at"])


def upgrade() -> None:
    tables()
    if op.get_bind().dialect.name == "sqlite":
        upgrade_sqlite()
    else:
        upgrade_postgresql()


def upgrade_sqlite() -> None:
    def refuse(name: str, when: str, text: str) -> None:
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{text}'); END")

    for table in FIXED:
        refuse(f"{table}_no_update", f"BEFORE UPDATE ON {table}", message_of(table))
    for table in KEPT:
        refuse(f"{table}_no_update", f"BEFORE UPDATE ON {table} WHEN {changed(table, 'IS NOT')}", message_of(table))
    for table, keys in KEYS.items():
        refuse(f"{table}_no_delete", f"BEFORE DELETE ON {table}", message_of(table))
        same = " OR ".join("(" + " AND ".join(f"t.{c} = NEW.{c}" for c in one) + ")" for one in keys)
        refuse(
            f"{table}_no_replace",
            f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} t WHERE {same})",
            f"{message_of(table)} (it is there already)",
        )
    refuse(
        "claim_line_live_no_replace",
        "BEFORE INSERT ON claim_line WHEN NEW.ended_at IS NULL AND EXISTS (SELECT 1 FROM claim_line t WHERE "
        "t.enrolment_id = NEW.enrolment_id AND t.unit_id = NEW.unit_id AND t.ended_at IS NULL)",
        "This unit is on a claim already (A12)",
    )
    for name, event, table, when, text in GUARDS:
        refuse(name, f"BEFORE {event} ON {table} WHEN {when}", text)


def upgrade_postgresql() -> None:
    def function(name: str, body: str) -> None:
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")

    def refusal(text: str) -> str:
        return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation';"

    for table in KEYS:
        function(f"{table}_refuse", refusal(message_of(table)))
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {table}_refuse()"
        )
        events = "DELETE OR UPDATE" if table in FIXED else "DELETE"
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE {events} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN ({changed(table, 'IS DISTINCT FROM')}) EXECUTE FUNCTION {table}_refuse()"
        )
    for name, event, table, when, text in GUARDS:
        function(name, f"IF {when} THEN {refusal(text)} END IF; RETURN NEW;")
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


def downgrade() -> None:
    """Take the tables away with what they hold, and the guards that stand on older tables."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("DROP TRIGGER decision_claimed")
        op.execute("DROP TRIGGER iqa_verdict_claimed")
    else:
        for name in (*(f"{table}_refuse" for table in KEYS), *(guard[0] for guard in GUARDS)):
            op.execute(f"DROP FUNCTION {name}() CASCADE")
    for table in (
        "claim_note", "claim_answer", "claim_reply", "claim_signature", "claim_line", "claim_student",
        "claim_unit", "claim", "ao_registration",
    ):  # fmt: skip
        op.drop_table(table)
