"""what a messenger numbers is keyed by the messenger too; what is there is Telegram's"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_FIRST = "telegram"
# Tables and the rest of their primary key, where the messenger is a part of it.
_KEYED: dict[str, tuple[str, ...]] = {
    "account": ("user_id",),
    "staffchat": ("chat_id",),
    "card": ("bot_id", "chat_id", "card_key"),
    "topic": ("bot_id", "chat_id", "topic_key"),
    "sent_copy": ("bot_id", "chat_id", "message_id"),
    "dialogue": ("bot_id", "chat_id", "user_id", "thread_id"),
    "reach": ("bot_id", "chat_id"),
    "upload": ("bot_id", "blob_id"),
    "inbox": (),
    "outbox": (),
    "consent": (),
}
# Tables with an id that may be empty: the messenger is, where it is.
_BESIDE = {"message": "chat_id", "approval": "user_id", "topup": "user_id", "invitation": "used_by"}
_UNIQUE = {
    "inbox": ("uq_inbox_update", ("bot_id", "update_id")),
    "message": ("uq_message_source", ("chat_id", "message_id")),
}


def upgrade() -> None:
    for table in _KEYED:
        op.add_column(table, sa.Column("messenger", sa.String(30), server_default=_FIRST, nullable=False))
    for table, beside in _BESIDE.items():
        op.add_column(table, sa.Column("messenger", sa.String(30), nullable=True))
        op.execute(f"UPDATE {table} SET messenger = '{_FIRST}' WHERE {beside} IS NOT NULL")  # noqa: S608 - our own
    for table, key in _KEYED.items():
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column("messenger", server_default=None)
            if key:
                batch_op.drop_constraint(f"pk_{table}", type_="primary")
                batch_op.create_primary_key(f"pk_{table}", ["messenger", *key])
            _number(batch_op, table, ("messenger",))
    with op.batch_alter_table("message") as batch_op:
        _number(batch_op, "message", ("messenger",))


def _number(batch_op: BatchOperations, table: str, first: Sequence[str]) -> None:
    """Make the unique key of a table anew, with these columns before its own."""
    if table in _UNIQUE:
        name, columns = _UNIQUE[table]
        batch_op.drop_constraint(name, type_="unique")
        batch_op.create_unique_constraint(name, [*first, *columns])


def downgrade() -> None:
    with op.batch_alter_table("message") as batch_op:
        _number(batch_op, "message", ())
    for table, key in _KEYED.items():
        with op.batch_alter_table(table) as batch_op:
            _number(batch_op, table, ())
            if key:
                batch_op.drop_constraint(f"pk_{table}", type_="primary")
                batch_op.create_primary_key(f"pk_{table}", list(key))
    for table in (*_KEYED, *_BESIDE):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("messenger")
