"""Personal data in a text: where to reach somebody, their money, their health.

Source of the duty: the Court of Justice's Russmedia judgment (C-492/23) of 2 December 2025. The
patterns would rather miss one than hold a clean text: dates, sums, scores, ISBN and the names of
roads are none.
"""

import re
from itertools import pairwise

# Begun where a word begins, so that a long one is not read again from each of its letters.
MAIL_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# As numbers are dialled: with a plus or a zero in front, or the American three groups. Dates,
# sums, years and ISBN are none.
PHONE_NUMBER = re.compile(
    r"(?<![\w/=.,+-])(?:(?:\+\(?|\(\+?0?|0)\d(?:[ \u00a0()/.-]{0,2}\d){7,13}"
    r"|\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4})(?![\w/])"
)
IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
CARD = re.compile(r"(?<![\w-])\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\w-])")
# A house: a number, a name and the word for a street, or the other way round as on the continent.
STREETS = (
    "street|st|road|rd|avenue|ave|lane|ln|drive|close|crescent|terrace|gardens|court|square|row|"
    "place|way"
)
HOUSE = re.compile(
    rf"(?<![\w/.,-])\d{{1,4}}[a-c]? (?:[A-Z][a-z\u2019\']{{1,20}} ){{1,3}}(?i:{STREETS})\b\.?"
)
HOUSE_ABROAD = re.compile(
    r"\b[A-ZÄÖÜ][a-zäöüß]{2,20}(?:straße|strasse|weg|gasse|platz|allee|laan|straat)\.?"
    r" \d{1,4}[a-c]?\b"
    r"|\b\d{1,4},? (?:rue|avenue|boulevard|impasse) (?:de |du |des |de la )?"
    r"[A-ZÉ][\w\u2019\'-]{2,25}"
    r"|\b(?:via|calle|viale|piazza) [A-Z][\w ]{2,25}?,? \d{1,4}\b"
)
# A place and its post code beside the house make sure that somebody lives there.
POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{5}(?:-\d{4})? [A-ZÄÖÜ][a-zäöüß]{2,}"
    r"|\d{4} ?[A-Z]{2} [A-Z][a-z]{2,})\b"
)
SOMEBODY = (
    r"(?:[A-Z][a-z]{1,20} [A-Z][a-z]{1,20}|[Mm]y (?:neighbour|neighbor|boss|colleague|doctor))"
)
ILLNESS = (
    "cancer|HIV|AIDS|diabetes|depression|schizophrenia|dementia|alcoholic|pregnant|epilepsy|"
    "hepatitis|bipolar|autistic"
)
HEALTH = re.compile(
    rf"\b{SOMEBODY} (?:has|had|is|was|suffers from|is being treated for)"
    rf" (?:an? )?(?:{ILLNESS})\b"
)


def found(seen: str) -> list[tuple[str, str]]:
    """Return what personal data ``seen`` shows: what kind it is, and the words."""
    spans = [("a mail address", match) for match in MAIL_ADDRESS.finditer(seen)]
    spans += [("a bank account", match) for match in IBAN.finditer(seen) if _is_iban(match[0])]
    spans += [("a card number", match) for match in CARD.finditer(seen) if _is_card(match[0])]
    spans += [("a telephone number", match) for match in PHONE_NUMBER.finditer(seen)]
    houses = [*HOUSE.finditer(seen), *HOUSE_ABROAD.finditer(seen)]
    spans += [("somebody’s address", match) for match in houses if _is_home(seen, match)]
    spans += [("somebody’s health", match) for match in HEALTH.finditer(seen)]
    spans.sort(key=lambda span: span[1].start())
    kept = spans[:1]
    for _, (kind, match) in pairwise(spans):
        # A long number may pass for two things; the first that fits is enough.
        if match.start() >= kept[-1][1].end():
            kept.append((kind, match))
    return [(kind, match[0]) for kind, match in kept]


def _is_home(seen: str, house: re.Match[str]) -> bool:
    """Tell a home from a place in the news: a post code beside it, or words that say who lives."""
    beside = seen[max(0, house.start() - 40) : house.end() + 40]
    lives = re.search(r"\b(?:lives?|living|home|wohnt|habite|vive)\b", beside)
    return bool(lives or POSTCODE.search(seen[house.end() : house.end() + 40]))


def _is_iban(words: str) -> bool:
    letters = words.replace(" ", "")
    if not 15 <= len(letters) <= 34:
        return False
    digits = "".join(str(int(letter, 36)) for letter in letters[4:] + letters[:4])
    return int(digits) % 97 == 1


def _is_card(words: str) -> bool:
    """Tell whether the digits pass the check of card numbers (Luhn)."""
    digits = [int(letter) for letter in words if letter.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0
