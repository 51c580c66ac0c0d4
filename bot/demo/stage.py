"""The stage: actors with phones in the sandbox, who write, press, and say what they must see."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.demo.transcript import Transcript, Unwritten
from bot.sandbox.client import BotHandle, Group, NotPossibleError, NotSeenError, Person, Pressed, SandboxClient, Seen
from bot.sandbox.seen import read_seen

PATIENCE = 30.0
SHOWN_ON_FAILURE = 4


class StepFailedError(AssertionError):
    """A step of the story did not hold; says what was expected and what was there."""

    def __init__(self, who: str, expected: str, there: str) -> None:
        super().__init__(f"{who}\n  expected: {expected}\n  was there:\n{there}")


@dataclass
class Stage:
    """One bot, its people and the engineers' group.

    `quiet` waits until the bot has nothing left to do; `patience`: seconds that a message may take to come.
    """

    sandbox: SandboxClient
    bot: BotHandle
    transcript: Transcript
    quiet: Callable[[], Awaitable[None]]
    patience: float = PATIENCE
    actors: list["Actor"] = field(default_factory=list)
    group: Group | None = None
    _written: dict[tuple[int, int, int], int] = field(default_factory=dict)

    async def enters(self, name: str, about: str, phone: str | None = None, language: str = "ru") -> "Actor":
        """A new person with a phone; `about` is who they are, for readers."""
        first, _, last = name.partition(" ")
        person = await self.sandbox.person(
            first, last_name=last or None, phone=phone, about=about, language_code=language
        )
        actor = Actor(name, about, person, self)
        self.actors.append(actor)
        return actor

    async def founds_group(self, title: str, *people: "Actor", forum: bool = True) -> Group:
        """The engineers' group with the bot as its administrator; the first person owns it."""
        self.group = await self.sandbox.group(title, *(actor.person for actor in people), self.bot, forum=forum)
        return self.group

    async def scene(self, title: str) -> None:
        """Begin a chapter; what the last one left unread is written down first."""
        await self.writes_down_the_rest()
        self.transcript.scene(title)

    def hushed(self) -> Transcript:
        """Write nothing down until `speaks`; returns what was written to."""
        usual, self.transcript = self.transcript, Unwritten()
        return usual

    async def speaks(self, usual: Transcript) -> None:
        """Write down again; what happened meanwhile is left out."""
        await self.writes_down_the_rest()
        self.transcript = usual

    async def writes_down_the_rest(self) -> None:
        """Wait until the bot is quiet and write down what nobody waited for."""
        await self.quiet()
        for actor in self.actors:
            await self.write_down(actor, self.bot)
        if self.group is not None and self.actors:
            member = next((actor for actor in self.actors if actor.in_group), None)
            if member is not None:
                await self.write_down(member, self.group)

    async def write_down(self, actor: "Actor", peer: BotHandle | Group, upto: Seen | None = None) -> None:
        """Write down what this chat shows and was not written yet, up to a message."""
        group = isinstance(peer, Group)
        try:
            look = await actor.person.looks(peer)
        except NotPossibleError:
            return  # has never spoken to the bot: there is no chat
        topics = {topic["id"]: topic["name"] for topic in look["topics"]}
        for shown in look["messages"]:
            if shown["mine"] or shown["kind"] == "service" or not shown["from"]["is_bot"]:
                continue
            if upto is not None and shown["changed"] > upto.changed:
                continue
            key = (peer.id, 0 if group else actor.person.id, shown["message_id"])
            if self._written.get(key, 0) >= shown["changed"]:
                continue
            edited = key in self._written
            self._written[key] = shown["changed"]
            rows = [[button["text"] for button in row] for row in shown["buttons"]]
            if not rows and shown["keyboard"]:
                rows = [[button["text"] for button in row] for row in shown["keyboard"].get("keyboard", [])]
            topic = topics.get(shown["thread"])
            to = (f"{peer.title}, тема «{topic}»" if topic else peer.title) if isinstance(peer, Group) else actor.name
            text = shown["text"] or f"[{shown['kind']}]"
            self.transcript.shown("Firstline", to, text, rows, edited=edited)


@dataclass
class Actor:
    """A person of the story. What is not said to be elsewhere happens in the chat with the bot."""

    name: str
    about: str
    person: Person
    stage: Stage
    in_group: bool = False

    async def starts(self, payload: str = "") -> None:
        """Open the bot, by a deep link if a payload is given."""
        self._did(f"/start {payload}".strip())
        await self.person.starts(self.stage.bot, payload)

    async def says(self, text: str, where: Group | None = None, **how: Any) -> Seen:
        """Write a line."""
        self._did(text, where)
        return await self.person.says(where or self.stage.bot, text, **how)

    async def sends_photo(self, content: bytes, caption: str = "") -> Seen:
        """Send a picture."""
        self._did(f"[фото] {caption}".strip())
        return await self.person.sends(self.stage.bot, "photo", content, "photo.png", caption, mime="image/png")

    async def shares_phone(self) -> None:
        """Press the button that sends one's own number."""
        self._did(f"[отправляет свой номер {self.person.phone}]")
        await self.person.shares_contact(self.stage.bot)

    async def presses(
        self, button: str, where: Group | None = None, on: Seen | None = None, data: str | None = None
    ) -> Pressed:
        """Press the newest button with this text. Raises StepFailedError with the buttons there are."""
        self._did(f"[{button}]", where)
        try:
            return await self.person.presses(where or self.stage.bot, None if data else button, data=data, on=on)
        except NotPossibleError as error:
            raise StepFailedError(self.name, f"a button «{button}»", f"    {error}") from None

    async def sees(
        self,
        *words: str,
        buttons: Sequence[str] = (),
        where: Group | None = None,
        claim: str = "",
        after: int | None = None,
    ) -> Seen:
        """Wait for a message with all of these words and buttons that came, or changed, after this person's last act
        in the chat (or after change `after`). Raises StepFailedError."""
        peer = where or self.stage.bot
        end = asyncio.get_running_loop().time() + self.stage.patience
        expected = ", ".join([*(f"«{word}»" for word in words), *(f"[{button}]" for button in buttons)])
        while True:
            look = await self.person.looks(peer)
            since = look["acted"] if after is None else after
            found = [
                message
                for message in map(read_seen, look["messages"])
                if not message.mine and message.changed > since and _has(message, words, buttons)
            ]
            if found:
                await self.stage.write_down(self, peer, found[-1])
                if claim:
                    self.stage.transcript.held(claim)
                return found[-1]
            left = end - asyncio.get_running_loop().time()
            newest = max((message["changed"] for message in look["messages"]), default=0)
            try:
                await self.person.waits_for(peer, after=max(newest, since), timeout=max(0.0, left))
            except NotSeenError:
                there = await self.person.sees(peer)
                raise StepFailedError(self.name, expected, _last(there)) from None

    async def sees_toast(self, text: str = "", where: Group | None = None, claim: str = "") -> str:
        """The short answer to the last press. Raises StepFailedError."""
        peer = where or self.stage.bot
        try:
            toast = await self.person.waits_for_toast(peer, text, timeout=self.stage.patience)
        except NotSeenError:
            toasts = await self.person.toasts(peer)
            raise StepFailedError(self.name, f"the answer «{text}»", f"    {toasts[-1:] or '-'}") from None
        self.stage.transcript.note(f"{self.name} видит: {toast}")
        if claim:
            self.stage.transcript.held(claim)
        return toast

    async def sees_nothing_of(self, *words: str, claim: str = "", where: Group | None = None) -> None:
        """Nothing with these words is in the chat once the bot is quiet. Raises StepFailedError."""
        await self.stage.quiet()
        there = await self.person.sees(where or self.stage.bot)
        found = [message for message in there if not message.mine and _has(message, words, ())]
        if found:
            raise StepFailedError(self.name, f"nothing with {', '.join(words)}", _last(found))
        if claim:
            self.stage.transcript.held(claim)

    def holds(self, claim: str, true: bool, there: object) -> None:
        """A step that is counted rather than seen. Raises StepFailedError."""
        if not true:
            raise StepFailedError(self.name, claim, f"    {there}")
        self.stage.transcript.held(claim)

    def _did(self, what: str, where: Group | None = None) -> None:
        self.stage.transcript.act(f"{self.name} ({self.about})", where.title if where else "", what)


def plain(text: str) -> str:
    """A text with ordinary spaces, to be compared with what a person would type."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _has(message: Seen, words: Sequence[str], buttons: Sequence[str]) -> bool:
    labels = [*message.labels, *(label for row in message.keyboard or [] for label in row)]
    text = plain(message.text)
    return all(word in text for word in words) and all(
        any(each in plain(label) for label in labels) for each in buttons
    )


def _last(messages: Sequence[Seen]) -> str:
    lines = []
    for message in messages[-SHOWN_ON_FAILURE:]:
        text = plain(message.text).replace("\n", "\n      ")
        lines.append(f"    {'>' if message.mine else '<'} {text or message.kind} {message.labels or ''}")
    return "\n".join(lines) or "    nothing"
