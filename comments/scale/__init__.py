"""A large synthetic newsroom, to measure with: the same every time, written by bulk inserts.

Most stories have few comments, some very many. Beside them stand the *measured* stories, of which
it is known what they show: but for the smallest, each begins with the same two hundred visible
comments, which fill its first page, and each has an exact number of comments in all. ``plan``
tells how many there are of everything, ``shape`` makes the conversations, ``words`` what is said
in them, ``record`` what the desk did, and ``talk`` writes it down.
"""

import random
from typing import Any

from django.utils import timezone

from accounts import scale as accounts
from articles import scale as articles
from articles.models import Article
from comments.models import Comment, Respect
from comments.scale import record
from comments.scale.plan import REFERENCE, SMALLEST, Plan
from comments.scale.talk import Talk
from newsroom import bulk

SEED = 20240104
TABLES = (*accounts.TABLES, *articles.TABLES, Comment, Respect, *record.TABLES)


def fill(plan: Plan, say: bulk.Say) -> dict[str, Any]:
    """Write the newsroom. Returns where its measured stories are, and who can log in.

    All of it is one transaction. Raises ``Impossible`` and ``DatabaseError``. ``say`` is told how
    far it has come.
    """
    now = timezone.now()
    # The same newsroom every time; and another one where one is added to it.
    chance = random.Random(SEED + bulk.next_id(Article))  # noqa: S311
    with bulk.loading(TABLES, say):
        say("people", 0, plan.readers)
        people = accounts.load(plan.readers, plan.reporters, now, chance)
        say("people", plan.readers, plan.readers)
        writers = articles.writers_of(people.reporters)
        stories = articles.plan(plan.articles, writers, now, chance)
        talk = Talk(plan, stories, people, now, chance)
        talk.write(say)
        articles.write(
            stories, talk.counted, now, chance, lambda done: say("articles", done, len(stories))
        )
    return _guide(talk)


def _guide(talk: Talk) -> dict[str, Any]:
    found = Article.objects.in_bulk(list(talk.measured))
    pages = {size: found[pk].get_absolute_url() for pk, size in talk.measured.items()}
    return {
        "small": pages[SMALLEST],
        "reference": pages[REFERENCE],
        "biggest": pages[max(pages)],
        "pages": {str(size): pages[size] for size in sorted(pages)},
        "reader": accounts.READER,
        "moderator": accounts.MODERATOR,
        "password": accounts.PASSWORD,
    }
