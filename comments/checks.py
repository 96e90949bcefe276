"""The checks a comment goes through before readers see it.

A check is a function of a comment. It returns a ``Finding``, which holds the comment for a
moderator, or ``None``; it raises ``Refused`` to turn the comment away with a word to its author.
``CHECKS`` is the pipeline: a new check is a function, a place in that tuple, and a test.
"""

import datetime
import logging
import re
import time
from collections.abc import Callable, Iterable
from html import unescape

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator

from articles.models import Article
from comments import formkeys, pace, text, wordlist
from comments.models import Comment, CommentQuerySet, Finding, Refused, WordRule

log = logging.getLogger(__name__)

Check = Callable[[Comment], Finding | None]

MAX_LINKS = 2
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
# Begun where a word begins, so that a long one is not read again from each of its letters.
MAIL_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# As numbers are dialled: with a plus or a zero in front, or the American three groups. Dates,
# sums, years and ISBN are none.
PHONE_NUMBER = re.compile(
    r"(?<![\w/=.,+-])(?:(?:\+\(?|\(\+?0?|0)\d(?:[ \u00a0()/.-]{0,2}\d){7,13}"
    r"|\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4})(?![\w/])"
)
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


class SaidAlready(Refused):
    """A text that stands, or waits, under the story already."""

    def __init__(self, comment: Comment) -> None:
        super().__init__("You have said this under this story already; it is not lost.")
        self.comment = comment


def same_text_again(comment: Comment) -> None:
    """Turn away what the author said under this story within ``SAME_TEXT_FOR``.

    What its author removed may be said again, and so may the same words of another passage.
    """
    same = Comment.objects.filter(
        author=comment.author,
        article=comment.article,
        fingerprint=comment.fingerprint,
        quote=comment.quote,
        created_at__gt=timezone.now() - SAME_TEXT_FOR,
    ).exclude(status=Comment.Status.REMOVED)
    earlier = same.exclude(pk=comment.pk).order_by("-pk").first() if comment.fingerprint else None
    if earlier is not None:
        raise SaidAlready(earlier)


def too_fast(comment: Comment) -> None:
    """Turn away more comments than the paces of account and address allow, naming the wait."""
    if _has_no_limits(comment):
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


def first_comment(comment: Comment) -> Finding | None:
    """Hold a reader of whom no comment was approved yet.

    Source: WordPress, whose ``comment_previously_approved`` is on by default.
    """
    if _is_desk(comment):
        return None
    if Comment.objects.visible().filter(author=comment.author).exists():
        return None
    return Finding(check_name="first-comment", reason="first comment of this reader")


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
    if Comment.objects.visible().filter(author=comment.author).exists():
        return None
    return Finding(check_name="machine", reason="sent within two seconds of opening the form")


def links(comment: Comment) -> Finding | None:
    """Hold a comment with ``MAX_LINKS`` links or more.

    Source: WordPress, whose ``comment_max_links`` holds at 2 by default.
    """
    count = len(LINK.findall(comment.body_html))
    if count < MAX_LINKS:
        return None
    addresses = text.addresses(comment.body_html)
    return Finding(check_name="links", reason=f"{count} links", matches=addresses[:10])


def private_data(comment: Comment) -> Finding | None:
    """Hold a comment that shows a mail address or a telephone number."""
    seen = text.plain(comment.body_html)
    found = MAIL_ADDRESS.findall(seen) + [match[0] for match in PHONE_NUMBER.finditer(seen)]
    if not found:
        return None
    return Finding(
        check_name="private-data", reason="shows an address or a number", matches=found[:10]
    )


def word_list(comment: Comment) -> Finding | None:
    """Hold or turn away a comment for the desk's own words and patterns.

    A rule that cannot be tried holds the comment, and keeps no other rule from being tried.
    """
    seen = text.plain(comment.body_html)
    # Words hide in addresses too, behind other words.
    hidden = [unescape(address) for address in text.addresses(comment.body_html)]
    ways = wordlist.readings("\n".join([seen, *(one for one in hidden if one not in seen)]))
    held: dict[str, None] = {}
    untried: list[WordRule] = []
    until = time.monotonic() + TIME_FOR_RULES
    # The rules that only ask their author to think again are ``civility``'s.
    asking = WordRule.Action.PROMPT
    for rule in WordRule.objects.filter(is_enabled=True).exclude(action=asking):
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
                f"(“{Truncator(found[0]).chars(60)}”). Please say it another way."
            )
        held |= dict.fromkeys(found)
    reasons = ["words on the desk’s list"] if held else []
    if untried:
        reasons.append(f"the rule “{untried[0]}” could not be tried; please look")
    if not reasons:
        return None
    return Finding(check_name="word-list", reason="; ".join(reasons)[:300], matches=list(held)[:20])


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
    answered_comment_gone,
    empty_or_too_long,
    same_text_again,
    too_fast,
    changed_too_often,
    slow_mode,
    word_list,
    story_premoderated,
    first_comment,
    sent_by_machine,
    links,
    private_data,
)


def examine(comment: Comment) -> list[Finding]:
    """Return what the checks found, all of it. Raises ``Refused``.

    A check that cannot find out holds the comment: it never lets through.
    """
    findings = []
    start = transaction.savepoint()
    for check in CHECKS:
        try:
            finding = check(comment)
        except Refused:
            raise
        except Exception:
            # Whatever went wrong, a person looks at the comment.
            log.exception("The check %s failed", check.__name__)
            # What the database refused one check it would else refuse all after it. Checks only
            # read, so that going back loses nothing.
            transaction.savepoint_rollback(start)
            finding = Finding(
                check_name=check.__name__[:40], reason="a check could not be made; please look"
            )
        if finding is not None:
            findings.append(finding)
    transaction.savepoint_commit(start)
    return findings


def ask_outside(comment: Comment) -> list[Finding]:
    """Return what outside checks found. Called before anything is locked."""
    return []


def count_refusal(refused: Refused) -> None:
    """Count a refusal at the rule that spoke."""


def remember(comment: Comment) -> None:
    """Keep what later checks compare with. Called once a new comment is saved."""


def _is_desk(comment: Comment) -> bool:
    return comment.author is not None and comment.author.is_staff
