"""A line that asks for a skill: who asks, in which words, and how its answer is said."""

from dataclasses import dataclass

from aiogram.fsm.context import FSMContext
from markupsafe import Markup, escape

from bot.answers.skills.acts import FIGURES, NAME, PHONE
from bot.answers.skills.files import PLACEHOLDER
from bot.answers.skills.models import Skill
from bot.billing.seller.particulars import seller_of
from bot.db.unit_of_work import Subject
from bot.handlers.common.conversation import Conversation
from bot.kb.articles.markdown import to_html
from bot.messaging.notices.texts import spaced_phone
from bot.tickets.intake.close_lookup import close_lookup
from bot.tickets.intake.record import Recorded
from bot.tickets.life.models import AppealEnd

ANSWERED = "skill"  # why an appeal that a skill answered is closed


@dataclass(frozen=True, slots=True)
class SkillWords:
    """The file's own words round the figures."""

    before: Markup
    after: Markup


@dataclass(frozen=True, slots=True)
class SkillCall:
    """A line that asks for a skill. `line`: as it was meant; `number`: of the ticket that it names; `found`: None for
    staff, whose lines are no appeals; `appeal_id` 0: of no appeal, or of none that can go on."""

    turn: Conversation
    state: FSMContext
    skill: Skill
    line: str
    number: int | None
    found: Recorded | None

    @property
    def appeal_id(self) -> int:
        """The appeal that a person may be called with."""
        appeal = self.found.appeal if self.found is not None else None
        return appeal.id if appeal is not None else 0

    @property
    def words(self) -> SkillWords:
        """What the file says before the figures and after them, filled in."""
        seller, person = seller_of(self.turn.session), self.turn.visitor.person
        known = {
            PHONE: spaced_phone(seller.phone) if seller is not None else "",
            NAME: person.name if person is not None else "",
        }
        filled = PLACEHOLDER.sub(
            lambda found: str(escape(known[found[1]])) if found[1] in known else found[0],
            str(to_html(self.skill.words)),
        )
        before, _, after = filled.partition(f"{{{FIGURES}}}")
        return SkillWords(Markup(before.strip()), Markup(after.strip()))  # noqa: S704 - escaped piece by piece above

    def say(self, template: str, subject: Subject) -> None:
        """Answer; in a burst one screen a skill, so that a hundred messages don't bring a hundred of ours (R1.4)."""
        burst = self.found is not None and self.found.burst
        self.turn.say(template, subject, card_key=f"skill:{self.appeal_id}:{self.skill.code}" if burst else None)

    def settle(self) -> None:
        """What was asked is answered: it leaves the appeal's description, and an appeal of nothing else ends. One that
        people have goes on with them."""
        appeal = self.found.appeal if self.found is not None else None
        if self.found is None or appeal is None or self.found.message.ticket_id is not None:
            return
        if appeal.end is not AppealEnd.TRIAGE:
            close_lookup(self.turn.uow, self.found.message, ANSWERED)
