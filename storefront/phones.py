"""WhatsApp numbers: read once as people write them, kept as E.164 digits without the plus."""

import phonenumbers

from storefront.problems import Problem

MOBILE = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}


class BadPhone(Problem):
    """The text is no number that WhatsApp could reach; `key` says which of the reasons it is."""


def normalise(text: str) -> str:
    """The digits of a mobile number, country code first: `0812-3456-7890` gives `6281234567890`. Raises BadPhone."""
    digits = "".join(char for char in text if char.isdigit())
    if not digits:
        raise BadPhone("phone.empty")
    number = _parse(_with_country(text.strip(), digits))
    if not phonenumbers.is_valid_number(number):
        raise BadPhone("phone.wrong", typed=text.strip()[:40])
    if phonenumbers.number_type(number) not in MOBILE:
        raise BadPhone("phone.landline", typed=text.strip()[:40])
    return f"{number.country_code}{number.national_number}"


def _with_country(text: str, digits: str) -> str:
    if digits.startswith("00"):
        digits = digits[2:]
    elif digits.startswith("0") or (digits.startswith("8") and not text.startswith("+")):
        return f"+62{digits.lstrip('0')}"
    if digits.startswith("62"):
        return f"+62{digits[2:].lstrip('0')}"  # 0062 0812..., +62 (0)812..., 62 0812...: the trunk 0 has no place there
    return f"+{digits}"


def _parse(text: str) -> phonenumbers.PhoneNumber:
    try:
        return phonenumbers.parse(text)
    except phonenumbers.NumberParseException as error:
        raise BadPhone("phone.wrong", typed=text[:40]) from error


def shown(digits: str) -> str:
    """The number as people read it: `+62 812-3456-7890`."""
    return phonenumbers.format_number(phonenumbers.parse(f"+{digits}"), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
