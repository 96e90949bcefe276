"""What every page's frame shows."""

from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet, Value
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from articles.models import Policy, Section
from comments import notices
from comments.models import MailStop
from newsroom import prepared
from newsroom.memory import fragments


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the paper's name, and what of its frame is read only where a page shows it."""
    # None where a request was refused before anybody asked who sent it.
    user = getattr(request, "user", None)
    edition: int | None = getattr(request, "edition", None)
    frame: Any = SimpleLazyObject(lambda: _frame(edition))
    is_nobody = request.method == "GET" and user is not None and not user.is_authenticated
    return {
        # Where a page is the same for all who read it without an account.
        "nobody": True if is_nobody else None,
        "site_name": settings.SITE_NAME,
        "site_tagline": settings.SITE_TAGLINE,
        "site_contact": settings.SITE_CONTACT,
        "respect_label": settings.RESPECT_LABEL,
        # Of what the kept parts of the page are, where its view knows; else nothing is kept.
        "edition": edition,
        "masthead_sections": SimpleLazyObject(lambda: frame.sections),
        "policies": SimpleLazyObject(lambda: frame.policies),
        "unread_notices": SimpleLazyObject(
            lambda: notices.unread_count(user) if user and user.is_authenticated else ""
        ),
        "mail_stop": SimpleLazyObject(
            lambda: MailStop.of(user) if user and user.is_authenticated else None
        ),
    }


class Frame(NamedTuple):
    """What stands above and below every page: sections by their names, policies by their kinds."""

    sections: list[Section]
    policies: list[Policy]


def _frame(edition: int | None) -> Frame:
    """Read the frame, in one query; kept for the edition, where the page is of one."""
    known: Frame | None = fragments.get(("frame", edition)) if edition is not None else None
    if known is None:
        sections, policies = [], []
        for what, name, slug, pk, _ in _FRAME.all():
            if what == "section":
                sections.append(Section(pk=pk, name=name, slug=slug))
            else:
                policies.append(Policy(pk=pk, kind=slug))
        known = Frame(sections, sorted(policies, key=lambda policy: policy.place))
        if edition is not None:
            fragments.put(("frame", edition), known, 500 * (len(sections) + len(policies)))
    return known


def _write_frame() -> "QuerySet[Any, tuple[Any, ...]]":
    # One row each, sections in their order before policies.
    sections = Section.objects.filter(in_masthead=True).order_by()
    policies = Policy.objects.order_by()
    return (
        sections.annotate(what=Value("section"))
        .values_list("what", "name", "slug", "pk", "position")
        .union(
            policies.annotate(what=Value("policy"), position=Value(0)).values_list(
                "what", "kind", "kind", "pk", "position"
            ),
            all=True,
        )
        .order_by("position", "name")
    )


_FRAME = prepared.Query(_write_frame, is_page=True)
