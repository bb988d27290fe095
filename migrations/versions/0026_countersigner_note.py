"""What a countersigner writes for the assessor, kept with the signature (A10).

Revision: 0026, after 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TEXT = "A countersignature is never changed"
WHEN = "OLD.signed_at IS NOT NULL AND NEW.note <> OLD.note"


def upgrade() -> None:
    op.add_column("countersignature", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER countersignature_note BEFORE UPDATE ON countersignature WHEN {WHEN} "
            f"BEGIN SELECT RAISE(ABORT, '{TEXT}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION countersignature_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {WHEN} THEN "
        f"RAISE EXCEPTION '{TEXT}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER countersignature_note BEFORE UPDATE ON countersignature FOR EACH ROW "
        "EXECUTE FUNCTION countersignature_note()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER countersignature_note")
    else:
        op.execute("DROP TRIGGER countersignature_note ON countersignature")
        op.execute("DROP FUNCTION countersignature_note()")
    op.drop_column("countersignature", "note")
