"""What a mail about notices looks like: subject, headers, words, in text and in HTML.

Readers' words go in as plain text, so that no link of theirs hides behind other words; the
templates escape them. Mail programs build a thread of a story's mails from ``References``: its
root, then the comments above, oldest first, each under an id that is always the same for one
person, whether they were sent that comment or wrote it themselves.
"""

import re
import textwrap
import uuid
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from comments import notices as announcing
from comments import reasons, text
from comments.models import Comment, Decision, Dispatch, LegalNotice, MailChoice, Notice
from comments.statement import Statement
from comments.tree import ancestor_ids

CAP = 20  # things in one mail; of more it says how many
MOST_REFERENCES = 20
LONGEST = 1500  # characters of the words that a mail is about
QUOTED = 240  # characters of the words that those answer
LINE = 72  # characters of a line of the text part
LONGEST_HEADER = 400  # characters of a header's line; a mail may have 998
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
GAP = re.compile("\n{3,}")
_ALONE = uuid.UUID("41b0173b-701e-42cb-b903-75f3a62a3a6d")

WHY = {
    Notice.Kind.REPLY: "somebody answered you",
    Notice.Kind.STAFF_REPLY: "the newsroom answered you",
    Notice.Kind.APPROVED: "a comment of yours was decided on",
    Notice.Kind.PICKED: "an editor picked a comment of yours",
    Notice.Kind.THREAD: "you follow this thread",
    Notice.Kind.STORY: "you follow this story",
    Notice.Kind.CORRECTED: "you follow this story",
    Notice.Kind.REPORT: "you reported a comment",
}
BUTTONS = {
    Notice.Kind.REPLY: "Read and answer",
    Notice.Kind.STAFF_REPLY: "Read and answer",
    Notice.Kind.APPROVED: "See it in its place",
    Notice.Kind.REJECTED: "Your comments and what you can do",
    Notice.Kind.PICKED: "See it in its place",
    Notice.Kind.THREAD: "Read the thread",
    Notice.Kind.STORY: "Read the conversation",
    Notice.Kind.CORRECTED: "Read the story",
    Notice.Kind.REPORT: "Go to the story",
    Notice.Kind.SANCTION: "Where you stand",
    Notice.Kind.APPEAL: "See what was decided",
    Notice.Kind.CLOSED: "See the thread",
}


class Letter(EmailMultiAlternatives):
    """A mail whose ids and addresses stand on one line each: folded, some programs miss them."""

    def message(self, *args: Any, **options: Any) -> Any:
        message = super().message(*args, **options)
        message.policy = message.policy.clone(max_line_length=LONGEST_HEADER)
        return message


@dataclass(frozen=True)
class Passage:
    """Words of somebody, with who said them."""

    words: str
    who: str = ""
    number: int | None = None

    @classmethod
    def of(cls, comment: Comment, longest: int) -> "Passage":
        words = _shortened(text.plain(comment.body_html), longest)
        return cls(words, comment.author_name, comment.number)

    @property
    def paragraphs(self) -> list[str]:
        return [line.strip() for line in self.words.split("\n") if line.strip()]

    @property
    def lines(self) -> list[str]:
        """The words in lines of a text mail."""
        lines: list[str] = []
        for paragraph in self.paragraphs:
            wrapped = textwrap.wrap(paragraph, LINE, break_long_words=False, break_on_hyphens=False)
            lines += [*([""] if lines else []), *wrapped]
        return lines


def alone(notice: Notice) -> uuid.UUID:
    """Return the batch of the mail that tells of this notice alone.

    It is made from the notice's key, while a mail of several has a random one: so that a second
    try knows, whatever was chosen meanwhile, which of the two the first one was.
    """
    return uuid.uuid5(_ALONE, notice.key)


def write(notices: list[Notice], person: User, address: str, batch: uuid.UUID) -> Letter:
    """Return the mail that tells ``person`` of these notices. It is not sent."""
    if batch.version == 5:
        subject, template, context = _single(notices[0])
        ids = _thread_headers(notices[0], person)
    else:
        subject, template, context = _digest(notices)
        ids = {"Message-ID": f"<digest-{batch.hex}@{_host()}>"}
    stream = _stream(notices, person, batch)
    stop_url = ""
    if stream not in Notice.STATEMENTS:
        token = MailChoice.token_for(person, stream)
        stop_url = absolute(reverse("comments:mail-stop", args=[token]))
    context |= {
        "subject": one_line(subject),
        "stop_url": stop_url,
        "choices_url": absolute(reverse("comments:mail-choices")),
        "site_name": settings.SITE_NAME,
        "site_contact": settings.SITE_CONTACT,
        "site_url": absolute("/"),
    }
    with timezone.override(announcing.zone_of(person.time_zone)):
        plain = render_to_string(f"mail/{template}.txt", context)
        html = render_to_string(f"mail/{template}.html", context)
    headers = ids | {
        "List-Id": f"<{stream}.{_host()}>",
        "List-Help": f"<{context['choices_url']}>",
        "List-Archive": f"<{absolute(reverse('comments:notices'))}>",
        "Auto-Submitted": "auto-generated",
    }
    if stop_url:
        # RFC 8058: the mail program posts to this one address, and nothing else is asked.
        headers |= {
            "List-Unsubscribe": f"<{stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    message = Letter(
        context["subject"], GAP.sub("\n\n", plain).strip() + "\n", to=[address], headers=headers
    )
    message.attach_alternative(html.strip() + "\n", "text/html")
    return message


def _stream(notices: list[Notice], person: User, batch: uuid.UUID) -> str:
    """Return the kind of mail this is, by which its reader sorts it and stops it."""
    only, *others = {notice.kind for notice in notices}
    if batch.version == 5:
        return only
    comes_alone = MailChoice.paces_of(person)[only] == MailChoice.Pace.NOW
    return only if comes_alone and not others else MailChoice.DIGEST


# Words ------------------------------------------------------------------------------------------


def _single(notice: Notice) -> tuple[str, str, dict[str, Any]]:
    """Return subject, template and context of a mail about one thing."""
    context: dict[str, Any] = {
        "notice": notice,
        "why": WHY.get(Notice.Kind(notice.kind), ""),
        "button_url": absolute(notice.place),
        "button_words": BUTTONS[Notice.Kind(notice.kind)],
    }
    comment, headline = notice.comment, notice.article.headline if notice.article else ""
    if notice.kind in Notice.OF_OTHERS and comment is not None:
        parent = comment.parent
        shown = parent is not None and parent.is_visible
        context |= {
            "said": Passage.of(comment, LONGEST),
            "answered": Passage.of(parent, QUOTED) if parent and shown else None,
            "is_to_you": parent is not None and parent.author_id == notice.person_id,
        }
        return f"Re: {headline}", "said", context
    if notice.kind == Notice.Kind.CORRECTED and notice.correction is not None:
        what = notice.correction.get_kind_display()
        return f"{what}: {headline}", "corrected", context
    if notice.kind == Notice.Kind.REPORT:
        return f"Your report: {headline}", "report", context
    context |= _decision(notice)
    if notice.kind == Notice.Kind.SANCTION:
        return f"Your account at {settings.SITE_NAME}", "decided", context
    if notice.kind == Notice.Kind.APPEAL:
        return "Your appeal", "decided", context
    return f"Your comment: {headline}", "decided", context


def _decision(notice: Notice) -> dict[str, Any]:
    """Return what a statement of reasons says beside the notice's own words."""
    comment, decision = notice.comment, notice.decision
    own = Passage.of(comment, LONGEST) if comment else None
    if decision is not None and decision.revision is not None:
        own = Passage(_shortened(text.plain(decision.revision.body_html), LONGEST))
    is_rejected = notice.kind == Notice.Kind.REJECTED
    statement = None
    if notice.sanction is not None:
        statement = Statement.of_sanction(notice.sanction)
    elif decision is not None and (is_rejected or decision.act == Decision.Act.CLOSE):
        statement = Statement.of(decision)
    return {
        "own": own,
        "statement": statement,
        "appeal": notice.appeal,
        "rule": reasons.rule(decision.reason) if decision and is_rejected else "",
        "pick_reason": (
            comment.pick_reason if comment and notice.kind == Notice.Kind.PICKED else ""
        ),
    }


def _digest(notices: list[Notice]) -> tuple[str, str, dict[str, Any]]:
    """Return subject, template and context of a mail about several things, story by story."""
    shown = notices[:CAP]
    places = {notice.article_id: place for place, notice in reversed([*enumerate(shown)])}
    by_story = sorted(shown, key=lambda notice: places[notice.article_id])
    stories = [
        {
            "article": items[0].article,
            "url": absolute(items[0].article.get_absolute_url()) if items[0].article else "",
            "items": [
                {
                    "notice": notice,
                    "url": absolute(notice.place),
                    "is_said": notice.kind in Notice.OF_OTHERS,
                    "is_to_you": notice.kind in {Notice.Kind.REPLY, Notice.Kind.STAFF_REPLY},
                    "rule": _decision(notice)["rule"],
                    "statement": _decision(notice)["statement"],
                }
                for notice in items
            ],
        }
        for _, group in groupby(by_story, key=lambda notice: notice.article_id)
        if (items := list(group))
    ]
    count = len(notices)
    are_comments = all(notice.kind in Notice.OF_OTHERS for notice in notices)
    nouns = ("new comment", "new comments") if are_comments else ("new thing", "new things")
    return (
        f"{settings.SITE_NAME}: {count} {nouns[count != 1]}",
        "digest",
        {
            "stories": stories,
            "more": count - len(shown),
            "why": "you follow stories or threads, or take part in them",
            "button_url": absolute(reverse("comments:notices")),
            "button_words": "See everything that is new",
        },
    )


def _shortened(words: str, longest: int) -> str:
    if len(words) <= longest:
        return words
    return words[:longest].rsplit(" ", 1)[0].rstrip() + " …"


def one_line(words: str) -> str:
    """Return ``words`` without line ends or anything else that would end a header."""
    return " ".join(CONTROLS.sub(" ", words).split())


def absolute(path: str) -> str:
    """Return a path of ours with the site's own address."""
    return f"{settings.SITE_URL}{path}"


# Threads ----------------------------------------------------------------------------------------


def _thread_headers(notice: Notice, person: User) -> dict[str, str]:
    """Return the id of a mail about one thing, and the ids of what it belongs under."""
    comment = notice.comment
    if notice.article_id is None or comment is None:
        return {"Message-ID": _id(f"{notice.kind}-{notice.pk}", person)} | (
            {"References": root, "In-Reply-To": root}
            if notice.article_id and (root := f"<story-{notice.article_id}@{_host()}>")
            else {}
        )
    above = [_id(f"comment-{pk}", person) for pk in reversed(ancestor_ids(comment))]
    if notice.kind in Notice.OF_OTHERS:
        own = _id(f"comment-{comment.pk}", person)
    else:
        own = _id(f"{notice.kind}-{notice.pk}", person)
        above.append(_id(f"comment-{comment.pk}", person))
    # Of a deep thread the root and the nearest.
    references = [f"<story-{notice.article_id}@{_host()}>", *above[-(MOST_REFERENCES - 1) :]]
    return {
        "Message-ID": own,
        "In-Reply-To": references[-1],
        "References": " ".join(references),
    }


def _id(what: str, person: User) -> str:
    # Keyed, so that an id in a forwarded mail tells nothing of who got it; and with the time of
    # joining, since in development a new database counts from one again.
    key = f"{person.pk}.{person.date_joined.timestamp()}"
    return f"<{what}.{salted_hmac('comments.letters', key).hexdigest()[:16]}@{_host()}>"


# To those who need no account ---------------------------------------------------------------------


def of_dispatch(row: Dispatch) -> Letter:
    """Return the mail of a row of the outbox. A second try is the same mail."""
    headers = {
        "Message-ID": f"<{salted_hmac('comments.dispatch', row.key).hexdigest()[:32]}@{_host()}>",
        "Auto-Submitted": "auto-generated",
    }
    message = Letter(one_line(row.subject), row.text, to=[row.address], headers=headers)
    if row.html:
        message.attach_alternative(row.html, "text/html")
    return message


def notice_received(notice: LegalNotice) -> None:
    """Send the receipt of a notice of illegal content to its sender, where there is an address."""
    _of_notice(notice, "received", "We have your notice")


def answer_notice(notice: LegalNotice) -> None:
    """Send the answer to a notice of illegal content to its sender, where there is an address."""
    _of_notice(notice, f"answered-{notice.answered_at:%Y%m%d%H%M%S}", "The answer to your notice")


def _of_notice(notice: LegalNotice, event: str, subject: str) -> None:
    if not notice.email:
        return
    title = f"{subject} {notice.ref}"
    context = {
        "notice": notice,
        "subject": title,
        "status_url": absolute(reverse("comments:legal-status", args=[notice.token])),
        "site_name": settings.SITE_NAME,
        "site_contact": settings.SITE_CONTACT,
    }
    text_part = render_to_string("mail/legal_notice.txt", context)
    Dispatch.send(
        f"legal:{notice.pk}:{event}",
        notice.email,
        title,
        GAP.sub("\n\n", text_part).strip() + "\n",
    )


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"
