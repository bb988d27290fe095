"""Sources on NHS Jobs that are fetched, each fetch, and where a vacancy was seen (V6).

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vacancy_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("keyword", sa.String(length=100), nullable=False),
        sa.Column("location", sa.String(length=100), nullable=False),
        sa.Column("distance", sa.Integer(), nullable=True),
        sa.Column("employer", sa.String(length=200), nullable=False),
        sa.Column("bands", sa.JSON(), nullable=False),
        sa.Column("every_day", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vacancy_feed")),
        sa.UniqueConstraint("name", name=op.f("uq_vacancy_feed_name")),
    )
    numbers = (
        "total", "done", "pages", "found", "created", "updated", "unchanged", "refused", "left_out", "closed",
        "reopened",
    )
    op.create_table(
        "vacancy_feed_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("feed_id", sa.Uuid(), nullable=False),
        sa.Column("started_by", sa.String(length=80), nullable=False),
        sa.Column("started_role", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("refusals", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("trouble", sa.String(length=500), nullable=False),
        sa.CheckConstraint("done <= total", name=op.f("ck_vacancy_feed_run_done")),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["vacancy_feed.id"], name=op.f("fk_vacancy_feed_run_feed_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vacancy_feed_run")),
    )
    op.create_index("ix_vacancy_feed_run_feed_id", "vacancy_feed_run", ["feed_id", "started_at"], unique=False)
    open_run = sa.text("finished_at IS NULL")
    op.create_index(
        "uq_vacancy_feed_run_under_way", "vacancy_feed_run", ["feed_id"], unique=True,
        sqlite_where=open_run, postgresql_where=open_run,
    )
    op.create_table(
        "vacancy_sighting",
        sa.Column("feed_id", sa.Uuid(), nullable=False),
        sa.Column("band", sa.String(length=2), nullable=False),
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["vacancy_feed.id"], name=op.f("fk_vacancy_sighting_feed_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["vacancy_id"], ["vacancy.id"], name=op.f("fk_vacancy_sighting_vacancy_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("feed_id", "band", "vacancy_id", name=op.f("pk_vacancy_sighting")),
    )
    op.create_index("ix_vacancy_sighting_vacancy_id", "vacancy_sighting", ["vacancy_id"], unique=False)
    op.execute("ALTER TABLE vacancy ADD COLUMN left_feed_on DATE")


def downgrade() -> None:
    op.execute("ALTER TABLE vacancy DROP COLUMN left_feed_on")
    op.drop_table("vacancy_sighting")
    op.drop_table("vacancy_feed_run")
    op.drop_table("vacancy_feed")
