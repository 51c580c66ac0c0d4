"""what a draw and a hold were for

Hours that are taken back are those of one time entry or one line of the specification. Draws made before are tied to
the time that was settled at the same moment and on the same day, where no other time shares it.
"""

from collections import defaultdict

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_draw = sa.table(
    "poolentry",
    sa.column("id"),
    sa.column("kind"),
    sa.column("ticket_id"),
    sa.column("work_date"),
    sa.column("made_at", UTCDateTime()),
    sa.column("time_entry_id"),
)
_time = sa.table(
    "timeentry",
    sa.column("id"),
    sa.column("ticket_id"),
    sa.column("work_date"),
    sa.column("settled_at", UTCDateTime()),
    sa.column("billed_minutes"),
)


def upgrade() -> None:
    for column, table in (("time_entry_id", "timeentry"), ("work_line_id", "workline")):
        with op.batch_alter_table("poolentry", schema=None) as batch_op:
            batch_op.add_column(sa.Column(column, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
            batch_op.create_foreign_key(batch_op.f(f"fk_poolentry_{column}_{table}"), table, [column], ["id"])
            batch_op.create_index(batch_op.f(f"ix_poolentry_{column}"), [column], unique=False)
    tie(op.get_bind())


def tie(connection: sa.Connection) -> None:
    """Tie earlier draws to the time they were for."""
    settled = defaultdict(list)
    times = sa.select(_time).where(_time.c.settled_at.is_not(None), _time.c.billed_minutes > 0)
    for row in connection.execute(times.order_by(_time.c.id)).all():
        settled[row.ticket_id, row.work_date, row.settled_at].append(row.id)
    draws = sa.select(_draw).where(_draw.c.kind == "consume", _draw.c.ticket_id.is_not(None))
    for row in connection.execute(draws.order_by(_draw.c.id)).all():
        found = settled.get((row.ticket_id, row.work_date, row.made_at), [])
        if len(found) == 1:
            connection.execute(sa.update(_draw).where(_draw.c.id == row.id).values(time_entry_id=found[0]))


def downgrade() -> None:
    for column, table in (("time_entry_id", "timeentry"), ("work_line_id", "workline")):
        with op.batch_alter_table("poolentry", schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_poolentry_{column}"))
            batch_op.drop_constraint(batch_op.f(f"fk_poolentry_{column}_{table}"), type_="foreignkey")
            batch_op.drop_column(column)
