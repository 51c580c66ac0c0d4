"""Rows of jobs done earlier, each checked by itself."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from bot.imports.files.values import Minutes, Moment, Phone, Price, Whole, YesNo, one_word, text_of, wrong
from bot.imports.rows.row import Code, CompanyRef, ContractRef, ObjectRef, PersonRef, Ref, Row, TicketRef


class TicketRow(Row):
    """A job done earlier."""

    code: Code
    company: CompanyRef | None = None
    contract: ContractRef
    object: ObjectRef
    requester: PersonRef
    engineer: PersonRef | None = None
    work_type: Annotated[str, one_word("work_type", open_ended=True)] = "repair"
    channel: Annotated[str, one_word("channel")] = "visit"
    description: Annotated[str, text_of(8000)]
    priority: Annotated[str, one_word("priority")] = "normal"
    emergency: YesNo = False
    state: Annotated[str, one_word("past_state")] = "closed"
    coverage: Annotated[str, one_word("coverage")]
    opened: Moment
    taken: Moment | None = None
    started: Moment | None = None
    finished: Moment | None = None
    closed: Moment
    rating: Annotated[Whole, Field(ge=1, le=5)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        earlier = self.opened
        for name in ("taken", "started", "finished", "closed"):
            moment = getattr(self, name)
            if moment is not None and moment < earlier:
                raise wrong("moments_order", column=name)
            earlier = moment or earlier
        return self


class CallRow(Row):
    """A phone call as the telephony reports it (R5.8)."""

    code: Annotated[str, text_of(80)]
    started: Moment
    seconds: Annotated[Whole, Field(ge=0, le=86_400)]
    phone: Phone
    engineer: PersonRef
    answered: YesNo = True
    purpose: Annotated[str, one_word("call_purpose")] = "work"


class TicketWorkRow(Row):
    """A work or part of an earlier job."""

    key: ClassVar[tuple[str, ...]] = ("ticket", "item")
    ticket: TicketRef
    item: Annotated[Code, Ref("work_items")]
    quantity: Annotated[Whole, Field(ge=1, le=10_000)] = 1
    price: Price | None = None
    coverage: Annotated[str, one_word("line_coverage")] = "covered"

    @model_validator(mode="after")
    def _paid_has_a_price(self) -> Self:
        if self.coverage == "quote" and self.price is None:
            raise wrong("required", column="price")
        return self


class TimeEntryRow(Row):
    """Minutes spent on an earlier job."""

    key: ClassVar[tuple[str, ...]] = ("ticket", "engineer", "started")
    ticket: TicketRef
    engineer: PersonRef
    channel: Annotated[str, one_word("channel")] = "visit"
    started: Moment
    minutes: Annotated[Minutes, Field(gt=0)]
    billed: Minutes | None = None
    reason: Annotated[str, text_of(300)] | None = None


class ApprovalRow(Row):
    """The decision on the paid works of an earlier job."""

    key: ClassVar[tuple[str, ...]] = ("ticket",)
    ticket: TicketRef
    person: PersonRef
    approved: YesNo = True
    decided: Moment
    way: Annotated[str, one_word("approval_way")] = "button"
