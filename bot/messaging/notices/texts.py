"""Every text a person reads comes from here: Jinja2 templates, one folder a language, autoescaped.

A template file is `bot/templates/<lang>/<name>.html`; short labels (buttons, statuses) are in `labels/*.toml`
of the same folder, addressed by `section.key`. Both languages have the same names and keys: a test holds that.
"""

import re
import tomllib
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

import phonenumbers
from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone_location
from babel.plural import PluralRule
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from bot.db.clock import HOME, known_zone, local, same_wall
from bot.db.unit_of_work import NOTHING, Subject
from bot.messaging.notices.subjects import values_of
from bot.messaging.notices.units import MINUTE, okei_of

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LANGUAGES = ("ru", "en")
READER = "_reader_zone"  # in a render, what gives the zone of who reads it
HEAD = re.compile(r"\{# (\w+) #\}\n")


def language(code: str | None) -> str:
    """The nearest language we speak: Russian unless the person's is another one we have."""
    short = (code or "ru").split("-")[0].lower()
    return short if short in LANGUAGES else ("ru" if short in {"be", "uk", "kk", "ky", "uz", "tg", "hy"} else "en")


@lru_cache(maxsize=4)
def _environment(lang: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES / lang),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.globals["lang"] = lang
    environment.globals["label"] = lambda key, **values: label(key, lang, **values)
    environment.filters.update(
        money=lambda kopecks: money(kopecks, lang),
        minutes=lambda count: duration(count, lang),
        times=lambda multiplier: times(multiplier, lang),
        amount=lambda count, unit: amount(count, unit, lang),
        day=pass_context(partial(_day, lang=lang)),
        clock=pass_context(partial(_time, form="HH:mm", lang=lang)),
        weekday=lambda value: _weekday(value, lang),
        whole_weekday=lambda value: format_date(value, "EEEE, d MMMM", locale=lang),
        moment=pass_context(partial(_time, form="d MMMM, HH:mm" if lang == "ru" else "d MMM, HH:mm", lang=lang)),
        of_unit=lambda quantity, unit: of_unit(quantity, unit, lang),
        unit_word=lambda unit: unit_word(unit, lang),
        counted=lambda count, *forms: counted(count, lang, *forms),
        month=lambda value: month(value, lang),
        no=lambda number: numbered(number, lang),
        phone=spaced_phone,
        phones=lambda reached: ", ".join(phone(each.number, each.extension, lang) for each in reached),
        brief=_brief,
        excerpt=_excerpt,
        newest=_newest,
    )
    return environment


@lru_cache(maxsize=4)
def _labels(lang: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for file in sorted((TEMPLATES / lang / "labels").glob("*.toml")):
        for section, entries in tomllib.loads(file.read_text("utf-8")).items():
            flat |= {f"{section}.{key}": text for key, text in entries.items()}
    return flat


@lru_cache(maxsize=512)
def _label_template(key: str, lang: str) -> Any:
    # Labels are plain text: what Telegram shows on a button is not parsed.
    return _environment(lang).overlay(autoescape=False).from_string(_labels(lang)[key])


def label(key: str, lang: str, **values: Any) -> str:
    """A short plain text by key (`menu.tickets`); plain, not HTML. Raises KeyError for an unknown key."""
    text = _labels(lang)[key]
    if "{" not in text:
        return text
    return str(_label_template(key, lang).render(**values))


def labels_of(key: str) -> frozenset[str]:
    """The label in every language, to recognise a pressed reply button."""
    return frozenset(label(key, lang) for lang in LANGUAGES)


def render(template: str, lang: str, subject: Subject = NOTHING, *, reader: Callable[[], str] | None = None) -> str:
    """The text of a template as Telegram-safe HTML, without blank space at its ends. `reader` gives the reader's time
    zone; it is asked once, if at all, however many moments the text tells.

    Raises TypeError for a subject of another class than the template names: a bug, found by tests that tell.
    """
    if type(subject).__name__ != (wanted := subject_of(template)):
        raise TypeError(f"{template} tells of {wanted}, not of {type(subject).__name__}")
    zone = cache(reader) if reader is not None else None
    return _environment(lang).get_template(f"{template}.html").render({**values_of(subject), READER: zone}).strip()


@cache
def subject_of(template: str) -> str:
    """The name of the class that a template gets, from its head; empty for a part of other templates."""
    head = HEAD.match((TEMPLATES / LANGUAGES[0] / f"{template}.html").read_text("utf-8"))
    return head[1] if head else ""


def money(kopecks: int, lang: str) -> str:
    """«3 750 ₽», «833,33 ₽»: kopecks are shown when there are any."""
    roubles, rest = divmod(abs(kopecks), 100)
    sign = "−" if kopecks < 0 else ""
    grouped = f"{roubles:,}".replace(",", "\u00a0" if lang == "ru" else ",")
    point = "," if lang == "ru" else "."
    tail = f"{point}{rest:02}" if rest else ""
    return f"{sign}{grouped}{tail}\u00a0₽" if lang == "ru" else f"{sign}₽{grouped}{tail}"


@lru_cache(maxsize=4)
def _plural(lang: str) -> PluralRule:
    return Locale.parse(lang).plural_form


def counted(count: int, lang: str, *forms: str) -> str:
    """«1 заявка», «2 заявки», «5 заявок»: three forms in Russian, two in English."""
    kind = _plural(lang)(abs(count))
    order = {"one": 0, "few": 1, "many": 2, "other": len(forms) - 1}
    return f"{count}\u00a0{forms[min(order[kind], len(forms) - 1)]}"


def numbered(number: int | str, lang: str) -> str:
    """«№ 49», "No. 49": the number of a ticket, a quote, a paper, never parted from its sign."""
    return f"{'№' if lang == 'ru' else 'No.'}\u00a0{number}"


def duration(minutes: int, lang: str) -> str:
    """«45 мин», «2 ч», «1 ч 30 мин»."""
    whole, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else ""
    h, m = ("ч", "мин") if lang == "ru" else ("h", "min")
    parts = [f"{whole}\u00a0{h}"] if whole else []
    if rest or not whole:
        parts.append(f"{rest}\u00a0{m}")
    return sign + " ".join(parts)


def times(multiplier: int, lang: str) -> str:
    """«1,5» of a multiplier of 15 000 basis points."""
    plain = f"{Decimal(multiplier) / 10_000:f}".rstrip("0").rstrip(".")
    return plain.replace(".", ",") if lang == "ru" else plain


def amount(count: int, unit: str, lang: str) -> str:
    """What a pool counts, in its unit: «1 ч 45 мин», «3 750 ₽» of kopecks, «5 баллов», «2 выезда»."""
    if unit == "minutes":
        return duration(count, lang)
    if unit == "roubles":
        return money(count, lang)
    return counted(count, lang, *label(f"amount.{unit}", lang).split("|"))


def of_unit(quantity: int, unit: str, lang: str) -> str:
    """«2 шт», «1 ч 30 мин» of 90 minutes: a quantity in words of the reader's language."""
    if okei_of(unit) == MINUTE:
        return duration(quantity, lang)
    return f"{quantity}\u00a0{unit_word(unit, lang)}"


def unit_word(unit: str, lang: str) -> str:
    """A unit in the reader's language; one that ОКЕИ doesn't know stays as it was written."""
    code = okei_of(unit)
    return label(f"okei.{code}", lang) if code is not None else unit


def spaced_phone(number: str) -> str:
    """«+7 495 123-45-67»: a number for people to read, grouped as its country does; what is none stays as it is."""
    try:
        parsed = phonenumbers.parse(number, "RU")
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_valid_number(parsed) or parsed.extension:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def phone(number: str, extension: str, lang: str) -> str:
    """«+7 495 123-45-67 доб. 12», or the number alone."""
    shown = spaced_phone(number)
    return label("people.phone", lang, number=shown, extension=extension) if extension else shown


def month(day: date, lang: str) -> str:
    """«октябрь 2026»."""
    return format_date(day, "LLLL y", locale=lang)


def _day(context: Context, value: date | datetime, zone: str | None = None, *, lang: str) -> str:
    """A day; of a moment, the day in a zone, else where its reader is."""
    if isinstance(value, datetime):
        reader = context.get(READER)
        value = local(value, zone or (reader() if reader is not None else HOME))
    return format_date(value, "d MMMM y" if lang == "ru" else "d MMM y", locale=lang)


def _weekday(value: datetime, lang: str) -> str:
    return format_date(value, "EEE, d MMMM" if lang == "ru" else "EEE, d MMM", locale=lang)


def _time(
    context: Context, value: datetime, zone: str | None = None, *, form: str, lang: str, named: bool = False
) -> str:
    """A moment on the clocks of a zone, which is named where they don't show what the reader's do (R3.5), or always
    (`named`); without a zone on the reader's own clocks."""
    reader = context.get(READER)
    own = reader() if reader is not None and (zone is None or not named) else None
    there = zone or own or HOME
    shown = format_datetime(local(value, there), form, locale=lang)
    foreign = own is not None and not same_wall(value, there, own)
    return f"{shown} ({zone_name(there, lang)})" if named or foreign else shown


def zone_name(zone: str, lang: str) -> str:
    """«мск», «время: Владивосток»: whose clocks a time is told by."""
    if zone == HOME:
        return label("time.home", lang)
    return label("time.of", lang, city=get_timezone_location(known_zone(zone), locale=lang, return_city=True))


def moment(value: datetime, lang: str, zone: str) -> str:
    """«24 ноября 2026 г., 12:00 (мск)» at a place: with the year and the zone, for what is kept."""
    form = "d MMMM y 'г.', HH:mm" if lang == "ru" else "d MMM y, HH:mm"
    return f"{format_datetime(local(value, zone), form, locale=lang)} ({zone_name(zone, lang)})"


def _brief(text: str, limit: int = 120) -> str:
    return _cut(" ".join(str(text).split()), limit)


def _newest(text: str, limit: int) -> str:
    """Like `excerpt`, but it is the first words that are left out where there is no room for all (R1.11)."""
    whole = _excerpt(text, len(str(text)) + 1)
    return whole if len(whole) <= limit else f"…{whole[1 - limit :].lstrip()}"


def _excerpt(text: str, limit: int = 600) -> str:
    """Like `brief`, with the lines kept apart."""
    return _cut("\n".join(flat for line in str(text).splitlines() if (flat := " ".join(line.split()))), limit)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
