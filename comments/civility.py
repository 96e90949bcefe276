"""A word before posting: asks authors to think again, and never keeps them from posting.

Rules of our own look at the text; nothing leaves this machine. What comes of asking is counted
by rule and day, without a word of what was written. The setting ``CIVILITY_PROMPT`` turns it off.
"""

import hashlib
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core import signing

from comments import text, wordlist
from comments.models import PromptCount, WordRule
from comments.rulebook import Rulebook

INSULT, SHOUTING, DESK_WORDS = "insult", "shouting", "desk-words"
SALT = "comments.civility"
# Names for people, said to somebody. Said of a plan or a bridge they are opinions.
NAMES = (
    "idiot|moron|imbecile|cretin|fool|liar|loser|clown|coward|pig|scum|parasite|troll|hypocrite|"
    "half-?wit|dimwit|nitwit|numpty|muppet|wanker|tosser|twat|prat|pillock|arsehole|asshole|"
    "bastard|bitch|dickhead|bigot|snowflake|sheep|simpleton|ignoramus|dunce|buffoon|jerk"
)
TRAITS = (
    "stupid|dumb|thick|pathetic|disgusting|worthless|brainless|clueless|idiotic|moronic|retarded|"
    "deluded|insane|mental|braindead|brain-?dead"
)
SOFTER = r"(?:\w+ly|so|such|just|all|a|an|the|one|another|complete|utter|total|bloody|fucking|real)"
INSULTS = re.compile(
    rf"(?<!\bare )\b(?:you(?: lot| people)?(?:['’]?re| are| r| were)?|u r|ur) (?:{SOFTER} ){{0,4}}"
    rf"(?:(?:{TRAITS}) )?(?:{NAMES})s?\b"
    rf"|\byou(?:['’]?re| are| r) (?:{SOFTER} ){{0,3}}(?:{TRAITS})\b"
    rf"|\b(?:shut (?:the \w+ )?up|shut your (?:mouth|face|trap)|go to hell|get lost|drop dead"
    r"|screw you|fuck (?:you|off)|piss off|sod off|get a (?:life|brain)|kill yourself)\b"
)
# So many words in capitals side by side, of so many letters; a heading or a name is shorter.
SHOUT_WORDS = 4
SHOUT_LETTERS = 18
TIME_FOR_RULES = 0.3  # seconds
# Longer words are no speech; what repeats in them would take its time.
LONGEST_WORD = 60


@dataclass(frozen=True)
class Remark:
    """What one rule has to say, and of which words."""

    rule: str
    words: tuple[str, ...]

    @property
    def reason(self) -> str:
        return {
            INSULT: "This speaks of a person, not of what they said:",
            SHOUTING: "Capitals read as shouting:",
            DESK_WORDS: "These words often end a conversation:",
        }[self.rule]


@dataclass(frozen=True)
class Asked:
    """That an author was asked, about which text and by which rules."""

    rules: tuple[str, ...]
    digest: str

    def outcome(self, body: str) -> PromptCount.Outcome:
        """Return what came of asking, now that ``body`` is posted."""
        same = self.digest == _digest(body)
        return PromptCount.Outcome.POSTED if same else PromptCount.Outcome.EDITED


def remarks(body_html: str, book: Rulebook) -> list[Remark]:
    """Return what the rules have to say about a comment's HTML; nothing where they are off.

    ``book`` is what the desk has set. A rule that cannot be tried says nothing: this only asks.
    """
    if not settings.CIVILITY_PROMPT:
        return []
    seen = text.plain(body_html)
    found = {INSULT: insults(seen), SHOUTING: shouting(seen), DESK_WORDS: desk_words(seen, book)}
    return [Remark(rule, tuple(words)) for rule, words in found.items() if words]


def insults(seen: str) -> list[str]:
    """Return the words in which somebody is called names, also where they are spelt to slip by."""
    found: dict[str, None] = {}
    for way in wordlist.readings(seen):
        # On one line, and without what only slows the search down; places stay as they are.
        letters = re.sub(rf"\w{{{LONGEST_WORD},}}", lambda m: "_" * len(m[0]), way.letters)
        letters = re.sub(r"\s", " ", letters)
        for match in INSULTS.finditer(letters):
            found[way.typed_between(match.start(), match.end())[: wordlist.LONGEST_MATCH]] = None
    return list(found)


def shouting(seen: str) -> list[str]:
    """Return the runs of words in capitals."""
    found: list[str] = []
    run: list[re.Match[str]] = []

    def end() -> None:
        letters = sum(map(len, [word[0] for word in run]))
        if len(run) >= SHOUT_WORDS and letters >= SHOUT_LETTERS:
            found.append(seen[run[0].start() : run[-1].end()][: wordlist.LONGEST_MATCH])
        run.clear()

    for word in re.finditer(r"[^\W\d_]+(?:['’][^\W\d_]+)*", seen):
        is_one = word[0].isupper() and word[0] != word[0].lower()
        if not is_one or (run and "\n" in seen[run[-1].end() : word.start()]):
            end()
        if is_one:
            run.append(word)
    end()
    return found


def desk_words(seen: str, book: Rulebook) -> list[str]:
    """Return the words that the desk's own rules for asking find."""
    rules = [rule for rule in book.words_in_force() if rule.action == WordRule.Action.PROMPT]
    ways = wordlist.readings(seen) if rules else []
    found: dict[str, None] = {}
    until = time.monotonic() + TIME_FOR_RULES
    for rule in rules:
        if time.monotonic() > until:
            break
        try:
            found |= dict.fromkeys(wordlist.matches(rule, ways))
        except (TimeoutError, ValueError):
            continue
    return list(found)


def note(said: Iterable[Remark], body: str) -> str:
    """Return what the form carries to say that its author was asked; ``read`` reads it."""
    return signing.dumps([[remark.rule for remark in said], _digest(body)], salt=SALT)


def read(noted: str) -> Asked | None:
    """Return what ``note`` wrote; ``None`` for anything else."""
    try:
        rules, digest = signing.loads(noted, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Asked(tuple(rules), digest)


def count(rules: Iterable[str], outcome: PromptCount.Outcome) -> None:
    """Count one outcome for each of these rules."""
    for rule in rules:
        PromptCount.add(rule, outcome)


def _digest(body: str) -> str:
    return hashlib.sha256(text.clean(body).encode()).hexdigest()[:16]
