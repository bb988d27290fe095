"""Who declared a conflict of interest signs no claim (A10); a unit on a claim stays registered (A8, A12).

Revision: 0027, after 0026
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

CLOSE = (
    "EXISTS (SELECT 1 FROM conflict_of_interest k WHERE k.ended_at IS NULL AND ("
    "(k.person_id = NEW.person_id AND k.with_person_id = {other}) OR "
    "(k.with_person_id = NEW.person_id AND k.person_id = {other})))"
)
STUDENT = (
    "EXISTS (SELECT 1 FROM claim_student t JOIN enrolment e ON e.id = t.enrolment_id "
    "WHERE t.claim_id = NEW.claim_id AND " + CLOSE.format(other="e.person_id") + ")"
)
ASSESSOR = (
    "NEW.capacity <> 'tutor' AND EXISTS (SELECT 1 FROM claim_line l "
    "JOIN assessment_criterion a ON a.unit_id = l.unit_id "
    "JOIN decision d ON d.enrolment_id = l.enrolment_id AND d.criterion_id = a.id "
    "WHERE l.claim_id = NEW.claim_id AND " + CLOSE.format(other="d.decided_by") + ")"
)
ON_A_CLAIM = (
    "EXISTS (SELECT 1 FROM claim_line l WHERE l.enrolment_id = OLD.enrolment_id AND l.unit_id = OLD.unit_id "
    "AND (l.ended_at IS NULL OR EXISTS (SELECT 1 FROM claim_reply r WHERE r.line_id = l.id AND r.result = 'awarded')))"
)
MOVED = "(NEW.enrolment_id <> OLD.enrolment_id OR NEW.unit_id <> OLD.unit_id)"
KEPT = "A unit on a claim stays registered (A8, A12)"

# Name, event, table, when it is refused, and why.
GUARDS = (
    (
        "claim_signature_close", "INSERT", "claim_signature", f"({STUDENT}) OR ({ASSESSOR})",
        "Nobody signs where they declared a conflict of interest (A10)",
    ),
    ("enrolment_unit_claimed", "DELETE", "enrolment_unit", ON_A_CLAIM, KEPT),
    ("enrolment_unit_moved", "UPDATE", "enrolment_unit", f"{MOVED} AND {ON_A_CLAIM}", KEPT),
)  # fmt: skip


def upgrade() -> None:
    for name, event, table, when, text in GUARDS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {when} "
                f"BEGIN SELECT RAISE(ABORT, '{text}'); END"
            )
            continue
        row = "OLD" if event == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN "
            f"RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            f"RETURN {row}; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


def downgrade() -> None:
    for name, _, table, _, _ in GUARDS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
