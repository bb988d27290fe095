"""Why a version of the PSW rule was written goes only with the version itself (V2).

Revision: 0031, after 0030
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

KEPT = "Why a version of the rule was written is kept with it"
# As 0015 says when a version stays: the first, one with a later one, or one that was used.
STAYS = (
    "OLD.version = 1 OR EXISTS (SELECT 1 FROM psw_rule t WHERE t.version > OLD.version) "
    "OR EXISTS (SELECT 1 FROM vacancy v WHERE v.rule_version = OLD.version) "
    "OR EXISTS (SELECT 1 FROM consideration c WHERE c.rule_version = OLD.version)"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER psw_rule_note_no_delete BEFORE DELETE ON psw_rule_note WHEN {STAYS} "
            f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
        )
        return
    # A WHEN clause may hold no subquery, so the question stands in the function.
    op.execute(
        "CREATE FUNCTION psw_rule_note_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {STAYS} THEN RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        "RETURN OLD; END $$"
    )
    op.execute(
        "CREATE TRIGGER psw_rule_note_no_delete BEFORE DELETE ON psw_rule_note FOR EACH ROW "
        "EXECUTE FUNCTION psw_rule_note_stays()"
    )
    op.execute(
        "CREATE TRIGGER psw_rule_note_no_truncate BEFORE TRUNCATE ON psw_rule_note "
        "EXECUTE FUNCTION psw_rule_note_refuse()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER psw_rule_note_no_delete")
        return
    for name in ("psw_rule_note_no_delete", "psw_rule_note_no_truncate"):
        op.execute(f"DROP TRIGGER {name} ON psw_rule_note")
    op.execute("DROP FUNCTION psw_rule_note_stays()")
