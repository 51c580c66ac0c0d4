"""Buttons of consent, of what a stranger says, and of the settings."""

from collections.abc import Sequence
from typing import Any

from bot.handlers.client.onboarding_presses import Agree, BackToSettings, SwitchLanguage, WithdrawConsent
from bot.handlers.client.presses import NewQuestion
from bot.handlers.manager.staff_presses import PeopleList
from bot.telegram.keyboards import Button, Keyboard, buttons


@buttons("onboarding/consent")
def consent(_lang: str, **_values: Any) -> Keyboard:
    return Keyboard([[Button("onboarding.agree", Agree(yes=1)), Button("onboarding.no_agree", Agree(yes=0))]])


@buttons("onboarding/stranger_thanks")
def introduced(_lang: str, *, appeal_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("kb.new_question", NewQuestion(appeal=appeal_id))]])


@buttons("settings/home")
def settings(
    _lang: str, *, consent: bool, staff: bool, companies: Sequence[tuple[int, str]], **_values: Any
) -> Keyboard:
    withdraw = [Button("settings.withdraw", WithdrawConsent())] if consent and not staff else []
    people = [
        [
            Button(
                "settings.people_of" if len(companies) > 1 else "settings.people",
                PeopleList(company=company_id),
                values={"company": name},
            )
        ]
        for company_id, name in companies
    ]
    return Keyboard([[Button("settings.language", SwitchLanguage())], *people, withdraw])


@buttons("settings/withdraw_sure")
def withdraw_sure(_lang: str, **_values: Any) -> Keyboard:
    return Keyboard(
        [
            [Button("settings.withdraw_yes", WithdrawConsent(sure=1))],
            [Button("settings.back", BackToSettings())],
        ]
    )
