"""Sums and times read a second time, character by character, from the words of the calc page alone: no regex, nothing
shared with the product. Returns None for an error."""

from dataclasses import dataclass

SPACES = " \u00a0\u2009\u202f\t"
THOUSANDS = ("тысяча", "тысячи", "тысяч", "тыс.", "тыс", "т.р.", "тр", "к")
ROUBLES = ("рублей", "рубля", "рубль", "руб.", "руб", "rub", "р.", "р", "₽")
KOPECKS = ("копеек", "копейки", "коп.", "коп")
AFTER_SUM = {"млн", "млрд", "шт", "ч", "час", "мин", "кг", "м", "км"}
AFTER_SUM |= {"штука", "штуки", "штук", "часа", "часов", "минута", "минуты", "минут"}
MINUTES = ("минута", "минуты", "минуту", "минут", "мин.", "мин", "м", "minutes", "minute", "min", "m")
HOURS = ("часов", "часа", "час", "ч.", "ч", "hours", "hour", "hr", "h")
AFTER_TIME = {word.strip(".") for word in (*MINUTES, *HOURS)}
AFTER_TIME |= {"дня", "дней", "день", "шт", "штук", "сек", "секунд", "раза", "недели", "полчаса", "hrs", "days"}
PHRASES = {"час": 60, "полчаса": 30, "пол часа": 30, "полтора часа": 90, "четверть часа": 15}


def low(text: str) -> str:
    return text.lower().replace("ё", "е")


def digit(char: str) -> bool:
    return char != "" and char in "0123456789"


@dataclass
class Tape:
    text: str
    at: int = 0

    def peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.text[place] if place < len(self.text) else ""

    def spaces(self) -> int:
        begin = self.at
        while self.peek() and self.peek() in SPACES:
            self.at += 1
        return self.at - begin

    def digits(self) -> str:
        begin = self.at
        while digit(self.peek()):
            self.at += 1
        return self.text[begin : self.at]

    def word(self, words: tuple[str, ...], glued: tuple[str, ...] = ()) -> str:
        """One of the words, whole; behind spaces or none. One that ends in a dot ends by it."""
        begin = self.at
        self.spaces()
        for word in words:
            if low(self.text[self.at : self.at + len(word)]) != word:
                continue
            after = Tape(self.text, self.at + len(word))
            if word.endswith(".") or not after.peek().isalpha() or (glued and Tape(self.text, after.at).word(glued)):
                self.at = after.at
                return word
        self.at = begin
        return ""

    def rest(self, units: set[str]) -> str | None:
        here = self.peek()
        punctuation = here != "" and here in "!\"#%&'()*,-./:;?@[\\]_{}¡§«·»¿–—‘’“”„…"
        if here and here not in SPACES and not punctuation and self.text[self.at - 1] != ".":
            return None
        inside = here not in SPACES and not here.isalnum() and here not in "([{«„“"
        if here and inside and digit(self.peek(1)):
            return None
        while self.peek() and (self.peek() in SPACES or self.peek() in ",.:;–—-"):
            self.at += 1
        found = self.text[self.at :]
        while found and found[-1] in SPACES:
            found = found[:-1]
        if found and (digit(found[0]) or found[0] in "%*×₽"):
            return None
        if found and low(found[0]) in "xх" and not found[1:2].isalpha():
            return None
        if found and found[0] in "+/-−" and digit(found[1:].lstrip(SPACES)[:1]):
            return None
        first = ""
        for char in found:
            if not char.isalpha():
                break
            first += low(char)
        return None if first in units else found


def second_sum(text: str) -> tuple[int, str] | None:
    tape = Tape(text)
    tape.spaces()
    whole, groups = tape.digits(), 0
    if not whole:
        return None
    if len(whole) <= 3:
        while tape.peek() and tape.peek() in SPACES:
            ahead = Tape(text, tape.at + 1)
            group = ahead.digits()
            if len(group) != 3:
                break
            whole, groups, tape.at = whole + group, groups + 1, ahead.at
    part = ""
    if tape.peek() and tape.peek() in ",." and digit(tape.peek(1)):
        tape.at += 1
        part = tape.digits()
    thousand, roubles = tape.word(THOUSANDS, ROUBLES), tape.word(ROUBLES)
    if groups > 1 and not thousand and not roubles:
        return None
    if len(part) > (3 if thousand else 2):
        return None
    coins, ahead = 0, Tape(text, tape.at)
    ahead.spaces()
    said = ahead.digits()
    if len(said) == 2 and ahead.word(KOPECKS):
        coins, tape.at = int(said), ahead.at
    kopecks = int(whole + (part + "000")[:3]) // 10 if not thousand else int(whole + (part + "000")[:3]) * 100
    rest = tape.rest(AFTER_SUM)
    if rest and low(rest[0]) in "xх":
        return None
    return None if rest is None or kopecks + coins > 10**12 else (kopecks + coins, rest)


def second_minutes(text: str) -> tuple[int, str] | None:
    tape = Tape(text)
    tape.spaces()
    minutes = _range(tape)
    if minutes is None:
        minutes = _number(tape) if digit(tape.peek()) else _phrase(tape)
    if minutes is None or not 0 <= minutes <= 1440:
        return None
    rest = tape.rest(AFTER_TIME)
    return None if rest is None else (minutes, rest)


def _range(tape: Tape) -> int | None:
    """`с T до T`, or two clock times with a dash; leaves the tape where it was when it is none."""
    ahead = Tape(tape.text, tape.at)
    prefixed = low(ahead.peek()) == "с"
    ahead.at += prefixed
    if prefixed and not ahead.spaces():
        return None
    begin = _clock(ahead)
    gap = ahead.spaces()
    if prefixed:
        if not gap or low(ahead.text[ahead.at : ahead.at + 2]) != "до":
            return None
        ahead.at += 2
        if not ahead.spaces():
            return None
    elif ahead.peek() and ahead.peek() in "-–":
        ahead.at += 1
        ahead.spaces()
    else:
        return None
    end = _clock(ahead)
    if begin is None or end is None or (not prefixed and not (begin[1] and end[1])):
        return None
    tape.at = ahead.at
    if begin[0] == end[0]:
        return -1
    return end[0] - begin[0] if end[0] > begin[0] else end[0] - begin[0] + 1440


def _clock(tape: Tape) -> tuple[int, bool] | None:
    hours, full = tape.digits(), False
    minutes = "0"
    if tape.peek() == ":" and digit(tape.peek(1)):
        tape.at += 1
        minutes, full = tape.digits(), True
        if len(minutes) != 2 or int(minutes) > 59:
            return None
    if not 1 <= len(hours) <= 2 or int(hours) * 60 + int(minutes) > 1440:
        return None
    return int(hours) * 60 + int(minutes), full


def _number(tape: Tape) -> int | None:
    number = tape.digits()
    if tape.peek() == ":" and digit(tape.peek(1)):
        tape.at += 1
        minutes = tape.digits()
        return int(number) * 60 + int(minutes) if len(minutes) == 2 and int(minutes) < 60 else None
    part = ""
    if tape.peek() and tape.peek() in ",." and digit(tape.peek(1)):
        tape.at += 1
        part = tape.digits()
    if tape.word(HOURS):
        ahead = Tape(tape.text, tape.at)
        ahead.spaces()
        minutes = ahead.digits()
        if minutes:
            if part or len(minutes) > 2 or int(minutes) > 59:
                return None
            tape.at = ahead.at
            tape.word(MINUTES)
        hundredths = int(number) * 100 + int((part + "00")[:2])
        if len(part) > 2 or hundredths * 60 % 100:
            return None
        return hundredths * 60 // 100 + int(minutes or 0)
    if part:
        return None
    tape.word(MINUTES)
    return int(number)


def _phrase(tape: Tape) -> int | None:
    for phrase, minutes in sorted(PHRASES.items(), key=lambda each: -len(each[0])):
        ahead = Tape(tape.text, tape.at)
        for place, word in enumerate(phrase.split()):
            if place and not ahead.spaces():
                break
            if low(ahead.text[ahead.at : ahead.at + len(word)]) != word:
                break
            ahead.at += len(word)
        else:
            if not ahead.peek().isalpha():
                tape.at = ahead.at
                return minutes
    return None
