"""What a Trust sets for itself around vacancies, only ever added to.

Revision: 0034, after 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TEXT = "What a Trust set stays; set it anew"
LIMITS = (
    ("days_to_consider", 1, 20),
    ("soon_days", 1, 5),
    ("reminder_after", 1, 10),
    ("deputy_after", 2, 20),
    ("psw_lead_after", 3, 30),
    ("hr_lead_after", 4, 40),
    ("sample_share", 1, 100),
    ("sample_least", 1, 50),
    ("reply_days", 1, 40),
    ("start_weeks", 1, 52),
)


def upgrade() -> None:
    op.create_table(
        "careers_terms",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name, _, _ in LIMITS),
        sa.Column("redeployment_first", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.CheckConstraint(f"{name} BETWEEN {least} AND {most}", name=op.f(f"ck_careers_terms_{name}"))
            for name, least, most in LIMITS
        ),
        sa.CheckConstraint(
            "reminder_after < deputy_after AND deputy_after < psw_lead_after AND psw_lead_after < hr_lead_after",
            name=op.f("ck_careers_terms_rising"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_careers_terms_number")),
        sa.ForeignKeyConstraint(
            ["set_by"], ["person.id"], name=op.f("fk_careers_terms_set_by"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_careers_terms")),
    )
    op.create_index(op.f("ix_careers_terms_set_by"), "careers_terms", ["set_by"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for name, when in (
            ("no_update", "BEFORE UPDATE ON careers_terms"),
            ("no_delete", "BEFORE DELETE ON careers_terms"),
            (
                "no_replace",
                "BEFORE INSERT ON careers_terms "
                "WHEN EXISTS (SELECT 1 FROM careers_terms t WHERE t.number = NEW.number)",
            ),
        ):
            op.execute(
                f"CREATE TRIGGER careers_terms_{name} {when} BEGIN SELECT RAISE(ABORT, '{TEXT}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION careers_terms_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{TEXT}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for name, when in (
        ("no_change", "BEFORE DELETE OR UPDATE ON careers_terms FOR EACH ROW"),
        ("no_truncate", "BEFORE TRUNCATE ON careers_terms"),
    ):
        op.execute(f"CREATE TRIGGER careers_terms_{name} {when} EXECUTE FUNCTION careers_terms_refuse()")


def downgrade() -> None:
    op.drop_table("careers_terms")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION careers_terms_refuse() CASCADE")
