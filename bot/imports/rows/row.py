"""What rows of every kind have in common: their keys, their references, the lengths of the tables they go to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo, model_validator

from bot.imports.files.cells import is_dash, is_no_date
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


def _holds(annotation: Any, *kinds: type) -> bool:
    return annotation in kinds or any(_holds(part, *kinds) for part in get_args(annotation))


class Row(BaseModel):
    """A row; `key` are the fields that no two rows of a sheet may share. What is `said` may be a column that the sheet
    doesn't have, but where it has it an empty cell is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    key: ClassVar[tuple[str, ...]] = ("code",)
    said: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, cells: Any) -> Any:
        return cls.meant(cells)

    @classmethod
    def meant(cls, cells: Mapping[str, str]) -> dict[str, str]:
        """The cells of a row that say something: not a date that isn't set, nor a dash, which is a «no» where there are
        only yes and no."""
        fields = {name: info.annotation for name, info in cls.model_fields.items()}
        return {
            name: "-" if is_dash(text) else text
            for name, text in cells.items()
            if not (is_no_date(text) and _holds(fields.get(name), date, datetime))
            and not (is_dash(text) and not _holds(fields.get(name), bool))
        }

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
