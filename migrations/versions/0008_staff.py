"""Staff records (A10): qualifications, development, conflicts of interest, countersignatures; with their guards.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FIXED = {"cpd_entry": "Professional development is only ever added to"}
# Rows that change only in the columns named last, each once.
KEPT = {
    "staff_qualification": (
        "A staff qualification is never changed; withdraw it and record another",
        ("id", "person_id", "kind", "title", "recorded_by", "recorded_at"),
        ("awarded_on", "withdrawn_at"),
    ),
    "conflict_of_interest": (
        "A declared conflict of interest is never changed; end it and declare another",
        ("id", "person_id", "with_person_id", "reason", "declared_by", "declared_at"),
        ("ended_by", "ended_at"),
    ),
    "countersignature": ("A countersignature is never changed", ("decision_id",), ("signed_by", "signed_at")),
}
KEYS = {
    "cpd_entry": ("id",),
    "staff_qualification": ("id",),
    "conflict_of_interest": ("id",),
    "countersignature": ("decision_id",),
}

OWN = "Nobody countersigns their own decision or work (A10)"
QUALIFIED = "Only a qualified assessor countersigns (A10)"
CONFLICT = "Nobody judges where they declared a conflict of interest (A10)"
COUNTERSIGNED = "Nobody quality-assures a decision that they countersigned (A10)"
CERTIFIES = "Nobody certifies themselves or a declared conflict of interest (A10)"


def in_conflict(one: str, other: str) -> str:
    """That two people share a declared conflict of interest."""
    return (
        "EXISTS (SELECT 1 FROM conflict_of_interest k WHERE k.ended_at IS NULL AND "
        f"((k.person_id = {one} AND k.with_person_id = {other}) OR "
        f"(k.person_id = {other} AND k.with_person_id = {one})))"
    )


def student(person: str, condition: str) -> str:
    """That the student of NEW.enrolment_id is `condition` to a person."""
    return f"EXISTS (SELECT 1 FROM enrolment e WHERE e.id = NEW.enrolment_id AND {condition.format(person)})"


IN_UNIT = (
    "EXISTS (SELECT 1 FROM decision d JOIN assessment_criterion c ON c.id = d.criterion_id "
    "{join} WHERE d.enrolment_id = NEW.enrolment_id AND c.unit_id = NEW.unit_id AND {condition})"
)
IN_TRAINING = (
    "EXISTS (SELECT 1 FROM staff_qualification q WHERE q.person_id = NEW.decided_by AND q.kind = 'assessor' "
    "AND q.withdrawn_at IS NULL) AND NOT EXISTS (SELECT 1 FROM staff_qualification q WHERE "
    "q.person_id = NEW.decided_by AND q.kind = 'assessor' AND q.withdrawn_at IS NULL "
    "AND q.awarded_on IS NOT NULL AND q.awarded_on <= NEW.decided_on)"
)
SIGNED = "NEW.signed_by IS NOT NULL AND EXISTS (SELECT 1 FROM decision d JOIN enrolment e ON e.id = d.enrolment_id WHERE d.id = NEW.decision_id AND {0})"
HOLDS_AWARD = (
    "EXISTS (SELECT 1 FROM staff_qualification q WHERE q.person_id = NEW.signed_by AND q.kind = 'assessor' "
    "AND q.withdrawn_at IS NULL AND q.awarded_on IS NOT NULL AND q.awarded_on <= {today})"
)


def guards(sqlite: bool) -> list[tuple[str, str, str, str, str]]:
    """Name, event, table, when it is refused, and why."""
    issuer = "REPLACE(NEW.issued_by, '-', '')" if sqlite else "NEW.issued_by"
    own = "g.person_id = " + issuer if sqlite else "CAST(g.person_id AS TEXT) = " + issuer
    pair = (
        f"((k.person_id = {issuer} AND k.with_person_id = g.person_id) OR "
        f"(k.with_person_id = {issuer} AND k.person_id = g.person_id))"
        if sqlite
        else f"((CAST(k.person_id AS TEXT) = {issuer} AND k.with_person_id = g.person_id) OR "
        f"(CAST(k.with_person_id AS TEXT) = {issuer} AND k.person_id = g.person_id))"
    )
    award = HOLDS_AWARD.format(today="date('now', '+1 day')" if sqlite else "CURRENT_DATE + 1")
    made = [
        (
            "decision_conflict", "INSERT", "decision",
            student("NEW.decided_by", in_conflict("{0}", "e.person_id")), CONFLICT,
        ),
        (
            "iqa_verdict_conflict", "INSERT", "iqa_verdict",
            student("NEW.verified_by", in_conflict("{0}", "e.person_id"))
            + " OR "
            + IN_UNIT.format(join="", condition=in_conflict("NEW.verified_by", "d.decided_by")),
            CONFLICT,
        ),
        (
            "iqa_verdict_countersigned", "INSERT", "iqa_verdict",
            IN_UNIT.format(
                join="JOIN countersignature s ON s.decision_id = d.id",
                condition="s.signed_by = NEW.verified_by",
            ),
            COUNTERSIGNED,
        ),
        (
            "certificate_conflict", "INSERT", "certificate",
            f"EXISTS (SELECT 1 FROM graduation g WHERE g.id = NEW.graduation_id AND ({own} OR EXISTS "
            f"(SELECT 1 FROM conflict_of_interest k WHERE k.ended_at IS NULL AND {pair})))",
            CERTIFIES,
        ),
    ]  # fmt: skip
    for event in ("INSERT", "UPDATE"):
        name = f"countersignature_{event.lower()}"
        own_work = SIGNED.format("(d.decided_by = NEW.signed_by OR e.person_id = NEW.signed_by)")
        close = SIGNED.format(
            f"({in_conflict('NEW.signed_by', 'd.decided_by')} OR {in_conflict('NEW.signed_by', 'e.person_id')})"
        )
        made.append((f"{name}_own", event, "countersignature", own_work, OWN))
        made.append((f"{name}_conflict", event, "countersignature", close, CONFLICT))
        made.append(
            (f"{name}_award", event, "countersignature", f"NEW.signed_by IS NOT NULL AND NOT {award}", QUALIFIED)
        )
    return made


def message_of(table: str) -> str:
    return FIXED[table] if table in FIXED else KEPT[table][0]


def changed(table: str, differs: str) -> str:
    """When an update of a kept table is refused: a kept column differs, or one that is set once is set again."""
    _, kept, once = KEPT[table]
    other = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in kept)
    return other + "".join(f" OR (OLD.{one} IS NOT NULL AND NEW.{one} {differs} OLD.{one})" for one in once)


def key() -> sa.Column:
    return sa.Column("id", sa.Uuid(), primary_key=True)


def person(name: str, **options: bool) -> sa.Column:
    wanted = {"nullable": False, **options}
    return sa.Column(name, sa.Uuid(), sa.ForeignKey("person.id", ondelete="RESTRICT"), **wanted)


def moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def word(name: str, size: int, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(size), nullable=nullable)


def prose(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def tables() -> None:
    op.create_table(
        "staff_qualification", key(), person("person_id"), word("kind", 40), word("title", 200),
        word("recorded_by", 80), moment("recorded_at"), sa.Column("awarded_on", sa.Date(), nullable=True),
        moment("withdrawn_at", True),
        sa.CheckConstraint(
            "kind IN ('assessor', 'internal quality assurer', 'teaching', 'occupational')",
            name=op.f("ck_staff_qualification_kind"),
        ),
    )  # fmt: skip
    op.create_table(
        "staff_record", person("person_id", primary_key=True), prose("competence"),
        sa.Column("may_verify", sa.Boolean(), nullable=False), sa.Column("version", sa.Integer(), nullable=False),
    )  # fmt: skip
    op.create_table(
        "cpd_entry", key(), person("person_id"), sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.Numeric(5, 2), nullable=False), prose("what"), word("recorded_by", 80),
        moment("recorded_at"),
        sa.CheckConstraint("hours > 0 AND hours <= 100", name=op.f("ck_cpd_entry_hours")),
    )  # fmt: skip
    op.create_table(
        "conflict_of_interest", key(), person("person_id"), person("with_person_id"), prose("reason"),
        word("declared_by", 80), moment("declared_at"), word("ended_by", 80, True), moment("ended_at", True),
        sa.CheckConstraint("person_id <> with_person_id", name=op.f("ck_conflict_of_interest_two_people")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_conflict_of_interest_ended")
        ),
    )  # fmt: skip
    op.create_table(
        "countersignature",
        sa.Column(
            "decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("decision.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False,
        ),
        person("signed_by", nullable=True), moment("signed_at", True),
        sa.CheckConstraint(
            "(signed_at IS NULL) = (signed_by IS NULL)", name=op.f("ck_countersignature_signed")
        ),
    )  # fmt: skip
    for table, column in (
        ("staff_qualification", "person_id"), ("cpd_entry", "person_id"), ("conflict_of_interest", "person_id"),
        ("conflict_of_interest", "with_person_id"), ("countersignature", "signed_by"),
    ):  # fmt: skip
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.create_index("ix_countersignature_waiting", "countersignature", ["signed_at", "decision_id"])


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
    for table, columns in KEYS.items():
        refuse(f"{table}_no_delete", f"BEFORE DELETE ON {table}", message_of(table))
        same = " AND ".join(f"t.{column} = NEW.{column}" for column in columns)
        refuse(
            f"{table}_no_replace",
            f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} t WHERE {same})",
            f"{message_of(table)} (it is there already)",
        )
    for name, event, table, when, text in guards(sqlite=True):
        refuse(name, f"BEFORE {event} ON {table} WHEN {when}", text)
    op.execute(
        f"CREATE TRIGGER decision_needs_countersignature AFTER INSERT ON decision WHEN {IN_TRAINING} "
        "BEGIN INSERT INTO countersignature (decision_id) VALUES (NEW.id); END"
    )


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
    for name, event, table, when, text in guards(sqlite=False):
        function(name, f"IF {when} THEN {refusal(text)} END IF; RETURN NEW;")
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    function(
        "decision_needs_countersignature",
        f"IF {IN_TRAINING} THEN INSERT INTO countersignature (decision_id) VALUES (NEW.id); END IF; RETURN NULL;",
    )
    op.execute(
        "CREATE TRIGGER decision_needs_countersignature AFTER INSERT ON decision FOR EACH ROW "
        "EXECUTE FUNCTION decision_needs_countersignature()"
    )


def downgrade() -> None:
    """Take the tables away with what they hold, and the guards that stand on older tables."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER decision_needs_countersignature")
        for name, _, table, *_ in guards(sqlite=True):
            if table not in KEYS:
                op.execute(f"DROP TRIGGER {name}")
    else:
        names = (*(f"{table}_refuse" for table in KEYS), *(guard[0] for guard in guards(sqlite=False)))
        for name in (*names, "decision_needs_countersignature"):
            op.execute(f"DROP FUNCTION {name}() CASCADE")
    for table in ("countersignature", "conflict_of_interest", "cpd_entry", "staff_record", "staff_qualification"):
        op.drop_table(table)
