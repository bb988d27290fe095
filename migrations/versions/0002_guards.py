"""Guards in the database itself: what is only ever added, and duties kept apart by person (A5, A10, G3).

Revision: 0002, after 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Tables whose rows are never changed, and those whose rows change only in the named columns.
FIXED = {
    "audit_event": "The audit trail is only ever added to",
    "iqa_verdict": "A verdict is never changed; record a new one",
    "iqa_verdict_criterion": "A verdict is never changed; record a new one",
    "certificate_pdf": "A certificate is frozen when it is issued",
}
KEPT = {
    "decision": (
        "A decision is never changed; record a new one",
        (
            "id", "enrolment_id", "criterion_id", "attempt", "revision", "outcome", "feedback",
            "decided_on", "decided_by", "recorded_at", "is_imported",
        ),
        ("released_at", "released_by"),
    ),
    "certificate": (
        "A certificate is frozen when it is issued",
        ("id", "graduation_id", "batch_id", "number", "serial", "code", "design", "facts", "issued_on", "issued_by", "sha256"),
        (),
    ),
    "consideration": (
        "A consideration is never changed; record a new one",
        (
            "id", "vacancy_id", "answer", "reason_code", "reason_text", "snapshot", "rule_version",
            "due_on", "decided_by", "decided_on", "decided_at",
        ),
        ("superseded_at", "returned_at"),
    ),
}
# Keys by which INSERT OR REPLACE could silently delete a row on SQLite.
KEYS = {
    "audit_event": (("seq",),),
    "iqa_verdict": (("id",),),
    "iqa_verdict_criterion": (("verdict_id", "criterion_id"),),
    "certificate_pdf": (("certificate_id",),),
    "decision": (("id",), ("enrolment_id", "criterion_id", "attempt", "revision")),
    "certificate": (("id",), ("number",), ("serial",), ("code",)),
    "consideration": (("id",),),
}
OWN_DECISION = "Nobody quality-assures their own decision (A10)"
OWN_WORK = "Nobody assesses or verifies themselves (A10)"
GAP = "Serial numbers run without a gap (G3)"

DECIDED = (
    "SELECT 1 FROM decision d JOIN assessment_criterion c ON c.id = d.criterion_id "
    "WHERE d.enrolment_id = NEW.enrolment_id AND c.unit_id = NEW.unit_id AND d.decided_by = NEW.verified_by"
)
STUDENT = "SELECT 1 FROM enrolment e WHERE e.id = NEW.enrolment_id AND e.person_id = "


def message_of(table: str) -> str:
    return FIXED[table] if table in FIXED else KEPT[table][0]


def upgrade() -> None:
    # Rows that are locked to put writers in line must be there before the first of them comes.
    # Where this migration was taken back and comes again, they are there and stay as they are.
    absent = "WHERE NOT EXISTS (SELECT 1 FROM {0})"
    op.execute(f"INSERT INTO audit_head (id, seq, hash) SELECT 1, 0, '{'0' * 64}' {absent.format('audit_head')}")
    op.execute(f"INSERT INTO serial_counter (id, last) SELECT 1, 0 {absent.format('serial_counter')}")
    if op.get_bind().dialect.name == "sqlite":
        upgrade_sqlite()
    else:
        upgrade_postgresql()


def changed(table: str) -> str:
    """When an update of a kept table is refused: a kept column differs, or one that is set once is set again."""
    _, kept, once = KEPT[table]
    differs = " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in kept if c not in ("snapshot", "facts"))
    as_text = [c for c in kept if c in ("snapshot", "facts")]
    texts = "".join(f" OR CAST(NEW.{c} AS TEXT) IS DISTINCT FROM CAST(OLD.{c} AS TEXT)" for c in as_text)
    again = "".join(f" OR (OLD.{c} IS NOT NULL AND NEW.{c} IS DISTINCT FROM OLD.{c})" for c in once)
    return differs + texts + again


def upgrade_sqlite() -> None:
    def refuse(name: str, when: str, text: str) -> None:
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{text}'); END")

    for table in FIXED:
        refuse(f"{table}_no_update", f"BEFORE UPDATE ON {table}", message_of(table))
    for table in KEPT:
        unequal = changed(table).replace("IS DISTINCT FROM", "IS NOT")
        refuse(f"{table}_no_update", f"BEFORE UPDATE ON {table} WHEN {unequal}", message_of(table))
    for table, keys in KEYS.items():
        refuse(f"{table}_no_delete", f"BEFORE DELETE ON {table}", message_of(table))
        same = " OR ".join("(" + " AND ".join(f"t.{c} = NEW.{c}" for c in key) + ")" for key in keys)
        refuse(
            f"{table}_no_replace",
            f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} t WHERE {same})",
            f"{message_of(table)} (it is there already)",
        )
    refuse("iqa_verdict_own", f"BEFORE INSERT ON iqa_verdict WHEN EXISTS ({DECIDED})", OWN_DECISION)
    refuse("iqa_verdict_self", f"BEFORE INSERT ON iqa_verdict WHEN EXISTS ({STUDENT} NEW.verified_by)", OWN_WORK)
    refuse("decision_self", f"BEFORE INSERT ON decision WHEN EXISTS ({STUDENT} NEW.decided_by)", OWN_WORK)
    refuse("serial_no_gap", "BEFORE UPDATE ON serial_counter WHEN NEW.last <> OLD.last + 1", GAP)
    refuse("serial_no_delete", "BEFORE DELETE ON serial_counter", GAP)


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
            f"WHEN ({changed(table)}) EXECUTE FUNCTION {table}_refuse()"
        )
    function(
        "iqa_verdict_own",
        f"IF EXISTS ({DECIDED}) THEN {refusal(OWN_DECISION)} END IF; "
        f"IF EXISTS ({STUDENT} NEW.verified_by) THEN {refusal(OWN_WORK)} END IF; RETURN NEW;",
    )
    op.execute(
        "CREATE TRIGGER iqa_verdict_own BEFORE INSERT ON iqa_verdict FOR EACH ROW EXECUTE FUNCTION iqa_verdict_own()"
    )
    function("decision_self", f"IF EXISTS ({STUDENT} NEW.decided_by) THEN {refusal(OWN_WORK)} END IF; RETURN NEW;")
    op.execute(
        "CREATE TRIGGER decision_self BEFORE INSERT ON decision FOR EACH ROW EXECUTE FUNCTION decision_self()"
    )
    function("serial_no_gap", refusal(GAP))
    op.execute(
        "CREATE TRIGGER serial_no_gap BEFORE UPDATE ON serial_counter FOR EACH ROW "
        "WHEN (NEW.last <> OLD.last + 1) EXECUTE FUNCTION serial_no_gap()"
    )
    op.execute(
        "CREATE TRIGGER serial_no_delete BEFORE DELETE ON serial_counter FOR EACH ROW EXECUTE FUNCTION serial_no_gap()"
    )


def downgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        for table in (*FIXED, *KEPT):
            op.execute(f"DROP TRIGGER {table}_no_update")
        for table in KEYS:
            op.execute(f"DROP TRIGGER {table}_no_delete")
            op.execute(f"DROP TRIGGER {table}_no_replace")
        for name in ("iqa_verdict_own", "iqa_verdict_self", "decision_self", "serial_no_gap", "serial_no_delete"):
            op.execute(f"DROP TRIGGER {name}")
        return
    for table in KEYS:
        op.execute(f"DROP FUNCTION {table}_refuse() CASCADE")
    for name in ("iqa_verdict_own", "decision_self", "serial_no_gap"):
        op.execute(f"DROP FUNCTION {name}() CASCADE")
