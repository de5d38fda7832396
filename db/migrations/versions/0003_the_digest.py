"""what the digest looks up: who opted out, what was closed, what was asked and not answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_addresses_opted_out_at"), "addresses", ["opted_out_at"])
    op.create_index("ix_records_closed_at_status", "records", ["closed_at", "status"])
    unanswered = sa.text("answered_at IS NULL")
    op.create_index("ix_asks_unanswered", "asks", ["number", "asked_at"], sqlite_where=unanswered, postgresql_where=unanswered)
