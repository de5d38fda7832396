"""what is under way while its person is erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("erased_at", sa.DateTime(timezone=True)))
    known = sa.text("erased_at IS NOT NULL")
    op.create_index("ix_outbox_erased", "outbox", ["channel", "erased_at"], sqlite_where=known, postgresql_where=known)
