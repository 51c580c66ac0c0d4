"""shared numbers are international

A contact shared without «+» was read as a Russian number first. What was kept of it is read anew here: a stranger's
number is put right; an account that came in as a known person by such a reading speaks for them no more, until it
shows its number again.
"""

import phonenumbers
import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_person = sa.table("person", sa.column("id"), sa.column("code"), sa.column("phone"))
_account = sa.table("account", sa.column("user_id"), sa.column("person_id"), sa.column("unlinked_at", UTCDateTime()))
_membership = sa.table("membership", sa.column("person_id"))
_employment = sa.table("employment", sa.column("person_id"))
_message = sa.table(
    "message",
    sa.column("kind"),
    sa.column("appeal_id"),
    sa.column("chat_id"),
    sa.column("file", sa.JSON()),
    sa.column("sent_at", UTCDateTime()),
    sa.column("id"),
)


def upgrade() -> None:
    connection = op.get_bind()
    # An own contact is history: the only contact kept without an appeal.
    shared = sa.select(_message).where(_message.c.kind == "contact", _message.c.appeal_id.is_(None))
    for message in connection.execute(shared.where(_message.c.chat_id.is_not(None)).order_by(_message.c.id)).all():
        raw = str((message.file or {}).get("phone", "")).strip()
        right, wrong = f"+{raw}", _as_it_was_read(raw)
        if not (raw.isascii() and raw.isdigit()) or wrong is None or wrong == right:
            continue
        owner = connection.execute(
            sa.select(_person.c.id, _person.c.code)
            .join(_account, _account.c.person_id == _person.c.id)
            .where(_account.c.user_id == message.chat_id, _account.c.unlinked_at.is_(None), _person.c.phone == wrong)
        ).first()
        if owner is None:
            continue
        known = owner.code is not None or any(
            connection.execute(sa.select(table.c.person_id).where(table.c.person_id == owner.id).limit(1)).first()
            for table in (_membership, _employment)
        )
        if known:
            silenced = sa.update(_account).where(_account.c.user_id == message.chat_id)
            connection.execute(silenced.values(unlinked_at=message.sent_at))
        else:
            connection.execute(sa.update(_person).where(_person.c.id == owner.id).values(phone=right))


def downgrade() -> None:
    """The wrong reading is not brought back."""


def _as_it_was_read(text: str) -> str | None:
    if len(text) == len("79001234567") and text.startswith("7"):
        text = f"+{text}"
    for candidate in (text, f"+{text}"):
        try:
            number = phonenumbers.parse(candidate, "RU")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None
