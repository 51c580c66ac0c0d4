"""what waits, and what is swept, is found by an index, not by reading all that ever was"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_WHOLE = {
    "ix_ticket_board": ("ticket", ["state", "emergency", "id"]),
    "ix_card_message": ("card", ["chat_id", "message_id"]),
}
_PARTLY = {
    "ix_appeal_triage": (
        "appeal",
        ["wants_human", "triaged_at", "id"],
        "\"end\" = 'triage' AND triage_done_at IS NULL",
    ),
    "ix_appeal_answered": ("appeal", ["ended_at"], "\"end\" = 'answered'"),
    "ix_phonecall_untold": ("phonecall", ["id"], "told_at IS NULL AND state IN ('draft', 'unclear')"),
    "ix_alarm_untold": ("alarm", ["id"], "told_at IS NULL"),
    "ix_inbox_done": ("inbox", ["done_at"], "state = 'done'"),
}


def upgrade() -> None:
    for name, (table, columns) in _WHOLE.items():
        op.create_index(name, table, columns)
    for name, (table, columns, words) in _PARTLY.items():
        where = sa.text(words)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
