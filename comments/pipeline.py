"""How the checks are set: which there are, what they do, and what holds for a comment.

``STAGES`` is the table of the admin. A ``CheckRule`` changes a stage for the site, a section or a
story; the nearest to the comment holds. What is not changed is as written here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from articles.models import Article
from comments import rulebook, surge
from comments.models import CheckRule, Comment, Finding

HOLD, BLOCK, FLAG = CheckRule.Action.HOLD, CheckRule.Action.BLOCK, CheckRule.Action.FLAG


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number that a check can be set by: what it means, its default and its bounds.

    ``phrase`` says it with a value in place of ``{}``, and ``phrase_of_one`` where that is 1.
    """

    means: str
    phrase: str
    phrase_of_one: str = ""
    default: int
    least: int = 1
    most: int

    def words(self, value: int | None) -> str:
        """Return what a check does by this number; by the default where ``value`` is ``None``."""
        value = self.default if value is None else value
        phrase = self.phrase_of_one if value == 1 and self.phrase_of_one else self.phrase
        return phrase.format(value)


@dataclass(frozen=True)
class Stage:
    """A check as the desk knows it."""

    name: str
    title: str
    does: str
    threshold: Number | None = None
    sample: Number | None = None
    # What an author reads where the desk has it refuse comments.
    refusal: str = ""
    # The actions that mean nothing for it, each with the reason.
    senseless: Mapping[str, str] = field(default_factory=dict)

    def words(self, rule: CheckRule | None) -> str:
        """Return by which numbers it is set, as the end of a sentence; empty if by none."""
        numbers = (
            number.words(getattr(rule, name, None))
            for name, number in (("threshold", self.threshold), ("sample", self.sample))
            if number is not None
        )
        return ", ".join(numbers)


STAGES = (
    Stage(
        "word-list", "Words on the list", "Words and patterns that the desk keeps a list of.",
        senseless={
            BLOCK: "Each rule of the list has an action of its own. Have those refuse that should."
        },
    ),
    Stage(
        "premoderated", "Moderated stories",
        "Under stories that the desk has set so, every comment waits.",
    ),
    Stage(
        "premoderated-person", "Moderated people",
        "Comments of somebody whom the desk told so wait.",
    ),
    Stage(
        "first-comment", "First comments",
        "A reader’s comments wait until so many were approved.",
        threshold=Number(
            means="approved comments until one is trusted", default=1, most=50,
            phrase="until {} comments of theirs were approved",
            phrase_of_one="until {} comment of theirs was approved",
        ),
        senseless={
            BLOCK: "Nobody new could ever write: what is refused is never approved."
        },
    ),
    Stage(
        "record", "Many rejections before",
        "Who was trusted waits again when too many of their comments were rejected in 90 days.",
        threshold=Number(
            means="percent rejected, and more than that", default=30, most=99,
            phrase="above {} percent rejected",
        ),
        sample=Number(
            means="decisions before anybody counts", default=5, most=100,
            phrase="from {} decisions", phrase_of_one="from {} decision",
        ),
    ),
    Stage("source", "Where it comes from", "Mail domains and addresses on the desk’s list."),
    Stage("off-duty", "Sent off hours", "Comments that come while nobody is at the desk."),
    Stage("machine", "Sent by a machine", "A hidden field filled in, or a form sent at once."),
    Stage(
        "links", "Links", "A comment with so many links.",
        threshold=Number(
            means="links", default=2, most=100,
            phrase="from {} links", phrase_of_one="from {} link",
        ),
        refusal="This comment has more links than we publish. Leave some out, please.",
    ),
    Stage(
        "private-data", "Private data", "Mail addresses, telephone, bank and card numbers, homes.",
        refusal="This comment shows somebody’s private data. Leave it out, please.",
    ),
    Stage(
        "similar", "Said by several",
        "Much of it stands in another account’s comment of the last seven days.",
        threshold=Number(
            means="percent that is the same, at least", default=50, least=20, most=100,
            phrase="from {} percent that is the same",
        ),
    ),
    Stage(
        "surge", "Stories under pressure",
        "So many comments in ten minutes that a story is moderated first for half an hour.",
        threshold=Number(
            means="comments in ten minutes", default=30, least=5, most=surge.MOST_ROWS,
            phrase="from {} comments in ten minutes",
        ),
        sample=Number(
            means="accounts of the last day among their authors", default=15, least=2,
            most=surge.MOST_ROWS, phrase="or from {} accounts of the last day among their authors",
        ),
        refusal="So much comes in under this story that nothing more is taken for a while. Your "
        "text is kept below.",
    ),
    Stage("outside", "Outside checks", "Akismet or a check of the site’s own, where one is set."),
)  # fmt: skip
STAGE = {stage.name: stage for stage in STAGES}


@dataclass(frozen=True)
class Setting:
    """What holds of a check for one comment."""

    is_on: bool
    action: str
    threshold: int
    sample: int


def of(comment: Comment, name: str) -> Setting:
    """Return what holds of the check ``name`` for ``comment``, by the rules that it is under."""
    if comment.check_settings is None:
        comment.check_settings = settings_for(comment.article, rulebook.of(comment).checks)
    known: dict[str, Setting] = comment.check_settings
    return known.get(name) or Setting(True, HOLD, 0, 0)


def settings_for(article: Article, checks: Iterable[CheckRule]) -> dict[str, Setting]:
    """Return what holds of every check under ``article``, by the checks' names."""
    rules: dict[str, CheckRule] = {}
    for rule in checks:
        if rule.section_id not in {None, article.section_id}:
            continue
        if rule.article_id not in {None, article.pk}:
            continue
        known = rules.get(rule.check_name)
        if known is None or _nearness(rule) > _nearness(known):
            rules[rule.check_name] = rule
    return {stage.name: _setting(stage, rules.get(stage.name)) for stage in STAGES}


def _nearness(rule: CheckRule) -> int:
    return 2 if rule.article_id else 1 if rule.section_id else 0


def _setting(stage: Stage, rule: CheckRule | None) -> Setting:
    threshold = stage.threshold.default if stage.threshold else 0
    sample = stage.sample.default if stage.sample else 0
    if rule is None:
        return Setting(True, HOLD, threshold, sample)
    return Setting(
        rule.is_on,
        rule.action,
        rule.threshold if rule.threshold is not None else threshold,
        rule.sample if rule.sample is not None else sample,
    )


def unanswered(name: str, reason: str) -> Finding:
    """Return what the check ``name`` says when it could not find out: it holds, however it is set.

    Whether the desk has the check refuse or only mark what it finds, this it has not found.
    """
    finding = Finding(check_name=name, reason=reason[:300])
    finding.is_unanswered = True  # type: ignore[attr-defined]
    return finding


def is_unanswered(finding: Finding) -> bool:
    """Tell whether a finding, not saved yet, says that a check could not find out."""
    return getattr(finding, "is_unanswered", False)


def names() -> Iterable[tuple[str, str]]:
    """Return the checks as choices of a form."""
    return [(stage.name, stage.title) for stage in STAGES]
