"""What rows of every kind have in common: their keys, their references, the lengths of the tables they go to."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo, model_validator

from bot.imports.files.cells import is_no_date
from bot.imports.files.values import day, text_of, wrong

Code = Annotated[str, text_of(40)]
Name = Annotated[str, text_of(200)]
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ref:
    """Marks a field whose value is the code of a row of another sheet, here or loaded earlier."""

    sheet: str


def _day(value: Any, info: ValidationInfo) -> Any:
    return day(value, (info.context or {}).get("today")) if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_day)]
CompanyRef = Annotated[Code, Ref("companies")]
ContractRef = Annotated[str, text_of(60), Ref("contracts")]
PersonRef = Annotated[Code, Ref("people")]
ObjectRef = Annotated[Code, Ref("objects")]
PlanRef = Annotated[Code, Ref("plans")]
TicketRef = Annotated[Code, Ref("tickets")]


def _holds_date(annotation: Any) -> bool:
    return annotation in (date, datetime) or any(_holds_date(part) for part in get_args(annotation))


class Row(BaseModel):
    """A row; `key` are the fields that no two rows of a sheet may share. What is `said` may be a column that the sheet
    doesn't have, but where it has it an empty cell is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    key: ClassVar[tuple[str, ...]] = ("code",)
    said: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def _dates_not_set_are_empty(cls, cells: Any) -> Any:
        dated = {name for name, info in cls.model_fields.items() if _holds_date(info.annotation)}
        return {name: text for name, text in cells.items() if not (name in dated and is_no_date(text))}

    def own_key(self) -> tuple[Any, ...]:
        """What tells this row from others of its sheet, over repeated imports too."""
        return tuple(getattr(self, name) for name in self.key)


class Dated(Row):
    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for first, last in (("starts", "ends"), ("valid_from", "valid_to")):
            since, until = getattr(self, first, None), getattr(self, last, None)
            if since is not None and until is not None and until < since:
                raise wrong("ends_before", column=last)
        return self
