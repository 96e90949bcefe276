"""Telling the newsroom by mail what was done with a story: withdrawn, killed, given back.

The mails are written once for each step, from its row, so that none is lost with a worker. They
are here because mail is: stories know nothing of who is told.
"""

import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Step
from comments.letters import absolute
from comments.models import Dispatch

# What is older is no news: it came with an import, or the worker was away for long.
NEWS = datetime.timedelta(days=3)
AT_ONCE = 20  # steps
MOST_TOLD = 100  # people


def tell_of_steps() -> int:
    """Write the mails that tell of new steps. One query where there are none.

    Returns how many mails were written.
    """
    due = Step.objects.filter(
        is_told=False, verb__in=Step.TOLD, at__gte=timezone.now() - NEWS
    ).values_list("pk", flat=True)[:AT_ONCE]
    return sum(_tell(pk) for pk in due)


@transaction.atomic
def _tell(pk: int) -> int:
    # Of two workers one writes the mails; the other finds it told, or goes on to the next.
    rows = Step.objects.select_for_update(
        skip_locked=connection.features.has_select_for_update_skip_locked
    )
    step = rows.filter(pk=pk, is_told=False).first()
    if step is None:
        return 0
    article = Article.objects.defer("body", "body_html").get(pk=step.article_id)
    people = _writers(article) if step.verb == Article.Verb.RETURN else _editors()
    told = list(people.exclude(pk=step.by_id or 0).exclude(email="")[:MOST_TOLD])
    verb = str(Article.Verb(step.verb).label)
    context = {
        "step": step,
        "verb": verb,
        "article": article,
        "by": step.by.name if step.by else "",
        "desk_url": absolute(reverse("admin:articles_article_change", args=[article.pk])),
        "site_name": settings.SITE_NAME,
        "site_contact": settings.SITE_CONTACT,
    }
    text = render_to_string("mail/step.txt", context).strip() + "\n"
    subject = f"{verb.capitalize()}: {article.headline}"
    for person in told:
        Dispatch.send(f"step:{step.pk}:{person.pk}", person.email, subject, text)
    Step.objects.filter(pk=step.pk).update(is_told=True)
    return len(told)


def _editors() -> QuerySet[User]:
    """Return who answers for what is published."""
    may = Q(groups__permissions__codename="publish_article")
    may |= Q(user_permissions__codename="publish_article") | Q(is_superuser=True)
    return User.objects.filter(may, is_active=True).distinct().order_by("pk")


def _writers(article: Article) -> QuerySet[User]:
    """Return who works on the story."""
    theirs = Q(pk=article.created_by_id or 0) | Q(byline__bylines__article=article)
    return User.objects.filter(theirs, is_active=True).distinct().order_by("pk")
