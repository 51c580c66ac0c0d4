"""aiogram without its wait: its models of all that Telegram has are built when each is first used.

aiogram builds some 450 of them as it is imported, of which a bot uses a few dozen: 2 of the 2.7 s of the import. Here
pydantic is told to put the building off, and each model keeps the names that it will need for it.
"""

import importlib
import sys
from threading import RLock
from typing import Any

_building = RLock()  # pydantic builds a model for one thread at a time; lanes are several


def import_aiogram() -> None:
    """Import it so, once and before anything else does; where it is there already nothing changes."""
    from pydantic import BaseModel

    if "aiogram" in sys.modules:
        return
    config, rebuild = BaseModel.model_config, BaseModel.__dict__["model_rebuild"]
    names: dict[str, Any] = {}

    def put_off(_model: type[BaseModel], /, *, _types_namespace: dict[str, Any], **_: Any) -> None:
        names.update(_types_namespace)

    BaseModel.model_config = {**config, "defer_build": True}
    BaseModel.model_rebuild = classmethod(put_off)  # type: ignore[method-assign,assignment]  # for this import
    try:
        importlib.import_module("aiogram")
        methods = importlib.import_module("aiogram.methods")
        types = importlib.import_module("aiogram.types")
    finally:
        BaseModel.model_config = config
        BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]  # as it was
    for module in (types, methods):
        for model in vars(module).values():
            if isinstance(model, type) and issubclass(model, BaseModel):
                model.__pydantic_parent_namespace__ = names
    for base in (types.TelegramObject, methods.TelegramMethod):
        base.model_rebuild = classmethod(_one_at_a_time)


def _one_at_a_time(model: Any, /, **how: Any) -> bool | None:
    from pydantic import BaseModel

    with _building:
        built: bool | None = BaseModel.model_rebuild.__func__(model, **how)  # type: ignore[attr-defined]  # of `model`
        return built
