"""Previews for people outside the house: a link that is good for a while, and for one story."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from articles import pages
from articles.models.editing import PreviewLink, PreviewLinkEnded


@require_safe
def shared(request: HttpRequest, signed: str) -> HttpResponse:
    """Show a story before readers may see it, to whoever was sent this link.

    Once it is published the link leads to it. What has ended or was never made is told apart from
    one another, but nothing is told of the story.
    """
    try:
        link = PreviewLink.at(signed)
        story = link.open(is_counted=request.method == "GET")
    except PreviewLink.DoesNotExist:
        response = _ended(request, "This preview is not here", 404)
    except PreviewLinkEnded:
        response = _ended(request, "This preview has ended", 410)
    else:
        if story.is_live:
            response = HttpResponseRedirect(story.get_absolute_url())
        else:
            response = pages.as_preview(request, story, link)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    # The address is the key: no page that the story links to is told of it.
    response["Referrer-Policy"] = "no-referrer"
    return response


def _ended(request: HttpRequest, heading: str, status: int) -> HttpResponse:
    context = {"heading": heading, "is_known": status == 410}
    return render(request, "articles/preview_ended.html", context, status=status)
