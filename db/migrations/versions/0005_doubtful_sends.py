"""what a send needs whose outcome is unknown, and what of somebody who was erased lies with providers still."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("claimed_in", sa.String(length=40)))
    op.add_column("outbox", sa.Column("started_at", sa.DateTime(timezone=True)))
    op.add_column("outbox", sa.Column("looks", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("doubtful", sa.Boolean(), nullable=False, server_default=sa.false()))
    # What is under way was begun by a version that left no such mark: nobody knows how far it got.
    op.execute("UPDATE outbox SET started_at = claimed_until WHERE status = 'sending'")
    op.execute("UPDATE outbox SET doubtful = TRUE WHERE error LIKE 'repeated: %'")
    op.create_table(
        "originals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("place", sa.String(length=8), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_originals")),
    )
    op.create_index("ix_originals_place_due_at", "originals", ["place", "due_at"])
