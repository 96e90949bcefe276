"""Names: which may be chosen, and when two look the same.

A pseudonym is worth something only while nobody else can wear it. Two names are the same when
their *skeletons* are: the letters a reader would take them for, after Unicode's own table of
look-alikes (UTS 39), without case, accents' encoding or separators.
"""

import functools
import unicodedata

from confusable_homoglyphs import categories, confusables
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator, RegexValidator

USERNAME_LENGTH = 30
SEPARATORS = "_.-"
# Names that would speak for the paper. Staff get theirs from an administrator.
RESERVED = {
    "account", "accounts", "admin", "administrator", "anonymous", "comments", "deleted", "desk",
    "editor", "editors", "guest", "help", "mod", "moderator", "moderators", "newsroom", "null",
    "official", "reader", "reporter", "root", "security", "staff", "support", "system", "team",
    "undefined", "webmaster", "www",
}  # fmt: skip
# Pairs that a reader takes for one letter. They run after the folding to lower case.
ALIKE = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"), ("|", "l"), ("5", "s"))


@functools.lru_cache(maxsize=4096)
def latin_twin(letter: str) -> str:
    """Return the Latin letter that ``letter`` is confusable with, or ``letter`` itself."""
    if letter.isascii():
        return letter
    for entry in confusables.is_confusable(letter, greedy=True, preferred_aliases=["latin"]) or []:
        for twin in entry["homoglyphs"]:
            if len(twin["c"]) == 1 and twin["c"].isascii() and twin["c"].isalnum():
                return twin["c"].casefold()
    return letter


def skeleton(name: str) -> str:
    """Return what a reader takes ``name`` for; equal skeletons are equal names.

    Source: UTS 39 section 4, with separators and case dropped as well.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    plain = "".join(c for c in unicodedata.normalize("NFD", folded) if not unicodedata.combining(c))
    letters = "".join(latin_twin(c) for c in plain if c not in SEPARATORS and not c.isspace())
    for pair, letter in ALIKE:
        letters = letters.replace(pair, letter)
    return letters


def refuse_strange_letters(name: str) -> None:
    """Raise ``ValidationError`` for invisible, reordering or mixed-script letters in ``name``."""
    if unicodedata.normalize("NFKC", name) != name:
        raise ValidationError(
            "This name uses letters in an unusual form. Please type it plainly.", "form"
        )
    for character in name:
        if unicodedata.category(character)[0] in "CZ" and character != " ":
            raise ValidationError("This name contains an invisible character.", "invisible")
    scripts = categories.unique_aliases(name) - {"COMMON", "INHERITED"}
    if len(scripts) > 1 and not scripts <= {"HAN", "HIRAGANA", "KATAKANA", "LATIN"}:
        raise ValidationError("Please keep to the letters of one alphabet.", "mixed-script")


def refuse_reserved(name: str) -> None:
    """Raise ``ValidationError`` for a name that would speak for the paper."""
    if skeleton(name) in {skeleton(reserved) for reserved in RESERVED}:
        raise ValidationError("This name is reserved. Please choose another.", "reserved")


# What sign-up asks of a username; the settings name this list.
username_validators = [
    MinLengthValidator(3),
    RegexValidator(
        r"\A[^\W_](?:[\w.-]*[^\W_])?\Z",
        "Use letters and digits, with _ . or - between them.",
    ),
    refuse_strange_letters,
    refuse_reserved,
]
