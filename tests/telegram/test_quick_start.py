"""aiogram imported for a quick start has every model all the same, each when it is first used."""

import json
import subprocess
import sys

from aiogram.types import Update

# A press below a message with a photo and a reply: it goes through most of what the bot is sent.
SAID = {
    "message_id": 5,
    "date": 1_790_000_000,
    "chat": {"id": 7, "type": "private"},
    "from": {"id": 7, "is_bot": False, "first_name": "Анна"},
    "caption": "Вот",
    "photo": [{"file_id": "p1", "file_unique_id": "u1", "width": 90, "height": 90}],
}
PRESS = {"id": "1", "from": SAID["from"], "chat_instance": "1", "data": "x", "message": SAID}
UPDATE = {"update_id": 1, "callback_query": {**PRESS, "message": {**SAID, "reply_to_message": SAID}}}

QUICKLY = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from bot.telegram.quick_start import import_aiogram

import_aiogram()
from aiogram import methods, types
from pydantic import BaseModel

models = [each for part in (types, methods) for each in (getattr(part, name) for name in part.__all__)]
models = [each for each in models if isinstance(each, type) and issubclass(each, BaseModel)]
unbuilt = sum(not each.__pydantic_complete__ for each in models)
given = json.loads(sys.argv[1])
with ThreadPoolExecutor(8) as lanes:
    read = {each.model_dump_json() for each in lanes.map(types.Update.model_validate, [given] * 64)}
    calls = lanes.map(lambda _: methods.SendMessage(chat_id=7, text="x"), range(64))
    sent = {each.model_dump_json(include={"text"}) for each in calls}
for each in models:
    each.model_rebuild()
missing = [each.__name__ for each in models if not each.__pydantic_complete__]
print(json.dumps({"unbuilt": unbuilt, "read": list(read), "sent": list(sent), "missing": missing}))
"""


def test_every_model_is_there_when_it_is_used_by_whichever_thread() -> None:
    command = (sys.executable, "-W", "error", "-c", QUICKLY, json.dumps(UPDATE))
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    assert found["unbuilt"] > 400
    assert found["read"] == [Update.model_validate(UPDATE).model_dump_json()]
    assert found["sent"] == ['{"text":"x"}']
    assert found["missing"] == []
