"""Names: which may be chosen, and when two look the same.

A pseudonym is worth something only while nobody else can wear it. Two names are the same when
their *skeletons* are: the letters a reader would take them for, after Unicode's own table of
look-alikes (UTS 39), without case, accents' encoding or separators.
"""

import functools
import re
import unicodedata

from confusable_homoglyphs import categories, confusables
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator

USERNAME_LENGTH = 30
SKELETON_LENGTH = 255
SEPARATORS = "_.-"
# One letter may carry so many marks; more of them run into the lines around.
MAX_MARKS = 3
# Letters by their category that show nothing.
BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
# Alphabets that are written together. Source: UTS 39 section 5.2, "highly restrictive".
TOGETHER = (
    {"LATIN", "HAN", "HIRAGANA", "KATAKANA"},
    {"LATIN", "HAN", "BOPOMOFO"},
    {"LATIN", "HAN", "HANGUL"},
)
# Names that would speak for the paper. Staff get theirs from an administrator.
RESERVED = {
    "account", "accounts", "admin", "administrator", "anonymous", "comments", "deleted", "desk",
    "editor", "editors", "guest", "help", "mod", "moderator", "moderators", "newsroom", "null",
    "official", "reader", "reporter", "root", "security", "staff", "support", "system", "team",
    "undefined", "webmaster", "www",
}  # fmt: skip
# Pairs that a reader takes for one letter. They run after the folding to lower case.
ALIKE = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"), ("|", "l"), ("5", "s"))


# Latin letters in other dress: small capitals, with a stroke, dotless, in a box.
DRESSED = re.compile(
    r"(?:LATIN (?:CAPITAL|SMALL) LETTER (?:DOTLESS |LONG |SCRIPT |OPEN )?([A-Z])(?: WITH .*)?"
    r"|LATIN LETTER SMALL CAPITAL ([A-Z])"
    r"|(?:NEGATIVE )?(?:CIRCLED|SQUARED) LATIN CAPITAL LETTER ([A-Z]))"
)


@functools.lru_cache(maxsize=65536)
def latin_twin(letter: str) -> str:
    """Return the Latin letter that a lower-case ``letter`` is confusable with, or ``letter``.

    A letter whose capital is confusable counts too, so that case makes no difference.
    """
    if letter.isascii():
        return letter
    if dressed := DRESSED.fullmatch(unicodedata.name(letter, "")):
        return next(filter(None, dressed.groups())).casefold()
    for form in (letter, letter.upper()):
        if len(form) != 1:
            continue
        for entry in confusables.is_confusable(form, greedy=True) or []:
            for twin in entry["homoglyphs"]:
                if len(twin["c"]) == 1 and twin["c"].isascii() and twin["c"].isalnum():
                    return twin["c"].casefold()
    return letter


@functools.lru_cache(maxsize=65536)
def fold_letter(letter: str) -> str:
    """Return ``letter`` as it reads: no case, no accent, its Latin twin; one letter or several."""
    folded = unicodedata.normalize("NFKC", letter).casefold()
    # Marks that stand around a letter belong to no combining class, and are no letters.
    return "".join(
        latin_twin(c)
        for c in unicodedata.normalize("NFD", folded)
        if not unicodedata.combining(c) and unicodedata.category(c) != "Me"
    )


def skeleton(name: str) -> str:
    """Return what a reader takes ``name`` for; equal skeletons are equal names.

    Source: UTS 39 section 4, with case, accents and everything but letters and digits dropped
    as well. A name of signs alone is its own skeleton.
    """
    letters = "".join(fold_letter(c) for c in name)
    for pair, letter in ALIKE:
        letters = letters.replace(pair, letter)
    kept = "".join(c for c in letters if c.isalnum() or unicodedata.category(c)[0] == "M")
    return (kept or letters.strip())[:SKELETON_LENGTH]


def refuse_strange_letters(name: str) -> None:
    """Raise ``ValidationError`` for invisible, reordering or mixed-script letters in ``name``.

    A name of signs alone is refused as well.
    """
    if unicodedata.normalize("NFKC", name) != name:
        raise ValidationError(
            "This name uses letters in an unusual form. Please type it plainly.", "form"
        )
    if not any(character.isalnum() for character in name):
        raise ValidationError("A name needs a letter or a digit.", "unreadable")
    marks = 0
    for character in name:
        category = unicodedata.category(character)
        if category[0] in "CZ" and character != " ":
            raise ValidationError("This name contains an invisible character.", "invisible")
        marks = marks + 1 if category[0] == "M" else 0
        if marks > MAX_MARKS or category == "Me" or character in BLANK_LETTERS:
            raise ValidationError("Please keep to letters that can be read.", "marks")
    scripts = categories.unique_aliases(name) - {"COMMON", "INHERITED"}
    if len(scripts) > 1 and not any(scripts <= together for together in TOGETHER):
        raise ValidationError("Please keep to the letters of one alphabet.", "mixed-script")


def refuse_odd_signs(name: str) -> None:
    """Raise ``ValidationError`` for what a username may not be made of.

    It is letters (with the marks their alphabet writes them with) and digits, and single
    separators between them.
    """
    letters = re.split(f"[{re.escape(SEPARATORS)}]", name)
    for letter in "".join(letters):
        if not letter.isalnum() and unicodedata.category(letter) not in {"Mn", "Mc"}:
            break
    else:
        if letters[0][:1].isalnum() and letters[-1]:
            return
    raise ValidationError("Use letters and digits, with _ . or - between them.", "signs")


def refuse_reserved(name: str) -> None:
    """Raise ``ValidationError`` for a name that would speak for the paper.

    That is a reserved word, or several and nothing else: "Newsroom Moderator".
    """
    reserved = {skeleton(word) for word in RESERVED}
    words = [skeleton(word) for word in re.split(r"[\W_]+", name) if word]
    if skeleton(name) in reserved or (words and reserved.issuperset(words)):
        raise ValidationError("This name is reserved. Please choose another.", "reserved")


# What sign-up asks of a username; the settings name this list.
username_validators = [
    MinLengthValidator(3),
    refuse_odd_signs,
    refuse_strange_letters,
    refuse_reserved,
]
