"""What the demo's readers do beside speaking: whom they follow, whom they had rather not hear, and
how far they have read.

Most of it is the demo reader's, since it is what they find when they log in.
"""

import datetime

from django.utils import timezone

from accounts.models import User
from articles.models import Article
from comments import civility
from comments.models import Follow, Mute, PromptCount, Visit

TRAM = "tram-line-2-will-open-eleven-months-late"
STRAND = "council-votes-to-close-strand-to-cars-on-sundays"
BAKERY = "bakery-on-mill-lane-pays-everyone-the-same"
GAUGE = "what-the-tide-gauge-says"
RENTS = "ropewalk-rents-rise-by-a-third"

# Story, and from how many minutes after it came out.
STORIES_FOLLOWED = {
    "reader": [(TRAM, 256), (BAKERY, 30)],
    "quaysider": [(STRAND, 20)],
    "lowferring_jo": [(TRAM, 100)],
    "p.valance": [(RENTS, 50)],
}
# By who began the thread, and where.
THREADS_FOLLOWED = {
    "reader": [(STRAND, "nightshift_ray"), (GAUGE, "h.solberg")],
    "h.solberg": [(GAUGE, "reader")],
    "quoin_and_rule": [(RENTS, "p.valance")],
}
MUTED = {
    "reader": ["marrowman"],
    "mrs_pemberton": ["the_plumb_line"],
    "rovers_til_i_rust": ["marrowman"],
}
# Story, and how many minutes after it came out the demo reader last looked. What was published
# under it since is new to them.
VISITS = {
    TRAM: 155,
    STRAND: 1100,
    GAUGE: 2900,
    BAKERY: 260,
    RENTS: 4000,
}
# What came of asking to think again, day by day back from yesterday: edited, posted, cancelled.
ASKED = {
    civility.INSULT: [(3, 1, 2), (1, 0, 0), (4, 2, 1), (2, 0, 1), (0, 1, 0), (5, 2, 2), (1, 1, 1)],
    civility.SHOUTING: [(1, 1, 0), (2, 0, 0), (0, 1, 0), (3, 2, 0), (1, 0, 0), (2, 1, 1)],
    civility.DESK_WORDS: [(1, 0, 0), (0, 0, 0), (1, 1, 0), (0, 1, 0)],
}


def take_part(
    articles: dict[str, Article], people: dict[str, User], now: datetime.datetime
) -> None:
    """Have the readers follow, mute and read. The conversation must have happened."""
    for name, stories in STORIES_FOLLOWED.items():
        for slug, minutes in stories:
            at = _after(articles[slug], minutes)
            Follow.objects.create(reader=people[name], article=articles[slug], at=at)
    for name, threads in THREADS_FOLLOWED.items():
        for slug, starter in threads:
            comments = articles[slug].comments.visible()
            first = comments.filter(root=None, author=people[starter]).order_by("number")[0]
            at = first.created_at + datetime.timedelta(minutes=20)
            Follow.objects.create(reader=people[name], article=articles[slug], thread=first, at=at)
    for name, others in MUTED.items():
        for other in others:
            at = people[name].date_joined + datetime.timedelta(days=90)
            Mute.objects.create(reader=people[name], muted=people[other], at=at)
    for slug, minutes in VISITS.items():
        _visit(people["reader"], articles[slug], minutes)
    _count_prompts(timezone.localdate(now))


def _after(article: Article, minutes: int) -> datetime.datetime:
    assert article.published_at is not None  # noqa: S101 - only what is out has readers
    return article.published_at + datetime.timedelta(minutes=minutes)


def _visit(reader: User, article: Article, minutes: int) -> None:
    at = _after(article, minutes)
    last = article.comments.filter(visible_at__lte=at).order_by("-number").first()
    number = last.number if last and last.number else 0
    Visit.objects.create(reader=reader, article=article, latest=number, at=at)


def _count_prompts(today: datetime.date) -> None:
    for rule, days in ASKED.items():
        for ago, (edited, posted, cancelled) in enumerate(days, start=1):
            counts = {
                PromptCount.Outcome.SHOWN: edited + posted + cancelled,
                PromptCount.Outcome.EDITED: edited,
                PromptCount.Outcome.POSTED: posted,
                PromptCount.Outcome.CANCELLED: cancelled,
            }
            PromptCount.objects.bulk_create(
                PromptCount(
                    day=today - datetime.timedelta(days=ago),
                    rule=rule,
                    outcome=outcome,
                    count=count,
                )
                for outcome, count in counts.items()
                if count
            )
