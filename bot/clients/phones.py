"""Phone numbers as people type them, as E.164."""

import phonenumbers


def e164(text: str, region: str = "RU") -> str | None:
    """«8 (900) 123-45-67», «+7900…», «7900…» → «+79001234567»; None for what is no number."""
    cleaned = text.strip()
    if cleaned.isdigit() and len(cleaned) == 11 and cleaned.startswith("7"):
        cleaned = f"+{cleaned}"
    for candidate in (cleaned, f"+{cleaned}"):
        try:
            number = phonenumbers.parse(candidate, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None
