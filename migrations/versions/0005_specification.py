"""The specification editor: what the rule asks at a level, unit references, versions that follow each other.

A superseded version takes no new cohort, and is never restored; corrected wordings are only ever added (A2). With
a student on a version nothing but its wording changes: the database holds that too.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FIXED = {
    "supersession": (("qualification_id",), "A superseded version is never restored"),
    "wording_correction": (("id",), "A correction of wording is never changed"),
}
TAKES_NO_COHORT = "A superseded version takes no new cohort (A2)"
BY_A_LIVE_ONE = "A superseded version supersedes no other (A2)"
FROZEN = "Students are registered for this version: only its wording may be corrected (A2)"
STUDENTS = (
    "EXISTS (SELECT 1 FROM enrolment e JOIN cohort c ON c.id = e.cohort_id WHERE c.qualification_id = {0}.qualification_id)"
)
STUDENTS_OF_UNIT = (
    "EXISTS (SELECT 1 FROM enrolment e JOIN cohort c ON c.id = e.cohort_id JOIN unit u "
    "ON u.qualification_id = c.qualification_id WHERE u.id = {0}.unit_id)"
)
# What of each part is not wording, and where to look for students.
PARTS = {
    "unit_group": (("qualification_id", "name", "is_mandatory", "min_credit", "min_units"), STUDENTS),
    "unit": (("qualification_id", "group_id", "code", "level", "credit", "glh"), STUDENTS),
    "learning_outcome": (("unit_id", "number"), STUDENTS_OF_UNIT),
    "assessment_criterion": (("unit_id", "outcome_id", "number"), STUDENTS_OF_UNIT),
}


def upgrade() -> None:
    op.add_column("qualification", sa.Column("at_level", sa.Integer(), nullable=True))
    op.add_column("qualification", sa.Column("min_credit_at_level", sa.Integer(), nullable=True))
    op.add_column("unit", sa.Column("reference", sa.String(20), nullable=False, server_default=""))
    op.create_table(
        "version_copy",
        sa.Column("qualification_id", sa.Uuid(), nullable=False),
        sa.Column("copied_from_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("qualification_id", name="pk_version_copy"),
        sa.ForeignKeyConstraint(
            ["qualification_id"], ["qualification.id"], name="fk_version_copy_qualification_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["copied_from_id"], ["qualification.id"], name="fk_version_copy_copied_from_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_version_copy_copied_from_id", "version_copy", ["copied_from_id"])
    op.create_table(
        "supersession",
        sa.Column("qualification_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("by_id <> qualification_id", name=op.f("ck_supersession_another")),
        sa.PrimaryKeyConstraint("qualification_id", name="pk_supersession"),
        sa.ForeignKeyConstraint(
            ["qualification_id"], ["qualification.id"], name="fk_supersession_qualification_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["qualification.id"], name="fk_supersession_by_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_supersession_by_id", "supersession", ["by_id"])
    op.create_table(
        "wording_correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("qualification_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("corrected_by", sa.String(80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wording_correction"),
        sa.ForeignKeyConstraint(
            ["qualification_id"], ["qualification.id"], name="fk_wording_correction_qualification_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_wording_correction_qualification_id", "wording_correction", ["qualification_id"])
    op.create_table(
        "criterion_origin",
        sa.Column("criterion_id", sa.Uuid(), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("criterion_id", name="pk_criterion_origin"),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["assessment_criterion.id"], name="fk_criterion_origin_criterion_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["origin_id"], ["assessment_criterion.id"], name="fk_criterion_origin_origin_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_criterion_origin_origin_id", "criterion_origin", ["origin_id"])
    if op.get_bind().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgresql()


def superseded(which: str) -> str:
    return f"EXISTS (SELECT 1 FROM supersession p WHERE p.qualification_id = NEW.{which})"


def guard_sqlite() -> None:
    def refuse(name: str, when: str, text: str) -> None:
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{text}'); END")

    for table, (key, text) in FIXED.items():
        refuse(f"{table}_no_update", f"BEFORE UPDATE ON {table}", text)
        refuse(f"{table}_no_delete", f"BEFORE DELETE ON {table}", text)
        same = " AND ".join(f"t.{column} = NEW.{column}" for column in key)
        refuse(f"{table}_no_replace", f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} t WHERE {same})", text)
    refuse("supersession_by_live", f"BEFORE INSERT ON supersession WHEN {superseded('by_id')}", BY_A_LIVE_ONE)
    refuse("cohort_on_superseded", f"BEFORE INSERT ON cohort WHEN {superseded('qualification_id')}", TAKES_NO_COHORT)
    refuse(
        "cohort_to_superseded",
        "BEFORE UPDATE OF qualification_id ON cohort WHEN NEW.qualification_id IS NOT OLD.qualification_id "
        f"AND {superseded('qualification_id')}",
        TAKES_NO_COHORT,
    )
    for table, (columns, students) in PARTS.items():
        refuse(f"{table}_frozen_insert", f"BEFORE INSERT ON {table} WHEN {students.format('NEW')}", FROZEN)
        refuse(f"{table}_frozen_delete", f"BEFORE DELETE ON {table} WHEN {students.format('OLD')}", FROZEN)
        differs = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)
        refuse(
            f"{table}_frozen_update",
            f"BEFORE UPDATE ON {table} WHEN ({differs}) AND {students.format('OLD')}",
            FROZEN,
        )


def guard_postgresql() -> None:
    def function(name: str, body: str) -> None:
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")

    def refusal(text: str) -> str:
        return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation';"

    for table, (_, text) in FIXED.items():
        function(f"{table}_refuse", refusal(text))
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {table}_refuse()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE DELETE OR UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        )
    function("supersession_by_live", f"IF {superseded('by_id')} THEN {refusal(BY_A_LIVE_ONE)} END IF; RETURN NEW;")
    op.execute(
        "CREATE TRIGGER supersession_by_live BEFORE INSERT ON supersession "
        "FOR EACH ROW EXECUTE FUNCTION supersession_by_live()"
    )
    function(
        "cohort_on_superseded",
        f"IF {superseded('qualification_id')} THEN {refusal(TAKES_NO_COHORT)} END IF; RETURN NEW;",
    )
    op.execute(
        "CREATE TRIGGER cohort_on_superseded BEFORE INSERT ON cohort "
        "FOR EACH ROW EXECUTE FUNCTION cohort_on_superseded()"
    )
    op.execute(
        "CREATE TRIGGER cohort_to_superseded BEFORE UPDATE OF qualification_id ON cohort FOR EACH ROW "
        "WHEN (NEW.qualification_id IS DISTINCT FROM OLD.qualification_id) EXECUTE FUNCTION cohort_on_superseded()"
    )
    for table, (columns, students) in PARTS.items():
        function(f"{table}_frozen_new", f"IF {students.format('NEW')} THEN {refusal(FROZEN)} END IF; RETURN NEW;")
        function(
            f"{table}_frozen_old",
            f"IF {students.format('OLD')} THEN {refusal(FROZEN)} END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
        )
        op.execute(
            f"CREATE TRIGGER {table}_frozen_insert BEFORE INSERT ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_frozen_new()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_frozen_delete BEFORE DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_frozen_old()"
        )
        differs = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)
        op.execute(
            f"CREATE TRIGGER {table}_frozen_update BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({differs}) "
            f"EXECUTE FUNCTION {table}_frozen_old()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in PARTS:
            for what in ("insert", "delete", "update"):
                op.execute(f"DROP TRIGGER {table}_frozen_{what}")
        for name in ("cohort_on_superseded", "cohort_to_superseded"):
            op.execute(f"DROP TRIGGER {name}")
    else:
        for table in PARTS:
            op.execute(f"DROP FUNCTION {table}_frozen_new() CASCADE")
            op.execute(f"DROP FUNCTION {table}_frozen_old() CASCADE")
        op.execute("DROP FUNCTION cohort_on_superseded() CASCADE")
        op.execute("DROP FUNCTION supersession_by_live() CASCADE")
        for table in FIXED:
            op.execute(f"DROP FUNCTION {table}_refuse() CASCADE")
    for table in ("criterion_origin", "wording_correction", "supersession", "version_copy"):
        op.drop_table(table)
    op.drop_column("unit", "reference")
    op.drop_column("qualification", "min_credit_at_level")
    op.drop_column("qualification", "at_level")
