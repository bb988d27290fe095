"""The quarterly second read of "not a PSW role": sample, finding, reply, outcome; never by who answered (V5, A10).

Revision: 0021, after 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SAMPLE_TEXT = "A sample is drawn once and stays as it was drawn"
READ_TEXT = "Finding, reply and outcome are each written once"
OWN_TEXT = "Nobody reads or settles their own answer again (A10)"
KEPT = ("id", "sample_id", "consideration_id", "place")
ONCE = {
    "finding": ("reader_id", "finding", "finding_text", "found_at", "reply_due_on"),
    "replied_at": ("replied_by", "reply_text", "replied_at"),
    "outcome": ("settled_by", "outcome", "outcome_text", "settled_at"),
}
CHANGED = " OR ".join(
    [f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in KEPT]
    + [
        f"(OLD.{mark} IS NOT NULL AND NEW.{c} IS DISTINCT FROM OLD.{c})"
        for mark, columns in ONCE.items()
        for c in columns
    ]
)
OWN = (
    "SELECT 1 FROM consideration c WHERE c.id = NEW.consideration_id "
    "AND (c.decided_by = NEW.reader_id OR c.decided_by = NEW.settled_by)"
)


def upgrade() -> None:
    op.create_table('second_read_sample',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('quarter', sa.String(length=7), nullable=False),
    sa.Column('seed', sa.Integer(), nullable=False),
    sa.Column('frame', sa.Integer(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('drawn_by', sa.Uuid(), nullable=False),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('size BETWEEN 1 AND frame', name=op.f('ck_second_read_sample_size')),
    sa.ForeignKeyConstraint(['drawn_by'], ['person.id'], name=op.f('fk_second_read_sample_drawn_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_second_read_sample')),
    sa.UniqueConstraint('quarter', name=op.f('uq_second_read_sample_quarter'))
    )
    op.create_index(op.f('ix_second_read_sample_drawn_by'), 'second_read_sample', ['drawn_by'], unique=False)
    op.create_table('second_read',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('sample_id', sa.Uuid(), nullable=False),
    sa.Column('consideration_id', sa.Uuid(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('reader_id', sa.Uuid(), nullable=True),
    sa.Column('finding', sa.String(length=40), nullable=True),
    sa.Column('finding_text', sa.Text(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reply_due_on', sa.Date(), nullable=True),
    sa.Column('replied_by', sa.Uuid(), nullable=True),
    sa.Column('reply_text', sa.Text(), nullable=False),
    sa.Column('replied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.Uuid(), nullable=True),
    sa.Column('outcome', sa.String(length=40), nullable=True),
    sa.Column('outcome_text', sa.Text(), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("finding IN ('agree', 'possible', 'unclear')", name=op.f('ck_second_read_finding')),
    sa.CheckConstraint("outcome IN ('stands', 'look again', 'learned')", name=op.f('ck_second_read_outcome')),
    sa.ForeignKeyConstraint(['consideration_id'], ['consideration.id'], name=op.f('fk_second_read_consideration_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['reader_id'], ['person.id'], name=op.f('fk_second_read_reader_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['replied_by'], ['person.id'], name=op.f('fk_second_read_replied_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['sample_id'], ['second_read_sample.id'], name=op.f('fk_second_read_sample_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['settled_by'], ['person.id'], name=op.f('fk_second_read_settled_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_second_read')),
    sa.UniqueConstraint('sample_id', 'consideration_id', name=op.f('uq_second_read_sample_id_consideration_id'))
    )
    for column in ("consideration_id", "reader_id", "replied_by", "settled_by"):
        op.create_index(op.f(f'ix_second_read_{column}'), 'second_read', [column], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgresql()


def guard_sqlite() -> None:
    def refuse(name: str, when: str, text: str) -> None:
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{text}'); END")

    refuse("second_read_sample_no_update", "BEFORE UPDATE ON second_read_sample", SAMPLE_TEXT)
    refuse("second_read_sample_no_delete", "BEFORE DELETE ON second_read_sample", SAMPLE_TEXT)
    refuse(
        "second_read_sample_no_replace",
        "BEFORE INSERT ON second_read_sample WHEN EXISTS "
        "(SELECT 1 FROM second_read_sample t WHERE t.id = NEW.id OR t.quarter = NEW.quarter)",
        SAMPLE_TEXT,
    )
    changed = CHANGED.replace("IS DISTINCT FROM", "IS NOT")
    refuse("second_read_no_update", f"BEFORE UPDATE ON second_read WHEN {changed}", READ_TEXT)
    refuse("second_read_no_delete", "BEFORE DELETE ON second_read", READ_TEXT)
    refuse(
        "second_read_no_replace",
        "BEFORE INSERT ON second_read WHEN EXISTS (SELECT 1 FROM second_read t WHERE t.id = NEW.id "
        "OR (t.sample_id = NEW.sample_id AND t.consideration_id = NEW.consideration_id))",
        READ_TEXT,
    )
    refuse("second_read_own_new", f"BEFORE INSERT ON second_read WHEN EXISTS ({OWN})", OWN_TEXT)
    refuse("second_read_own", f"BEFORE UPDATE ON second_read WHEN EXISTS ({OWN})", OWN_TEXT)


def guard_postgresql() -> None:
    def refusing(name: str, text: str) -> None:
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )

    refusing("second_read_sample_refuse", SAMPLE_TEXT)
    refusing("second_read_refuse", READ_TEXT)
    for name, when, function in (
        ("second_read_sample_no_truncate", "BEFORE TRUNCATE ON second_read_sample", "second_read_sample_refuse"),
        (
            "second_read_sample_no_change",
            "BEFORE DELETE OR UPDATE ON second_read_sample FOR EACH ROW",
            "second_read_sample_refuse",
        ),
        ("second_read_no_truncate", "BEFORE TRUNCATE ON second_read", "second_read_refuse"),
        ("second_read_no_delete", "BEFORE DELETE ON second_read FOR EACH ROW", "second_read_refuse"),
        (
            "second_read_no_update",
            f"BEFORE UPDATE ON second_read FOR EACH ROW WHEN ({CHANGED})",
            "second_read_refuse",
        ),
    ):
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {function}()")
    op.execute(
        "CREATE FUNCTION second_read_own() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF EXISTS ({OWN}) THEN RAISE EXCEPTION '{OWN_TEXT}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER second_read_own BEFORE INSERT OR UPDATE ON second_read "
        "FOR EACH ROW EXECUTE FUNCTION second_read_own()"
    )


def downgrade() -> None:
    """Take them away: an earlier release reads no answer again."""
    op.drop_table("second_read")
    op.drop_table("second_read_sample")
    if op.get_bind().dialect.name != "sqlite":
        for name in ("second_read_refuse", "second_read_sample_refuse", "second_read_own"):
            op.execute(f"DROP FUNCTION {name}() CASCADE")
