"""What a text is written in, told by its letters and its commonest words."""

import re

# The words that a text of some length can hardly do without, none of them shared by two rows
# that are often taken for each other.
COMMONEST = {
    "en": "the and of to is that it was for with this have not are they you be but from which",
    "de": "der die das und ist nicht ein eine zu den mit sich auf für auch wird dem sind wie oder",
    "fr": "le les des est et une dans que pour pas sur avec ce qui il sont cette nous vous mais",
    "es": "el los las una que por para con del está como pero más este esta son muy hay porque",
    "it": "il gli che è non per una sono con della anche più come questo questa ma nel alla",
    "pt": "o os um uma não que para com por mais como mas isso está são muito também ele ao",
    "nl": "het een van en niet dat zijn voor met ook aan maar wordt deze naar wat geen bij hebben",
    "sv": "och att det som en är inte på för med av till den har ett jag också eller vi",
    "da": "og det at en er ikke på for med af til den har jeg også eller vi men hvad",
    "no": "og det at en er ikke på for med av til den har jeg også eller vi men hva",
    "fi": "ja on ei se että oli mutta kun niin ovat myös tämä hän kuin jos vain sitä ole",
    "pl": "i w nie na się że to jest z do jak ale po są tym być przez już tylko",
    "cs": "a se na je že to v s ale jako by si už jsem jsou pro není když jen",
    "hu": "a az és hogy nem is egy ez van de meg csak volt már mint ezt vagy kell",
    "tr": "ve bir bu da de için çok ne ile ama gibi var daha olan değil mi sonra",
    "ro": "și în nu să că este pe cu care din mai pentru sunt dar o au fost acest",
    "cy": "yn y yr a mae i ar o ac wedi fod hwn hon nid ond am gan ein yw",
}
NAMES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian",
    "pt": "Portuguese", "nl": "Dutch", "sv": "Swedish", "da": "Danish", "no": "Norwegian",
    "fi": "Finnish", "pl": "Polish", "cs": "Czech", "hu": "Hungarian", "tr": "Turkish",
    "ro": "Romanian", "cy": "Welsh", "ru": "Russian", "uk": "Ukrainian", "el": "Greek",
    "ar": "Arabic", "he": "Hebrew", "ja": "Japanese", "ko": "Korean", "zh": "Chinese",
    "hi": "Hindi", "th": "Thai",
}  # fmt: skip
# Letters that one language, or the commonest of several, is written in.
SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("uk", re.compile("[іїєґІЇЄҐ]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
LETTER = re.compile(r"[^\W\d_]")
WORD = re.compile(r"[^\W\d_]+")
LOOKED_AT = 1000  # characters; the rest is in the same language
FEWEST = 4  # words from which one can tell
_LANGUAGES: dict[str, list[str]] = {}
for _key, _words in COMMONEST.items():
    for _word in _words.split():
        _LANGUAGES.setdefault(_word, []).append(_key)


def of(plain: str) -> str:
    """Return the language of ``plain`` as ISO 639-1, or "" where nobody can tell."""
    seen = plain[:LOOKED_AT]
    letters = len(LETTER.findall(seen))
    for language, script in SCRIPTS:
        if letters and len(script.findall(seen)) * (20 if language == "uk" else 3) > letters:
            return language
    words = WORD.findall(seen.lower())
    if len(words) < FEWEST:
        return ""
    points: dict[str, float] = {}
    for word in words:
        known = _LANGUAGES.get(word, ())
        for language in known:
            # A word of one language alone says more than one of several.
            points[language] = points.get(language, 0) + 1 / len(known)
    best = sorted(points, key=lambda language: (-points[language], language))[:2]
    if not best or points[best[0]] < max(1, len(words) / 20):
        return ""
    if len(best) == 2 and points[best[0]] < 1.2 * points[best[1]]:
        return ""
    return best[0]


def name(code: str) -> str:
    """Return a language in words, for the desk."""
    return NAMES.get(code, code)
