"""The checks a comment goes through before readers see it.

A check is a function of a comment. It returns a ``Finding``, which holds the comment for a
moderator, or ``None``; it raises ``Refused`` to turn the comment away with a word to its author.
``CHECKS`` is the pipeline: a new check is a function, a place in that tuple, and a test.
"""

import datetime
import logging
import re
from collections.abc import Callable

from django.conf import settings
from django.utils import timezone

from articles.models import Article
from comments import text, wordlist
from comments.models import Comment, Finding, Refused, WordRule

log = logging.getLogger(__name__)

Check = Callable[[Comment], Finding | None]

MAX_LINKS = 2
SAME_TEXT_FOR = datetime.timedelta(hours=24)
# How many comments one account may post in a time.
PACE = (
    (5, datetime.timedelta(minutes=2)),
    (30, datetime.timedelta(hours=1)),
)
LINK = re.compile(r"<a\s", re.IGNORECASE)
MAIL_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE_NUMBER = re.compile(r"(?<![\w/=.-])\+?\(?\d(?:[\s()/.-]{0,2}\d){8,14}(?![\w/])")


def conversation_closed(comment: Comment) -> None:
    """Turn away a comment on a story that takes none. Raises ``Refused``."""
    if not comment.article.takes_comments:
        raise Refused("The conversation under this story is closed. Your text is kept below.")


def answered_comment_gone(comment: Comment) -> None:
    """Turn away a reply to what readers cannot see. Raises ``Refused``."""
    parent = comment.parent
    if parent and (parent.article_id != comment.article_id or not parent.is_visible):
        raise Refused("The comment you answer is not shown any more. Your text is kept below.")


def empty_or_too_long(comment: Comment) -> None:
    """Turn away what shows nothing, or more than ``text.MAX_LENGTH`` characters."""
    if text.is_blank(comment.body_html):
        raise Refused("There is nothing to read in this comment yet.")
    if len(comment.body) > text.MAX_LENGTH:
        raise Refused(
            f"A comment has at most {text.MAX_LENGTH:,} characters; this one has "
            f"{len(comment.body):,}."
        )


def same_text_again(comment: Comment) -> None:
    """Turn away what the author said under this story within ``SAME_TEXT_FOR``.

    Source: acceptance row W08. What its author removed may be said again.
    """
    same = Comment.objects.filter(
        author=comment.author,
        article=comment.article,
        fingerprint=comment.fingerprint,
        created_at__gt=timezone.now() - SAME_TEXT_FOR,
    ).exclude(status=Comment.Status.REMOVED)
    if comment.fingerprint and same.exclude(pk=comment.pk).exists():
        raise Refused("You have said this under this story already; it is not lost.")


def too_fast(comment: Comment) -> None:
    """Turn away more comments than ``PACE`` allows, naming the wait."""
    if not settings.LIMITS or comment.pk or comment.author is None or comment.author.is_staff:
        return
    now = timezone.now()
    for count, time in PACE:
        recent = Comment.objects.filter(author=comment.author, created_at__gt=now - time)
        times = recent.order_by("-created_at").values_list("created_at", flat=True)
        # The one that must leave the span before there is room for another.
        if oldest := list(times[count - 1 : count]):
            first = oldest[0]
            wait = max(1, round((first + time - now).total_seconds()))
            raise Refused(f"That was quick. Please wait {_spoken(wait)}, then post it.", wait)


def _spoken(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{round(seconds / 60)} minutes"


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


def links(comment: Comment) -> Finding | None:
    """Hold a comment with ``MAX_LINKS`` links or more.

    Source: WordPress, whose ``comment_max_links`` holds at 2 by default.
    """
    count = len(LINK.findall(comment.body_html))
    if count < MAX_LINKS:
        return None
    addresses = re.findall(r'<a[^>]*href="([^"]*)"', comment.body_html)
    return Finding(check_name="links", reason=f"{count} links", matches=addresses[:10])


def private_data(comment: Comment) -> Finding | None:
    """Hold a comment that shows a mail address or a telephone number. Source: row L14."""
    seen = text.plain(comment.body_html)
    found = MAIL_ADDRESS.findall(seen) + [match[0] for match in PHONE_NUMBER.finditer(seen)]
    if not found:
        return None
    return Finding(
        check_name="private-data", reason="shows an address or a number", matches=found[:10]
    )


def word_list(comment: Comment) -> Finding | None:
    """Hold or turn away a comment for the desk's own words and patterns."""
    ways = wordlist.readings(text.plain(comment.body_html))
    held: dict[str, None] = {}
    for rule in WordRule.objects.filter(is_enabled=True):
        found = wordlist.matches(rule, ways)
        if found and rule.action == WordRule.Action.BLOCK:
            raise Refused(
                "This comment contains words that we do not publish "
                f"(“{found[0]}”). Please say it another way."
            )
        held |= dict.fromkeys(found)
    if not held:
        return None
    return Finding(
        check_name="word-list", reason="words on the desk’s list", matches=list(held)[:20]
    )


# In the order of what it costs to find out, and of what an author should hear first.
CHECKS: tuple[Check, ...] = (
    conversation_closed,
    answered_comment_gone,
    empty_or_too_long,
    too_fast,
    same_text_again,
    word_list,
    story_premoderated,
    first_comment,
    links,
    private_data,
)


def examine(comment: Comment) -> list[Finding]:
    """Return what the checks found, all of it. Raises ``Refused``.

    A check that cannot find out holds the comment: it never lets through.
    """
    findings = []
    for check in CHECKS:
        try:
            finding = check(comment)
        except Refused:
            raise
        except Exception:  # noqa: BLE001 - whatever went wrong, a person looks at the comment
            log.exception("The check %s failed", check.__name__)
            finding = Finding(
                check_name=check.__name__[:40], reason="a check could not be made; please look"
            )
        if finding is not None:
            findings.append(finding)
    return findings


def _is_desk(comment: Comment) -> bool:
    return comment.author is not None and comment.author.is_staff
