"""what coordinators do by mail: a history, who took what, what was asked, and conversations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns are added in place: SQLite's other way, a copy of the whole table, would break what refers to it.
    merged_into = sa.Column("merged_into", sa.Integer(), sa.ForeignKey("contacts.id", name=op.f("fk_contacts_merged_into")))
    op.add_column("contacts", merged_into, inline_references=op.get_bind().dialect.name == "sqlite")
    op.create_index(op.f("ix_contacts_merged_into"), "contacts", ["merged_into"])
    op.add_column("inbox", sa.Column("resembles", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("spent_at", sa.DateTime(timezone=True)))
    op.add_column("outbox", sa.Column("attachment_name", sa.Text(), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("attachment", sa.LargeBinary()))
    for table in ("records", "cases"):
        op.add_column(table, sa.Column("assigned_to", sa.Text(), nullable=False, server_default=""))
        op.add_column(table, sa.Column("snoozed_until", sa.DateTime(timezone=True)))
    op.add_column("records", sa.Column("paused_until", sa.DateTime(timezone=True)))
    op.create_index("ix_records_paused_until", "records", ["paused_until"])
    op.add_column("cases", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column("cases", sa.Column("acknowledged_at", sa.DateTime(timezone=True)))
    op.add_column("cases", sa.Column("acknowledged_by", sa.Text(), nullable=False, server_default=""))
    op.add_column("cases", sa.Column("rounds", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("cases", sa.Column("remind_at", sa.DateTime(timezone=True)))
    op.create_index("ix_cases_remind_at", "cases", ["remind_at"])
    _history()
    _conversations()
    _asks()


def _history() -> None:
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("inbox_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_history_inbox_id")),
        sa.ForeignKeyConstraint(["number"], ["numbers.id"], name=op.f("fk_history_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    for column in ("author", "inbox_id", "number"):
        op.create_index(op.f(f"ix_history_{column}"), "history", [column])


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("asked", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_conversations_contact_id")),
        sa.ForeignKeyConstraint(["number"], ["numbers.id"], name=op.f("fk_conversations_number")),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_conversations")),
    )
    op.create_index(op.f("ix_conversations_number"), "conversations", ["number"])


def _asks() -> None:
    op.create_table(
        "asks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("coordinator", sa.Text(), nullable=False),
        sa.Column("references", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_asks_contact_id")),
        sa.ForeignKeyConstraint(["number"], ["numbers.id"], name=op.f("fk_asks_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asks")),
    )
    op.create_index("ix_asks_contact_id_answered_at", "asks", ["contact_id", "answered_at"])
    op.create_index(op.f("ix_asks_number"), "asks", ["number"])
