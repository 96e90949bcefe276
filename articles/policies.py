"""What the paper says of itself, for readers: every policy that is written, and each alone."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from articles import stamps
from articles.models import Policy
from newsroom.page_cache import keep
from newsroom.shared_pages import shared_page


@require_safe
@shared_page
def about(request: HttpRequest) -> HttpResponse:
    """List the policies. Before there is one the page is there for the staff alone."""
    edition = _begun(request)
    written = sorted(Policy.objects.all(), key=lambda policy: policy.place)
    if not written and not request.user.is_staff:
        raise Http404("Nothing is written yet.")
    response = render(request, "articles/about.html", {"written": written})
    return keep(response, stamps.stamp(edition, []))


@require_safe
@shared_page
def policy(request: HttpRequest, kind: str) -> HttpResponse:
    """Show a policy."""
    edition = _begun(request)
    found = get_object_or_404(Policy, kind=kind)
    response = render(request, "articles/policy.html", {"policy": found})
    return keep(response, stamps.stamp(edition, []))


def _begun(request: HttpRequest) -> int:
    """Read of which edition a page is, before anything that it shows."""
    edition, _ = stamps.beginning()
    request.edition = edition  # type: ignore[attr-defined]
    return edition
