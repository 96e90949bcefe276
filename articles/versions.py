"""The versions of a story that readers may open, and how each differs from another.

A version is what readers found after a change that mattered. Small edits between two have no page
of their own: they are counted, and show in the difference to the next.
"""

import datetime
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from articles import body, lists, opened, pictures, revisions, stamps
from articles.models import Article, Correction, Image, Revision
from articles.pages import LEAD_SIZES
from newsroom.memory import fragments
from newsroom.page_cache import keep
from newsroom.shared_pages import shared_page

# Of what an editor can change, what is told of a story's past. The library's own name for a
# picture is the desk's.
TOLD = (
    "label", "headline", "standfirst", "bylines", "dateline", "body", "lead_caption",
    "source_outlet", "source_url", "originally_published",
)  # fmt: skip
BODY_SIZES = "(min-width: 50rem) 42rem, 100vw"
# A correction is written with the save that it is about, a moment before or after.
TOGETHER = datetime.timedelta(minutes=2)
MOST_EDITS = 200  # of one story that are looked at


@dataclass
class Version:
    """One version as the list of them tells it."""

    number: int
    at: datetime.datetime  # when readers first found it
    words: tuple[int, int] | None = None  # that came and that went; None for the first
    small_edits: int = 0  # after it, before the next
    corrections: list[Correction] = field(default_factory=list)


@require_safe
@shared_page
def versions(request: HttpRequest, year: str, month: str, day: str, slug: str) -> HttpResponse:
    """Show which versions of a story there are, newest first."""
    shown = _live(request, year, month, day, slug)
    newest_first = shown.versions().order_by("-public_number")
    page = lists.page_of(newest_first, request.GET.get("page", ""))
    told = _told(shown, list(page.items))
    context = {"article": shown, "current_section": shown.section, "page": page, "versions": told}
    return _answer(request, shown, "articles/versions.html", context)


@require_safe
@shared_page
def version(
    request: HttpRequest, year: str, month: str, day: str, slug: str, number: str
) -> HttpResponse:
    """Show one version of a story whole, and what changed in it since another."""
    shown = _live(request, year, month, day, slug)
    numbers = shown.revisions.versions().values_list("public_number", flat=True)
    every = {one for one in numbers if one is not None}
    chosen, other = int(number), _compared(request, int(number))
    if chosen not in every or (other is not None and other not in every):
        raise Http404("No such version.")
    wanted = shown.versions().filter(public_number__in=[chosen, other])
    rows = {row.public_number: row for row in wanted}
    said = rows[chosen].content
    context = {
        "article": shown,
        "current_section": shown.section,
        "number": chosen,
        "last": max(every),
        "at": _seen_at(shown, rows[chosen]),
        "said": said,
        "names": ", ".join(byline["name"] for byline in said.get("bylines") or []),
        "figure": _lead(said),
        "text": _text(said),
        "other": other,
        "other_at": _seen_at(shown, rows[other]) if other else None,
        "changes": _changes(rows[other], rows[chosen]) if other else [],
        "previous": chosen - 1 if chosen - 1 in every else None,
        "next": chosen + 1 if chosen + 1 in every else None,
        "others": sorted(every - {chosen}, reverse=True),
    }
    return _answer(request, shown, "articles/version.html", context)


def _live(request: HttpRequest, year: str, month: str, day: str, slug: str) -> Article:
    """Return the story at an address, while readers see its text; else ``Http404``."""
    shown = opened.story(year, month, day, slug)
    if not shown.is_live:
        raise Http404("Its versions are not to be read any more.")
    request.edition = shown.edition  # type: ignore[attr-defined]
    return shown


def _answer(
    request: HttpRequest, shown: Article, template: str, context: dict[str, Any]
) -> HttpResponse:
    response = render(request, template, context)
    response["X-Robots-Tag"] = "noindex"
    return keep(response, stamps.stamp(shown.edition or 0, [shown], [shown.next_change_at]))


def _compared(request: HttpRequest, chosen: int) -> int | None:
    """Return with which version one is compared: the one asked for, or the one before it.

    The first stands alone. Raises ``Http404`` for what is no version's number.
    """
    asked = request.GET.get("compare")
    if asked is None:
        return chosen - 1 or None
    if not re.fullmatch(r"[1-9][0-9]{0,5}", asked) or int(asked) == chosen:
        raise Http404("No such version.")
    return int(asked)


def _seen_at(shown: Article, revision: Revision) -> datetime.datetime:
    """Return when readers first found a version: the first one with the story."""
    first = shown.published_at if revision.public_number == 1 else None
    return first or revision.at


def _told(shown: Article, found: list[Revision]) -> list[Version]:
    """Return the versions on a page of the list, newest first. Four queries at most."""
    if not found:
        return []
    # The one before the last of the page, which that is compared with.
    before = (found[-1].public_number or 1) - 1
    compared = [*found, *shown.revisions.whole().filter(public_number=before)]
    told = []
    for revision, older in zip(found, [*compared[1:], None], strict=False):
        words = _words(older, revision) if older is not None else None
        told.append(Version(revision.public_number or 0, _seen_at(shown, revision), words))
    by_number = {version.number: version for version in told}
    for number, count in _small_edits(shown, found[-1].number).items():
        if number in by_number:
            by_number[number].small_edits = count
    newest_first = shown.versions().order_by("-public_number")
    every = list(newest_first.values_list("public_number", "at")) if shown.has_corrections else []
    for correction in shown.corrections.all() if every else ():
        # With what readers found then, whether that stands on this page of the list or not.
        then = (one or 0 for one, at in every if one == 1 or at <= correction.at + TOGETHER)
        if version := by_number.get(next(then, 0)):
            version.corrections.append(correction)
    return told


def _small_edits(shown: Article, since: int) -> Counter[int]:
    """Return how many saves changed what readers find, without a version of their own.

    They are told by the version before them; ``since`` is the number of the first revision to
    look at. What an editor sets besides is nobody's news.
    """
    tally: Counter[int] = Counter()
    number, before = 0, None
    rows = shown.revisions.whole().filter(number__gte=since).order_by("number")
    for row in rows[:MOST_EDITS]:
        said = [row.content.get(name) for name in (*TOLD, "lead_image")]
        if row.public_number:
            number = row.public_number
        elif said != before:
            tally[number] += 1
        before = said
    return tally


def _words(old: Revision, new: Revision) -> tuple[int, int]:
    """Return how many words came and went. Kept: what was published does not change."""
    key = ("words of versions", old.pk, new.pk)
    known: tuple[int, int] | None = fragments.get(key)
    if known is None:
        counts = [change.words for change in revisions.compare(old, new, TOLD)]
        known = sum(came for came, _ in counts), sum(went for _, went in counts)
        fragments.put(key, known, 300)
    return known


def _changes(old: Revision, new: Revision) -> list[tuple[str, str, SafeString]]:
    """Return of each field that reads otherwise its name, its label and what changed. Kept."""
    key = ("changes of versions", old.pk, new.pk)
    known: list[tuple[str, str, SafeString]] | None = fragments.get(key)
    if known is None:
        known = [
            (change.name, change.label, change.html) for change in revisions.compare(old, new, TOLD)
        ]
        fragments.put(key, known, 500 + 2 * sum(len(html) for _, _, html in known))
    return known


def _lead(said: dict[str, Any]) -> SafeString | str:
    """Return a version's lead picture, where the library still has it."""
    named = said.get("lead_image")
    image = Image.objects.filter(pk=named["pk"]).first() if named else None
    if image is None or not image.has_file:
        return ""
    return pictures.figure_html(image, LEAD_SIZES, caption=escape(said.get("lead_caption") or ""))


def _text(said: dict[str, Any]) -> SafeString:
    """Return a version's text as readers get it, with those pictures that there still are."""
    # Sanitised again: what is allowed today may be less than what was then.
    html = body.clean(str(said.get("body") or ""))
    images = Image.objects.by_ids(body.picture_ids(html))

    def figure(pk: int, alt: str, caption: str) -> str | None:
        image = images.get(pk)
        if image is None or not image.has_file:
            return None
        return pictures.figure_html(image, BODY_SIZES, alt, caption)

    rendered = body.render(html, figure)
    if dateline := said.get("dateline"):
        words = f'<span class="dateline">{escape(str(dateline))}</span> – '
        inside = rendered.startswith("<p>")
        rendered = SafeString(
            f"<p>{words}{rendered[3:]}" if inside else f"<p>{words}</p>{rendered}"
        )
    # Safe: made by articles.body; the dateline is escaped above.
    return mark_safe(rendered)
