"""The checks a comment goes through before readers see it.

A check is a function of a comment. It returns a ``Finding``, which holds the comment for a
moderator, or ``None``; it raises ``Refused`` to turn the comment away with a word to its author.
``CHECKS`` is the pipeline: a new check is a function, a place in that tuple, and a test. One that
the desk can set has a stage in ``comments.pipeline`` too, and is named in ``STAGE_OF``.
"""

import datetime
import logging
import re
import time
from collections.abc import Callable, Iterable
from html import unescape

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import Truncator

from accounts import sources
from accounts.models import SourceRule, User
from articles.models import Article
from comments import (
    duty,
    formkeys,
    likeness,
    outside,
    personal,
    pipeline,
    rulebook,
    standing,
    surge,
    text,
    wordlist,
)
from comments.models import (
    CheckRule,
    Comment,
    CommentQuerySet,
    DeskSettings,
    Finding,
    LookFailed,
    Refused,
    Sanction,
    WordRule,
)
from newsroom import pace

log = logging.getLogger(__name__)

Check = Callable[[Comment], Finding | list[Finding] | None]

SAME_TEXT_FOR = datetime.timedelta(hours=24)
# How many comments one account may post in a time, and how many come from one address.
PACE = (
    (5, datetime.timedelta(minutes=2)),
    (30, datetime.timedelta(hours=1)),
)
PACE_OF_ADDRESS = (
    (15, datetime.timedelta(minutes=2)),
    (100, datetime.timedelta(hours=1)),
)
# How often one account may change what it wrote: each change is looked at, kept and shown anew.
PACE_OF_EDITS = (20, datetime.timedelta(minutes=10))
# Nobody reads a story, writes and sends in less; asked of those the paper does not know.
SHORTEST_WRITING = datetime.timedelta(seconds=2)
LINK = re.compile(r"<a\s", re.IGNORECASE)
ANSWERED_IS_GONE = (
    "The comment you answer is not shown any more. Your text is kept below: sent again, it stands "
    "under the story by itself."
)
# Seconds for all of the desk's rules together, beside what each may take.
TIME_FOR_RULES = 0.5


def conversation_closed(comment: Comment) -> None:
    """Turn away a comment on a story that takes none. Raises ``Refused``."""
    if not comment.article.takes_comments:
        raise Refused("The conversation under this story is closed. Your text is kept below.")


def _may_be(comment: Comment, what: str) -> bool:
    """Tell whether a check must look closer: always, but where a ``Glance`` saw nothing."""
    return comment.glance is None or bool(getattr(comment.glance, what))


def thread_closed(comment: Comment) -> None:
    """Turn away a new reply in a thread that a moderator closed. Raises ``Refused``."""
    root = comment.root
    if comment.pk or root is None or not _may_be(comment, "is_thread_closed"):
        return
    # It may have been closed since the form was opened.
    if Comment.objects.filter(pk=root.pk, closed_at__isnull=False).exists():
        raise Refused(
            "A moderator closed this thread, so it takes no more answers. Your text is kept below: "
            "you can say it under the story by itself."
        )


def silenced(comment: Comment) -> None:
    """Turn away whom the desk suspended or banned, saying until when. Raises ``Refused``."""
    for sanction in _sanctions(comment):
        if sanction.kind in Sanction.SILENCING:
            raise Refused(f"{sanction.words} Why, and how to appeal, stands in your account.")


def _sanctions(comment: Comment) -> list[Sanction]:
    """Return what holds of the author; looked up once for a comment."""
    if comment.author is None or not _may_be(comment, "is_sanctioned"):
        return []
    if not hasattr(comment, "author_sanctions"):
        comment.author_sanctions = standing.in_force(comment.author)  # type: ignore[attr-defined]
    return comment.author_sanctions  # type: ignore[attr-defined]


def answered_comment_gone(comment: Comment) -> None:
    """Turn away a new reply to what readers cannot see. Raises ``Refused``.

    One that stands can still be changed: who gave something away can take it out again.
    """
    parent = comment.parent
    if (
        parent
        and not comment.pk
        and (parent.article_id != comment.article_id or not parent.is_visible)
    ):
        raise Refused(ANSWERED_IS_GONE)


def empty_or_too_long(comment: Comment) -> None:
    """Turn away what shows nothing, or more than ``text.MAX_LENGTH`` characters."""
    if text.is_blank(comment.body_html):
        raise Refused("There is nothing to read in this comment yet.")
    if len(comment.body) > text.MAX_LENGTH:
        raise Refused(text.too_long(len(comment.body)))


class Pressed(Refused):
    """A comment refused for pressure on its story, which begins with it."""

    def __init__(self, message: str, article: Article) -> None:
        super().__init__(message)
        self.article = article


class SaidAlready(Refused):
    """A text that stands, or waits, under the story already."""

    def __init__(self, comment: Comment) -> None:
        super().__init__("You have said this under this story already; it is not lost.")
        self.comment = comment


def same_text_again(comment: Comment) -> None:
    """Turn away what the author said under this story within ``SAME_TEXT_FOR``.

    What its author removed may be said again, and so may the same words of another passage.
    """
    if not (comment.fingerprint and _may_be(comment, "said_before")):
        return
    same = Comment.objects.filter(
        author=comment.author,
        article=comment.article,
        fingerprint=comment.fingerprint,
        quote=comment.quote,
        created_at__gt=timezone.now() - SAME_TEXT_FOR,
    ).exclude(status=Comment.Status.REMOVED)
    earlier = same.exclude(pk=comment.pk).order_by("-pk").first()
    if earlier is not None:
        raise SaidAlready(earlier)


def too_fast(comment: Comment) -> None:
    """Turn away more comments than the paces of account and address allow, naming the wait."""
    if _has_no_limits(comment) or not _may_be(comment, "posts_fast"):
        return
    wait = _wait(Comment.objects.filter(author=comment.author), PACE)
    if comment.ip_address:
        # Several people may share one; it has room for more, and all of them wait.
        from_there = Comment.objects.filter(ip_address=comment.ip_address)
        wait = max(wait, _wait(from_there, PACE_OF_ADDRESS))
    if wait > 0:
        raise Refused(f"That was quick. Please wait {pace.in_words(wait)}, then post it.", wait)


def changed_too_often(comment: Comment) -> None:
    """Turn away more changes of what one wrote than ``PACE_OF_EDITS`` allows, naming the wait."""
    if not comment.pk or comment.author is None or _is_desk(comment):
        return
    # Most changes leave no row that could be counted.
    if wait := pace.wait_for_turn("edit", comment.author.pk, *PACE_OF_EDITS):
        raise Refused(
            f"That was a lot of changes. Please wait {pace.in_words(wait)}, then send this one.",
            wait,
        )


def slow_mode(comment: Comment) -> None:
    """Turn away a reader's second comment on a story within its slow mode, naming the wait."""
    seconds = comment.article.slow_mode
    if not seconds or _has_no_limits(comment):
        return
    own = Comment.objects.filter(author=comment.author, article=comment.article)
    wait = _wait(own, ((1, datetime.timedelta(seconds=seconds)),))
    if wait > 0:
        raise Refused(
            f"Slow mode: on this story everybody writes one comment every {_every(seconds)}. "
            f"Please wait {pace.in_words(wait)}, then post it.",
            wait,
        )


def _has_no_limits(comment: Comment) -> bool:
    """Tell whether nobody counts: limits are off, it is an edit, or its author is of the staff."""
    return bool(not settings.LIMITS or comment.pk or comment.author is None or _is_desk(comment))


def _wait(comments: CommentQuerySet, paces: Iterable[tuple[int, datetime.timedelta]]) -> int:
    """Return how many seconds until there is room for one more of ``comments`` in every span."""
    return max(pace.wait(comments, count, span, "created_at") for count, span in paces)


def _every(seconds: int) -> str:
    words = dict(Article.SLOW_MODES).get(seconds) or pace.in_words(seconds)
    return words.removeprefix("1 ")


def story_premoderated(comment: Comment) -> Finding | None:
    """Hold every reader's comment on a story whose conversation is moderated first."""
    if comment.article.comment_policy != Article.CommentPolicy.PREMODERATED or _is_desk(comment):
        return None
    return Finding(
        check_name="premoderated", reason="every comment on this story waits for a moderator"
    )


def premoderated_person(comment: Comment) -> Finding | None:
    """Hold every comment of whom the desk decided so."""
    kinds = {sanction.kind for sanction in _sanctions(comment)}
    if Sanction.Kind.PREMODERATE not in kinds:
        return None
    return Finding(check_name="premoderated-person", reason="every comment of this reader waits")


def first_comment(comment: Comment) -> Finding | None:
    """Hold a reader of whom fewer comments were approved than it takes to be trusted.

    Source: WordPress, whose ``comment_previously_approved`` is on by default.
    """
    if _is_desk(comment) or (comment.glance is not None and comment.glance.is_trusted):
        return None
    needed = pipeline.of(comment, "first-comment").threshold
    known = 0
    if comment.glance is None or needed > 1:  # of fewer than one there is none to count
        approved = Comment.objects.visible().filter(author=comment.author).order_by()
        known = approved[:needed].count()
    if known >= needed:
        return None
    reason = "first comment of this reader"
    if known:
        reason = f"{known} of {needed} comments approved so far"
    return Finding(check_name="first-comment", reason=reason)


def poor_record(comment: Comment) -> Finding | None:
    """Hold a trusted reader again of whose comments too many were rejected lately."""
    if _is_desk(comment) or comment.author is None:
        return None
    if not _may_be(comment, "was_rejected"):
        return None
    setting = pipeline.of(comment, "record")
    found = standing.distrust(comment.author, setting.threshold, setting.sample)
    return Finding(check_name="record", reason=found.words) if found else None


def where_from(comment: Comment) -> Finding | None:
    """Hold or turn away what comes from a mail domain or an address on the desk's list."""
    if _is_desk(comment) or comment.author is None:
        return None
    rules = rulebook.of(comment).sources_in_force()
    rule = sources.rule_among(rules, comment.author.email, comment.ip_address)
    if rule is None:
        return None
    if rule.action == SourceRule.Action.BLOCK:
        raise Refused(
            "The paper takes no comments from where you write at the moment. Your text is kept "
            f"below; write to {settings.SITE_CONTACT} if that is a mistake.",
            rule=rule,
        )
    sources.count(rule)
    return Finding(check_name="source", reason="comes from where the desk reads first")


def off_duty(comment: Comment) -> Finding | None:
    """Hold or turn away what comes while nobody is at the desk, as the desk has it."""
    if _is_desk(comment) or comment.pk:
        return None
    wanted = duty.outside_hours(rulebook.of(comment))
    if wanted == DeskSettings.OutsideHours.CLOSE:
        raise Refused(
            f"Nobody is at the desk now, so nothing can be posted{duty.back_in_words()}. Your text "
            "is kept below."
        )
    if wanted == DeskSettings.OutsideHours.HOLD:
        return Finding(check_name="off-duty", reason="nobody was at the desk when it came")
    return None


def similar(comment: Comment) -> Finding | None:
    """Hold what says much the same as another account said lately."""
    if _is_desk(comment) or not _may_be(comment, "is_like_others"):
        return None
    people = likeness.alike(comment, pipeline.of(comment, "similar").threshold)
    if not people:
        return None
    found = User.objects.filter(pk__in=people[:10])
    names = sorted(person.username for person in found)
    reason = f"says much the same as {len(people)} other account{'s' if len(people) > 1 else ''}"
    return Finding(check_name="similar", reason=reason, matches=names)


def under_pressure(comment: Comment) -> Finding | None:
    """Hold readers' comments on a story where so much comes in that people should look first."""
    if _is_desk(comment) or comment.pk:
        return None
    setting, article = pipeline.of(comment, "surge"), comment.article
    is_pressed = _may_be(comment, "is_pressed") and not surge.has_just_begun(article)
    if is_pressed and surge.is_pressed(comment, setting.threshold, setting.sample):
        if setting.action == CheckRule.Action.BLOCK:
            # The refusal rolls back what is written here; ``count_refusal`` comes after it.
            raise Pressed(pipeline.STAGE["surge"].refusal, article)
        surge.begin(article)
    elif not article.is_surging:
        return None
    return Finding(check_name="surge", reason="so much comes in under this story")


def sent_by_machine(comment: Comment) -> Finding | None:
    """Hold what a person would not have sent so: the trap filled in, or the form sent at once.

    A form without a key of ours tells no time, and nothing is said of it.
    """
    if _is_desk(comment) or comment.pk:
        return None
    if comment.trap:
        return Finding(check_name="machine", reason="filled in a field that people do not see")
    made = formkeys.made_at(comment.form_key)
    if not settings.LIMITS or made is None or timezone.now() - made >= SHORTEST_WRITING:
        return None
    is_trusted = comment.glance is not None and comment.glance.is_trusted
    if is_trusted or Comment.objects.visible().filter(author=comment.author).exists():
        return None
    return Finding(check_name="machine", reason="sent within two seconds of opening the form")


def links(comment: Comment) -> Finding | None:
    """Hold a comment with as many links as the check is set to, or more.

    Source: WordPress, whose ``comment_max_links`` holds at 2 by default.
    """
    count = len(LINK.findall(comment.body_html))
    if count < pipeline.of(comment, "links").threshold:
        return None
    addresses = text.addresses(comment.body_html)
    return Finding(check_name="links", reason=f"{count} links", matches=addresses[:10])


def private_data(comment: Comment) -> Finding | None:
    """Hold a comment that shows where to reach somebody, or their bank's numbers or health."""
    found = personal.found(text.plain(comment.body_html))
    if not found:
        return None
    kinds = list(dict.fromkeys(kind for kind, _ in found))
    return Finding(
        check_name="private-data",
        reason=f"shows {' and '.join(kinds)}"[:300],
        matches=[words for _, words in found[:10]],
    )


def word_list(comment: Comment) -> list[Finding]:
    """Hold, mark or turn away a comment for the desk's own words and patterns, rule by rule.

    A rule that cannot be tried holds the comment, and keeps no other rule from being tried.
    """
    # The rules that only ask their author to think again are ``civility``'s.
    rules = [
        rule
        for rule in rulebook.of(comment).words_in_force()
        if rule.action != WordRule.Action.PROMPT
    ]
    if not rules:
        return []
    seen = text.plain(comment.body_html)
    # Words hide in addresses too, behind other words.
    hidden = [unescape(address) for address in text.addresses(comment.body_html)]
    ways = wordlist.readings("\n".join([seen, *(one for one in hidden if one not in seen)]))
    findings: list[Finding] = []
    untried: list[WordRule] = []
    until = time.monotonic() + TIME_FOR_RULES
    for rule in rules:
        try:
            if rule.kind == WordRule.Kind.PATTERN and time.monotonic() > until:
                raise TimeoutError
            found = wordlist.matches(rule, ways)
        except (TimeoutError, ValueError):
            untried.append(rule)
            continue
        if found and rule.action == WordRule.Action.BLOCK:
            raise Refused(
                "This comment contains words that we do not publish "
                f"(“{Truncator(found[0]).chars(60)}”). Please say it another way.",
                rule=rule,
            )
        if found:
            findings.append(
                Finding(
                    check_name="word-list",
                    word_rule=rule,
                    reason=f"words on the desk’s list: {rule}"[:300],
                    matches=found[:20],
                    holds=rule.action == WordRule.Action.HOLD,
                    is_severe=rule.is_severe,
                )
            )
    if untried:
        reason = f"the rule “{untried[0]}” could not be tried; please look"
        findings.append(pipeline.unanswered("word-list", reason))
    if spoke := [finding.word_rule_id for finding in findings if finding.word_rule_id]:
        WordRule.objects.filter(pk__in=spoke).update(hits=F("hits") + 1, last_hit_at=timezone.now())
    return findings


def late_edit(comment: Comment) -> Finding | None:
    """Have a moderator see a change of what others have read or answered already.

    It stands beside ``CHECKS``: it is asked of edits after their window alone.
    """
    if _is_desk(comment):
        return None
    return Finding(check_name="late-edit", reason="changed after its first five minutes")


# In the order of what it costs to find out, and of what an author should hear first.
CHECKS: tuple[Check, ...] = (
    conversation_closed,
    silenced,
    thread_closed,
    answered_comment_gone,
    empty_or_too_long,
    same_text_again,
    too_fast,
    changed_too_often,
    slow_mode,
    word_list,
    story_premoderated,
    premoderated_person,
    first_comment,
    poor_record,
    where_from,
    off_duty,
    sent_by_machine,
    links,
    private_data,
    similar,
    under_pressure,
)
# Those that the desk can set, by the names that the desk has for them.
STAGE_OF: dict[Check, str] = {
    word_list: "word-list",
    story_premoderated: "premoderated",
    premoderated_person: "premoderated-person",
    first_comment: "first-comment",
    poor_record: "record",
    where_from: "source",
    off_duty: "off-duty",
    sent_by_machine: "machine",
    links: "links",
    private_data: "private-data",
    similar: "similar",
    under_pressure: "surge",
}


def examine(comment: Comment) -> list[Finding]:
    """Return what the checks found, all of it. Raises ``Refused``.

    A check that cannot find out holds the comment: it never lets through. After a ``Glance`` what
    the database refuses raises ``LookFailed``: to have each check answer for itself costs two
    statements more, and is left to a second try.
    """
    findings = []
    # Of a new comment nothing is written yet, and what the database refuses is taken up anew.
    start = transaction.savepoint() if comment.glance is None else None
    for check in CHECKS:
        try:
            # One that is off is not asked at all: some refuse by themselves.
            name = STAGE_OF.get(check)
            is_on = name is None or pipeline.of(comment, name).is_on
            kept = _as_set(comment, spoken(check, comment) if is_on else [])
        except Refused:
            raise
        except Exception as error:
            if comment.glance is not None and isinstance(error, DatabaseError):
                raise LookFailed from error
            # Whatever went wrong, a person looks at the comment.
            log.exception("The check %s failed", check.__name__)
            if start is not None:
                # What the database refused one check it would else refuse all after it. What the
                # checks before it wrote is lost too: how often rules spoke, which nobody relies on.
                transaction.savepoint_rollback(start)
            reason = "a check could not be made; please look"
            kept = [pipeline.unanswered(check.__name__[:40], reason)]
        findings += kept
    if start is not None:
        transaction.savepoint_commit(start)
    return findings


def spoken(check: Check, comment: Comment) -> list[Finding]:
    """Return what one check found: nothing, one thing or several. Raises ``Refused``."""
    found = check(comment)
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _as_set(comment: Comment, findings: list[Finding]) -> list[Finding]:
    """Return the findings of a check that is on, doing what the desk has set it to.

    Raises ``Refused`` where it is set to turn comments away. What says that a check could not
    find out holds in any case.
    """
    for finding in findings:
        if pipeline.is_unanswered(finding):
            continue
        stage = pipeline.STAGE.get(finding.check_name)
        if stage is None:
            continue  # nobody sets it
        action = pipeline.of(comment, stage.name).action
        if action in stage.senseless:
            continue
        if action == CheckRule.Action.BLOCK:
            raise Refused(
                stage.refusal
                or "The desk does not take this comment just now. Your text is kept below."
            )
        if action == CheckRule.Action.FLAG:
            finding.holds = False
    return findings


def ask_outside(comment: Comment) -> list[Finding]:
    """Return what outside checks found. Called before anything is locked. Raises ``Refused``."""
    if _is_desk(comment) or not (settings.AKISMET_KEY or settings.CHECK_WEBHOOK_URL):
        return []
    if text.is_blank(comment.body_html) or len(comment.body) > text.MAX_LENGTH:
        return []  # refused anyway
    if not pipeline.of(comment, "outside").is_on:
        return []
    return _as_set(comment, outside.ask(comment))


def count_refusal(refused: Refused) -> None:
    """Keep what follows from a refusal, once what it refused is rolled back.

    That is a count at the rule that spoke, and the beginning of pressure on a story.
    """
    if isinstance(refused, Pressed):
        surge.begin(refused.article)
    elif isinstance(refused.rule, WordRule):
        WordRule.objects.filter(pk=refused.rule.pk).update(
            hits=F("hits") + 1, last_hit_at=timezone.now()
        )
    elif isinstance(refused.rule, SourceRule):
        sources.count(refused.rule)


def remember(comment: Comment) -> None:
    """Keep what later checks compare with. Called once a new comment is saved."""
    if not _is_desk(comment):
        likeness.remember(comment)


def _is_desk(comment: Comment) -> bool:
    return comment.author is not None and comment.author.is_staff
