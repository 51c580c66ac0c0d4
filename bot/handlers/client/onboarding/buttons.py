"""Buttons of consent, of what a stranger says, and of the settings."""

from bot.clients.models import Company
from bot.handlers.client.onboarding.presses import Agree, BackToSettings, ShareTickets, SwitchLanguage, WithdrawConsent
from bot.handlers.client.onboarding.screens import ConsentAsked, OwnSettings, StrangerHeard
from bot.handlers.client.questions.presses import NewQuestion
from bot.handlers.manager.staff.presses import PeopleList
from bot.messaging.notices.subjects import Nothing
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("onboarding/consent")
def consent(_lang: str, _asked: ConsentAsked) -> Keyboard:
    return Keyboard([[Button("onboarding.agree", Agree(yes=1)), Button("onboarding.no_agree", Agree(yes=0))]])


@buttons("onboarding/stranger_thanks")
def introduced(_lang: str, heard: StrangerHeard) -> Keyboard:
    return Keyboard([[Button("kb.new_question", NewQuestion(appeal=heard.appeal_id))]])


@buttons("settings/home")
def settings(_lang: str, own: OwnSettings) -> Keyboard:
    withdraw = [Button("settings.withdraw", WithdrawConsent())] if own.consent and not own.staff else []
    rows = [row for company in own.companies for row in _of_company(company, one=len(own.companies) == 1)]
    return Keyboard([[Button("settings.language", SwitchLanguage())], *rows, withdraw])


def _of_company(company: Company, *, one: bool) -> list[list[Button]]:
    its, name = company.id, {"company": company.name}
    sharing = "unshare" if company.requesters_see_all else "share"
    return [
        [Button("settings.people" if one else "settings.people_of", PeopleList(company=its), values=name)],
        [
            Button(
                f"settings.{sharing}" if one else f"settings.{sharing}_of",
                ShareTickets(company=its, on=int(not company.requesters_see_all)),
                values=name,
            )
        ],
    ]


@buttons("settings/withdraw_sure")
def withdraw_sure(_lang: str, _shown: Nothing) -> Keyboard:
    return Keyboard(
        [
            [Button("settings.withdraw_yes", WithdrawConsent(sure=1))],
            [Button("settings.back", BackToSettings())],
        ]
    )
