"""Who declared a conflict of interest with the student or an assessor hears no appeal of theirs (A10, A15).

Revision: 0010, after 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TOO_CLOSE = (
    "SELECT 1 FROM appeal a JOIN enrolment e ON e.id = a.enrolment_id JOIN decision d0 ON d0.id = a.decision_id "
    "JOIN assessment_criterion c0 ON c0.id = d0.criterion_id JOIN conflict_of_interest k ON k.ended_at IS NULL "
    "AND (k.person_id = NEW.{who} OR k.with_person_id = NEW.{who}) WHERE a.id = NEW.appeal_id AND ("
    "k.person_id = e.person_id OR k.with_person_id = e.person_id "
    "OR EXISTS (SELECT 1 FROM decision d JOIN assessment_criterion c ON c.id = d.criterion_id "
    "WHERE d.enrolment_id = a.enrolment_id AND c.unit_id = c0.unit_id "
    "AND (d.decided_by = k.person_id OR d.decided_by = k.with_person_id)))"
)
TEXT = "An appeal is not heard by somebody with a conflict of interest (A10)"
GUARDED = {"appeal_reviewer": "person_id", "appeal_outcome": "decided_by"}


def upgrade() -> None:
    for table, who in GUARDED.items():
        found = TOO_CLOSE.format(who=who)
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER {table}_close BEFORE INSERT ON {table} WHEN EXISTS ({found}) "
                f"BEGIN SELECT RAISE(ABORT, '{TEXT}'); END"
            )
            continue
        refusal = f"RAISE EXCEPTION '{TEXT}' USING ERRCODE = 'integrity_constraint_violation';"
        op.execute(
            f"CREATE FUNCTION {table}_close() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF EXISTS ({found}) THEN {refusal} END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_close BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_close()"
        )


def downgrade() -> None:
    for table in GUARDED:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {table}_close")
        else:
            op.execute(f"DROP FUNCTION {table}_close() CASCADE")
