"""Versions of the band rule are written once and never reworded; who wrote them and why stands beside them (V2).

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TEXT = "A version of the band rule is never changed; write a new one"
USED = "A version of the band rule that flagged or ended something stays"
NOTE = "Why a version was written is never changed"
CHANGED = (
    "NEW.version IS DISTINCT FROM OLD.version OR NEW.valid_from IS DISTINCT FROM OLD.valid_from "
    "OR CAST(NEW.bands AS TEXT) IS DISTINCT FROM CAST(OLD.bands AS TEXT) "
    "OR CAST(NEW.exclusions AS TEXT) IS DISTINCT FROM CAST(OLD.exclusions AS TEXT)"
)
STAYS = (
    "OLD.version = 1 OR EXISTS (SELECT 1 FROM psw_rule t WHERE t.version > OLD.version) "
    "OR EXISTS (SELECT 1 FROM vacancy v WHERE v.rule_version = OLD.version) "
    "OR EXISTS (SELECT 1 FROM consideration c WHERE c.rule_version = OLD.version)"
)


def upgrade() -> None:
    op.create_table(
        "psw_rule_note",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"], ["psw_rule.version"], name=op.f("fk_psw_rule_note_version"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["person.id"], name=op.f("fk_psw_rule_note_written_by"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_psw_rule_note")),
    )
    op.create_index(op.f("ix_psw_rule_note_written_by"), "psw_rule_note", ["written_by"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgresql()


def guard_sqlite() -> None:
    def refuse(name: str, when: str, text: str) -> None:
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{text}'); END")

    unequal = CHANGED.replace("IS DISTINCT FROM", "IS NOT")
    refuse("psw_rule_no_update", f"BEFORE UPDATE ON psw_rule WHEN {unequal}", TEXT)
    refuse("psw_rule_no_delete", f"BEFORE DELETE ON psw_rule WHEN {STAYS}", USED)
    refuse(
        "psw_rule_no_replace",
        "BEFORE INSERT ON psw_rule WHEN EXISTS (SELECT 1 FROM psw_rule t WHERE t.version = NEW.version)",
        f"{TEXT} (it is there already)",
    )
    refuse(
        "psw_rule_note_no_replace",
        "BEFORE INSERT ON psw_rule_note WHEN EXISTS (SELECT 1 FROM psw_rule_note n WHERE n.version = NEW.version)",
        NOTE,
    )
    refuse("psw_rule_note_no_update", "BEFORE UPDATE ON psw_rule_note", NOTE)


def guard_postgresql() -> None:
    def function(name: str, text: str) -> None:
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )

    function("psw_rule_refuse", TEXT)
    function("psw_rule_note_refuse", NOTE)
    op.execute(
        f"CREATE TRIGGER psw_rule_no_update BEFORE UPDATE ON psw_rule FOR EACH ROW WHEN ({CHANGED}) "
        "EXECUTE FUNCTION psw_rule_refuse()"
    )
    # A WHEN clause may hold no subquery, so the question stands in the function.
    op.execute(
        "CREATE FUNCTION psw_rule_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {STAYS} THEN RAISE EXCEPTION '{USED}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        "RETURN OLD; END $$"
    )
    op.execute(
        "CREATE TRIGGER psw_rule_no_delete BEFORE DELETE ON psw_rule FOR EACH ROW EXECUTE FUNCTION psw_rule_stays()"
    )
    op.execute(
        "CREATE TRIGGER psw_rule_no_truncate BEFORE TRUNCATE ON psw_rule EXECUTE FUNCTION psw_rule_refuse()"
    )
    op.execute(
        "CREATE TRIGGER psw_rule_note_no_update BEFORE UPDATE ON psw_rule_note FOR EACH ROW "
        "EXECUTE FUNCTION psw_rule_note_refuse()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("psw_rule_no_update", "psw_rule_no_delete", "psw_rule_no_replace"):
            op.execute(f"DROP TRIGGER {name}")
        op.drop_table("psw_rule_note")
        return
    op.drop_table("psw_rule_note")
    for name in ("psw_rule_no_update", "psw_rule_no_delete", "psw_rule_no_truncate"):
        op.execute(f"DROP TRIGGER {name} ON psw_rule")
    for name in ("psw_rule_refuse", "psw_rule_note_refuse", "psw_rule_stays"):
        op.execute(f"DROP FUNCTION {name}()")
