"""Where each vacancy stands under the band 2-4 rule, kept beside it, so that reports count and do not read.

The view says what the rows mean; triggers copy it into the table in the transaction that changes a vacancy, an
answer or the rule's first day. Days stand there instead of what is true today, so no row goes stale overnight.

Revision: 0032, after 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

WORDS = ("before the rule", "on time", "late", "asked", "returned", "band to read")
# What the view reads of a vacancy: a change of anything else leaves its standing alone.
READ = (
    "flag", "flagged_on", "status", "posted_on", "closes_on", "rule_version", "consideration_due_on",
    "advertised_before_considered", "directorate_id", "service_area", "manager_id",
)  # fmt: skip
VIEW = """
CREATE VIEW vacancy_standing_now AS
SELECT
    v.id AS vacancy_id,
    CASE
        WHEN v.flag = 'unknown' THEN 'band to read'
        WHEN a.id IS NOT NULL AND a.returned_at IS NULL THEN
            CASE
                WHEN v.consideration_due_on IS NULL THEN 'before the rule'
                WHEN a.decided_on <= v.consideration_due_on THEN 'on time'
                ELSE 'late'
            END
        WHEN v.posted_on < r.go_live_on THEN 'before the rule'
        WHEN a.id IS NOT NULL THEN 'returned'
        ELSE 'asked'
    END AS standing,
    v.flagged_on,
    {month} AS flagged_month,
    v.directorate_id,
    v.service_area,
    v.manager_id,
    v.consideration_due_on AS due_on,
    CASE WHEN v.status IN ('closed', 'withdrawn') THEN {first_day} ELSE v.closes_on END AS over_after,
    CASE
        WHEN v.flag <> 'yes' THEN NULL
        WHEN v.advertised_before_considered THEN {first_day}
        WHEN v.posted_on IS NULL THEN
            CASE WHEN v.status = 'advertised' THEN COALESCE(r.go_live_on, {first_day}) END
        WHEN v.posted_on < r.go_live_on THEN NULL
        WHEN {first} <= v.posted_on THEN NULL
        ELSE v.posted_on
    END AS breach_from,
    CASE
        WHEN v.flag = 'yes' AND NOT v.advertised_before_considered AND v.posted_on IS NULL
            AND v.status = 'advertised'
        THEN NULLIF({least}, {last_day})
    END AS breach_until
FROM vacancy v
LEFT JOIN psw_rule r ON r.version = v.rule_version
LEFT JOIN consideration a ON a.vacancy_id = v.id AND a.superseded_at IS NULL
WHERE v.flag <> 'no'
"""
# After what a standing is copied anew, and whose: the words both databases share.
KEPT = {
    "add": ("INSERT ON vacancy WHEN NEW.flag <> 'no'", "= NEW.id"),
    "change": (f"UPDATE OF {', '.join(READ)} ON vacancy", "= NEW.id"),
    "answer": ("INSERT ON consideration", "= NEW.vacancy_id"),
    "return": ("UPDATE OF superseded_at, returned_at ON consideration", "= NEW.vacancy_id"),
    "rule": (
        "UPDATE OF go_live_on ON psw_rule WHEN NEW.go_live_on {differs} OLD.go_live_on",
        "IN (SELECT id FROM vacancy WHERE rule_version = NEW.version)",
    ),
}
FIRST = "(SELECT MIN(f.decided_on) FROM consideration f WHERE f.vacancy_id = v.id)"


def upgrade() -> None:
    op.create_table(
        "vacancy_standing",
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("standing", sa.String(40), nullable=False),
        sa.Column("flagged_on", sa.Date(), nullable=True),
        sa.Column("flagged_month", sa.String(7), nullable=True),
        sa.Column("directorate_id", sa.Uuid(), nullable=True),
        sa.Column("service_area", sa.String(40), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("over_after", sa.Date(), nullable=True),
        sa.Column("breach_from", sa.Date(), nullable=True),
        sa.Column("breach_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "standing IN ({})".format(", ".join(f"'{word}'" for word in WORDS)),
            name=op.f("ck_vacancy_standing_standing"),
        ),
        sa.ForeignKeyConstraint(
            ["vacancy_id"], ["vacancy.id"], name=op.f("fk_vacancy_standing_vacancy_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("vacancy_id", name=op.f("pk_vacancy_standing")),
    )
    op.create_index("ix_vacancy_standing_manager", "vacancy_standing", ["manager_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        upgrade_sqlite()
    else:
        upgrade_postgresql()
    op.execute("INSERT INTO vacancy_standing SELECT * FROM vacancy_standing_now")


def upgrade_sqlite() -> None:
    last = "'9999-12-31'"
    op.execute(
        VIEW.format(
            month="substr(v.flagged_on, 1, 7)",
            first=FIRST,
            first_day="'0001-01-01'",
            last_day=last,
            least=f"min(COALESCE(v.closes_on, {last}), COALESCE(date({FIRST}, '-1 day'), {last}))",
        )
    )

    def keep(name: str, when: str, chosen: str) -> None:
        forget = f"DELETE FROM vacancy_standing WHERE vacancy_id {chosen}; " if name != "add" else ""
        op.execute(
            f"CREATE TRIGGER vacancy_standing_{name} AFTER {when} BEGIN {forget}"
            f"INSERT INTO vacancy_standing SELECT * FROM vacancy_standing_now WHERE vacancy_id {chosen}; END"
        )

    for name, (when, chosen) in KEPT.items():
        keep(name, when.format(differs="IS NOT"), chosen)


def upgrade_postgresql() -> None:
    last = "DATE '9999-12-31'"
    op.execute(
        VIEW.format(
            month="to_char(v.flagged_on, 'YYYY-MM')",
            first=FIRST,
            first_day="DATE '0001-01-01'",
            last_day=last,
            least=f"LEAST(COALESCE(v.closes_on, {last}), COALESCE({FIRST} - 1, {last}))",
        )
    )

    def keep(name: str, when: str, chosen: str) -> None:
        forget = f"DELETE FROM vacancy_standing WHERE vacancy_id {chosen}; " if name != "add" else ""
        op.execute(
            f"CREATE FUNCTION vacancy_standing_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {forget}"
            f"INSERT INTO vacancy_standing SELECT * FROM vacancy_standing_now WHERE vacancy_id {chosen}; "
            "RETURN NULL; END $$"
        )
        event, _, condition = when.partition(" WHEN ")
        op.execute(
            f"CREATE TRIGGER vacancy_standing_{name} AFTER {event} FOR EACH ROW "
            + (f"WHEN ({condition}) " if condition else "")
            + f"EXECUTE FUNCTION vacancy_standing_{name}()"
        )

    for name, (when, chosen) in KEPT.items():
        keep(name, when.format(differs="IS DISTINCT FROM"), chosen)


def downgrade() -> None:
    tables = {
        "add": "vacancy", "change": "vacancy", "answer": "consideration", "return": "consideration", "rule": "psw_rule",
    }  # fmt: skip
    for name, table in tables.items():
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER vacancy_standing_{name}")
        else:
            op.execute(f"DROP TRIGGER vacancy_standing_{name} ON {table}")
            op.execute(f"DROP FUNCTION vacancy_standing_{name}()")
    op.execute("DROP VIEW vacancy_standing_now")
    op.drop_table("vacancy_standing")
