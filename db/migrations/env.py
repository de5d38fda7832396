"""What Alembic runs: always on a connection that somebody hands in."""

from __future__ import annotations

from alembic import context

from db import asked, marks, models  # noqa: F401 - whose tables are the schema
from db.base import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
