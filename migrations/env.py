"""Runs migrations inside the application's own engine."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from recovery_college.kernel.db import db
from recovery_college.kernel.schema import belongs_to_us

engine = current_app.extensions["migrate"].db.engine


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
        include_object=belongs_to_us,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with engine.connect() as fresh:
        run(fresh)
        fresh.commit()
