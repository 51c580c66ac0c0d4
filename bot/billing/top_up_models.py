"""Table of top-ups: hours offered, bought and granted."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from bot.db.types import big_id, big_int, enumerated, json_column, moment, ref
from bot.messaging.messengers import Messenger, no_messenger


class TopUpState(StrEnum):
    """Asked at the manager, offered with a price, and its end."""

    ASKED = "asked"
    OFFERED = "offered"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class TopUp(SQLModel, table=True):
    """Hours to buy for a contract: the price and the text are frozen when offered; one yes makes one GRANT (R4.8)."""

    id: int | None = big_id()
    company_id: int = ref("company.id")
    contract_id: int = ref("contract.id")
    minutes: int
    state: TopUpState = enumerated(TopUpState, default=TopUpState.ASKED)
    asked_by: int = ref("person.id", index=False)
    asked_at: datetime = moment()
    kopecks: int | None = big_int(default=None, nullable=True)  # gross
    vat: int | None = big_int(default=None, nullable=True)
    vat_bp: int | None = None
    texts: dict[str, str] = json_column()
    offered_by: int | None = ref("person.id", nullable=True, index=False)
    offered_at: datetime | None = moment(default=None, nullable=True)
    valid_until: datetime | None = moment(default=None, nullable=True)
    approved_by: int | None = ref("person.id", nullable=True, index=False)
    approved_at: datetime | None = moment(default=None, nullable=True)
    approved_text: str = ""
    text_hash: str = Field(default="", max_length=64)
    messenger: Messenger | None = no_messenger()
    user_id: int | None = big_int(default=None, nullable=True)
    message_id: int | None = big_int(default=None, nullable=True)
    pool_id: int | None = ref("pool.id", nullable=True)
