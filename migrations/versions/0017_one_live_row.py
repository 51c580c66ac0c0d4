"""one live row of a role, a consent, an account, a ceiling, an exemption, a dispute, a price list: of two the newest stays"""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# By table: what ends a row, when it began, its key, and what no two live rows share.
_ENDED = {
    "employment": ("ended_at", "granted_at", ["id"], ["person_id", "role"]),
    "membership": ("ended_at", "granted_at", ["id"], ["person_id", "company_id", "role", "site_id"]),
    "consent": ("withdrawn_at", "given_at", ["id"], ["person_id", "kind"]),
    "account": ("unlinked_at", "linked_at", ["messenger", "user_id"], ["messenger", "person_id"]),
    "ceiling": ("ended_at", "granted_at", ["id"], ["company_id", "object_id"]),
    "debtexemption": ("ended_at", "given_at", ["id"], ["company_id"]),
    "invoicedispute": ("settled_at", "made_at", ["id"], ["company_id", "invoice"]),
}
_INDEXES = {
    "uq_employment_live": ("employment", ["person_id", "role"], "ended_at IS NULL"),
    "uq_membership_site": ("membership", ["person_id", "company_id", "role", "site_id"], "ended_at IS NULL"),
    "uq_membership_whole": ("membership", ["person_id", "company_id", "role"], "ended_at IS NULL AND site_id IS NULL"),
    "uq_consent_live": ("consent", ["person_id", "kind"], "withdrawn_at IS NULL"),
    "uq_account_live": ("account", ["messenger", "person_id"], "unlinked_at IS NULL"),
    "uq_ceiling_live": ("ceiling", ["company_id", "object_id"], "ended_at IS NULL"),
    "uq_debtexemption_live": ("debtexemption", ["company_id"], "ended_at IS NULL"),
    "uq_invoicedispute_live": ("invoicedispute", ["company_id", "invoice"], "settled_at IS NULL"),
}
_ended = sa.table(
    "endeddouble",
    sa.column("of_table"),
    sa.column("row"),
    sa.column("kept"),
    sa.column("ended_at", UTCDateTime()),
)


def upgrade() -> None:
    op.create_table(
        "endeddouble",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("of_table", sa.String(60), nullable=False),
        sa.Column("row", sa.String(120), nullable=False),
        sa.Column("kept", sa.String(120), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    keep_newest(op.get_bind())
    for name, (table, columns, words) in _INDEXES.items():
        where = sa.text(words)
        op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)
    op.create_index(
        "uq_pricelist_current",
        "pricelist",
        ["code"],
        unique=True,
        sqlite_where=sa.text('"current" = 1'),
        postgresql_where=sa.text('"current"'),
    )


def keep_newest(connection: sa.Connection) -> None:
    """Of live rows of one thing the newest stays; the others end at its beginning, and are noted."""
    for name, (ends, begins, key, shared) in _ENDED.items():
        moments = [sa.column(each, UTCDateTime()) for each in (ends, begins)]
        table = sa.table(name, *(sa.column(each) for each in {*key, *shared}), *moments)
        ours = [table.c[each] for each in key]
        live = sa.select(*ours, *(table.c[each].label(f"of_{each}") for each in shared), table.c[begins].label("since"))
        newest = live.where(table.c[ends].is_(None)).order_by(table.c[begins].desc(), *(each.desc() for each in ours))
        kept: dict[Sequence[object], tuple[Sequence[object], object]] = {}
        for row in connection.execute(newest).all():
            mine, of, since = tuple(row[: len(key)]), tuple(row[len(key) : -1]), row[-1]
            if of not in kept:
                kept[of] = mine, since
                continue
            stays, at = kept[of]
            same = sa.and_(*(column == value for column, value in zip(ours, mine, strict=True)))
            connection.execute(sa.update(table).where(same).values({ends: at}))
            _note(connection, name, mine, stays, at)
    _keep_newest_list(connection)


def _keep_newest_list(connection: sa.Connection) -> None:
    """Of two versions of a price list that are both the newest, the one made later is; days they price stay."""
    lists = sa.table(
        "pricelist", sa.column("id"), sa.column("code"), sa.column("version"), sa.column("current", sa.Boolean())
    )
    current = sa.select(lists.c.id, lists.c.code).where(lists.c.current.is_(True))
    kept: dict[str, int] = {}
    for row_id, code in connection.execute(current.order_by(lists.c.version.desc(), lists.c.id.desc())).all():
        if kept.setdefault(code, row_id) != row_id:
            connection.execute(sa.update(lists).where(lists.c.id == row_id).values(current=False))
            _note(connection, "pricelist", (row_id,), (kept[code],), datetime.now(UTC))


def _note(connection: sa.Connection, name: str, row: Sequence[object], kept: Sequence[object], at: object) -> None:
    said = ["/".join(map(str, each)) for each in (row, kept)]
    connection.execute(sa.insert(_ended).values(of_table=name, row=said[0], kept=said[1], ended_at=at))


def downgrade() -> None:
    op.drop_index("uq_pricelist_current", "pricelist")
    for name, (table, _columns, _where) in _INDEXES.items():
        op.drop_index(name, table)
    op.drop_table("endeddouble")
