"""indexes without the rows of which nothing is known yet: a message that comes in touches three pages fewer of some forty."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_inbox_contact_id", "inbox", ("contact_id",), "contact_id IS NOT NULL"),
    ("ix_inbox_address_id", "inbox", ("address_id",), "address_id IS NOT NULL"),
    ("ix_history_author", "history", ("author",), "author != ''"),
)


def upgrade() -> None:
    for name, table, columns, holds in INDEXES:
        op.drop_index(name, table)
        op.create_index(name, table, list(columns), sqlite_where=sa.text(holds), postgresql_where=sa.text(holds))
