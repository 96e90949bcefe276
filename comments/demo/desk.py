"""The demo's moderation desk as one finds it on a working day: rules, appeals, a notice, notes."""

import datetime
import zlib

from accounts.models import SourceRule, User
from articles.models import Section
from comments.models import (
    Appeal,
    CheckRule,
    Comment,
    Decision,
    DutyHours,
    LegalNotice,
    MessageTemplate,
    Reason,
    Sanction,
    SavedFilter,
    SecondLook,
    StaffNote,
    Terms,
)

DAY, HOUR = datetime.timedelta(days=1), datetime.timedelta(hours=1)
FIRST_RULES = """\
Talk about the story and to each other as you would across a counter in the Corn Hall: plainly, and
knowing that you will meet again.

- Argue with what was said, not with who said it.
- Leave other people's private lives out of it.
- Say how you know. A claim about a person needs something to stand on.
- Nothing to sell."""
SECOND_RULES = FIRST_RULES.replace(
    "- Nothing to sell.",
    "- Nothing to sell.\n- Words by a machine are welcome if you say so, and stand by them.",
)
TEMPLATES = (
    ("Argue with the point", Reason.ATTACK,
     "{name}, your argument would have stood without the remark about who you are talking to. "
     "Leave that out and send it again."),
    ("Where is it from?", Reason.DEFAMATION,
     "You say something about a person under “{story}” that could hurt them if it is not so. "
     "If you have a source, send it again with the source."),
    ("Somebody’s address", Reason.PRIVATE_DATA,
     "{name}, we took this out for the number in it. Without it, it can stand."),
    ("Thank you, but", "",
     "Thank you for writing, {name}. This one we do not publish: {rule}"),
)  # fmt: skip
CLAIM = "What it says of a person by name is not so. The minutes of the council say the opposite."


def fill(people: dict[str, User], now: datetime.datetime) -> None:
    """Set the desk up, and let what came to it come. Nobody is mailed."""
    moderator, admin = people["moderator"], people["admin"]
    _rules(admin, now)
    MessageTemplate.objects.bulk_create(
        MessageTemplate(name=name, reason=reason, text=text) for name, reason, text in TEMPLATES
    )
    DutyHours.objects.bulk_create(
        DutyHours(weekday=day, opens="07:00" if day < 5 else "09:00", closes="22:00")
        for day in range(7)
    )
    SourceRule.objects.create(
        kind=SourceRule.Kind.MAIL, value="tenminutepost.example", owner=moderator,
        note="Throw-away addresses. Every account from there was an advertisement.",
        created_at=now - 70 * DAY,
    )  # fmt: skip
    CheckRule.objects.create(
        check_name="links", threshold=3, section=Section.objects.order_by("position").last()
    )
    SavedFilter.objects.bulk_create([
        SavedFilter(owner=moderator, name="Longest waits", query="queue=pending&age=1d"),
        SavedFilter(
            owner=admin, name="First comments", query="queue=pending&first=1", is_shared=True
        ),
    ])  # fmt: skip
    _second_looks(admin, now)
    _appeals(people, now)
    _notices(admin, now)


def _rules(admin: User, now: datetime.datetime) -> None:
    for text, changes, days in (
        (FIRST_RULES, "", 400),
        (SECOND_RULES, "a line about text that a machine wrote.", 12),
    ):
        rules = Terms(text=text, changes=changes, in_force_at=now - days * DAY, by=admin)
        rules.publish()


def _second_looks(admin: User, now: datetime.datetime) -> None:
    """Have a second person look at a third of what was decided, and agree mostly."""
    decided = Decision.objects.filter(
        by__isnull=False, revision__isnull=True, at__gt=now - 27 * DAY, at__lt=now - 2 * DAY,
        act=Decision.Act.DECIDE, comment__import_key__isnull=True,
    ).exclude(after=Comment.Status.REMOVED)  # fmt: skip
    looks = []
    for decision in decided.order_by("pk"):
        chance = zlib.crc32(f"{decision.comment_id}".encode()) % 12
        if chance > 4:
            continue
        differs = chance == 0
        verdict, reason = decision.after, decision.reason
        if differs and verdict == Comment.Status.APPROVED:
            verdict, reason = Comment.Status.REJECTED, Reason.OFF_TOPIC
        elif differs:
            verdict, reason = Comment.Status.APPROVED, ""
        elif chance == 1 and reason:
            reason = Reason.LANGUAGE
        looks.append(
            SecondLook(
                decision=decision, by=admin, verdict=verdict, reason=reason,
                chosen_at=decision.at + HOUR, at=decision.at + DAY,
            )
        )  # fmt: skip
    open_ones = decided.exclude(pk__in=[look.decision_id for look in looks]).order_by("-pk")[:2]
    looks += [SecondLook(decision=one, chosen_at=now - 5 * HOUR) for one in open_ones]
    SecondLook.objects.bulk_create(looks)


def _appeals(people: dict[str, User], now: datetime.datetime) -> None:
    """One that was turned down, one that waits, and one against a sanction that waits."""
    moderator, admin, reader = people["moderator"], people["admin"], people["reader"]
    rejected = Decision.objects.filter(
        after=Comment.Status.REJECTED, by=moderator, revision__isnull=True,
        comment__status=Comment.Status.REJECTED, comment__author__isnull=False,
    ).select_related("comment__author")  # fmt: skip
    own = rejected.filter(comment__author=reader).order_by("pk").last()
    if own is not None:
        at = min(own.at + 20 * HOUR, now - 2 * HOUR)
        answer = (
            "It made the whole desk smile, and it is still a thing with a price on it. A joke "
            "about noise is welcome under the story; the drum kit itself goes into the small ads, "
            "which are free on Fridays."
        )
        upheld = own.comment.reject(
            admin, own.reason, act=Decision.Act.UPHOLD, source=Decision.Source.APPEAL,
            message=answer, at=at,
        )  # fmt: skip
        Appeal.objects.create(
            decision=own, person=reader, text="It is one drum kit, and the story is about noise.",
            at=own.at + HOUR, answered_at=at, answered_by=admin, is_granted=False, answer=answer,
            answer_decision=upheld,
        )  # fmt: skip
    others = rejected.exclude(comment__author=reader).order_by("-at", "pk")
    first = others.first()
    if first is not None:
        Appeal.objects.create(
            decision=first, person=first.comment.author, at=max(first.at, now - 5 * HOUR),
            text="I was quoting the councillor. The harsh word is his, from Tuesday’s minutes.",
        )  # fmt: skip
    rude = others.filter(reason=Reason.ATTACK).exclude(pk=first.pk if first else 0).first()
    if rude is None or rude.comment.author is None:
        return
    sanction = Sanction.objects.create(
        person=rude.comment.author, kind=Sanction.Kind.PREMODERATE, by=admin,
        reason=Reason.ATTACK, comment=rude.comment, at=max(rude.at, now - 6 * DAY),
        until=now + 24 * DAY, note="Third one in a month. See how the next weeks go.",
        message="You have much to say about the harbour, and people read it. For a month we look "
        "at it first, until it is about the harbour again.",
    )  # fmt: skip
    Appeal.objects.create(
        sanction=sanction, person=sanction.person, at=max(sanction.at, now - 26 * HOUR),
        text="A month is long for two sharp sentences.",
    )  # fmt: skip
    StaffNote.objects.create(
        person=sanction.person, by=moderator, at=sanction.at + HOUR,
        text="Answers kindly when one writes to him kindly. Worth a line by hand.",
    )  # fmt: skip


def _notices(admin: User, now: datetime.datetime) -> None:
    """A notice of illegal content that was answered, and one that waits."""
    stood = Comment.objects.visible().filter(reports__isnull=False).order_by("pk").distinct()
    chosen = list(stood[:2])
    if len(chosen) < 2:
        return
    LegalNotice.objects.create(
        comment=chosen[0], url=chosen[0].get_absolute_url(), category="defamation",
        why=CLAIM, name="Ottilie Marchbank", email="o.marchbank@pellworth.example",
        at=now - 3 * HOUR,
    )  # fmt: skip
    LegalNotice.objects.create(
        comment=chosen[1], url=chosen[1].get_absolute_url(), category="copied",
        why="The second sentence is from my leaflet of last spring.", name="Bram Sexton",
        email="bram.sexton@pellworth.example", at=now - 11 * DAY, seen_at=now - 11 * DAY + HOUR,
        seen_by=admin, answered_at=now - 11 * DAY + 3 * HOUR, answered_by=admin,
        outcome=LegalNotice.Outcome.KEPT,
        answer="One sentence, named as yours, to talk about what it says: that is a quotation, and "
        "a lawful one. It stays.",
    )  # fmt: skip
