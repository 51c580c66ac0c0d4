"""Putting rows into tables, counting what was added and what was changed."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel

Model = TypeVar("Model", bound=SQLModel)


@dataclass(slots=True)
class Count:
    """How many rows of a kind of sheet are new, changed and as they were."""

    added: int = 0
    changed: int = 0
    same: int = 0


@dataclass(slots=True)
class Writer:
    """Adds and changes rows of one session."""

    session: Session
    counts: dict[str, Count] = field(default_factory=dict)

    def put(
        self, kind: str, found: Model | None, model: type[Model], at_first: dict[str, Any], /, **values: Any
    ) -> Model:
        """Make the row say `values`; `at_first` is set only when it is new. Nothing is written that is so already."""
        if found is None:
            return self.add(kind, model(**at_first, **values))
        different = {name: value for name, value in values.items() if getattr(found, name) != value}
        for name, value in different.items():
            setattr(found, name, value)
        if different:
            self.session.add(found)
            self.count(kind).changed += 1
        else:
            self.count(kind).same += 1
        return found

    def add(self, kind: str, row: Model) -> Model:
        """A new row; it has its id afterwards."""
        self.session.add(row)
        self.session.flush()
        self.count(kind).added += 1
        return row

    def count(self, kind: str) -> Count:
        """The count of a kind of sheet."""
        return self.counts.setdefault(kind, Count())
