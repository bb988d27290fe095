"""Who countersigned a decision hears no appeal about it and signs no claim for its quality (A10, A15).

Revision: 0041, after 0040
"""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

HEARD = (
    "EXISTS (SELECT 1 FROM appeal a JOIN decision d0 ON d0.id = a.decision_id "
    "JOIN assessment_criterion c0 ON c0.id = d0.criterion_id "
    "JOIN assessment_criterion c ON c.unit_id = c0.unit_id "
    "JOIN decision d ON d.criterion_id = c.id AND d.enrolment_id = a.enrolment_id "
    "JOIN countersignature s ON s.decision_id = d.id "
    "WHERE a.id = NEW.appeal_id AND s.signed_by = NEW.{who})"
)
SIGNED = (
    "NEW.capacity <> 'tutor' AND EXISTS (SELECT 1 FROM claim_line l "
    "JOIN assessment_criterion c ON c.unit_id = l.unit_id "
    "JOIN decision d ON d.criterion_id = c.id AND d.enrolment_id = l.enrolment_id "
    "JOIN countersignature s ON s.decision_id = d.id "
    "WHERE l.claim_id = NEW.claim_id AND s.signed_by = NEW.person_id)"
)
HEARS = "An appeal is heard by somebody independent (A10)"

# Name, table, when a new row is refused, and why.
GUARDS = (
    ("appeal_reviewer_signed", "appeal_reviewer", HEARD.format(who="person_id"), HEARS),
    ("appeal_outcome_signed", "appeal_outcome", HEARD.format(who="decided_by"), HEARS),
    (
        "claim_signature_countersigned", "claim_signature", SIGNED,
        "Nobody quality-assures a decision that they countersigned (A10)",
    ),
)  # fmt: skip


def upgrade() -> None:
    for name, table, when, text in GUARDS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {when} "
                f"BEGIN SELECT RAISE(ABORT, '{text}'); END"
            )
            continue
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN "
            f"RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            f"RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


def downgrade() -> None:
    for name, table, _, _ in GUARDS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
