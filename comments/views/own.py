"""One's own: what became of one's comments, and those that one wrote as a guest."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from comments import claims, own, waits
from comments.models import Comment, InvalidMove
from comments.views.visitors import SEE_OTHER, form_page, member
from newsroom.rows import number_or_404


@login_required
@never_cache
@require_safe
def own_comments(request: HttpRequest) -> HttpResponse:
    """Show one's own comments: where each stands, why, and what can be done."""
    person = member(request)
    shelf = own.SHELF.get(request.GET.get("show", ""))
    if shelf is None:
        raise Http404("There is no such list of comments.")
    before = None
    if last := request.GET.get("before"):
        before = get_object_or_404(Comment, pk=number_or_404(last), author=person)
    standings, further = own.page(person, shelf, before)
    counts = own.counts(person)
    wait = None
    if any(one.comment.is_pending or one.waiting_edit for one in standings):
        wait = waits.usual_wait()
    return render(
        request,
        "comments/own.html",
        {
            "standings": standings,
            "shelf": shelf,
            # Edits wait seldom; without one their list is not offered.
            "shelves": [
                (one, counts[one.key])
                for one in own.SHELVES
                if one.key != "edits" or counts["edits"] or one is shelf
            ],
            "said_anything": bool(counts[""]),
            "is_first_page": before is None,
            "further": further,
            "usual_wait": waits.in_words(wait) if wait else "",
            **_claimable(request),
        },
    )


def _claimable(request: HttpRequest) -> dict[str, object]:
    """Return what ``comments/_claims.html`` expects."""
    shown = list(claims.offered(member(request))[: claims.SHOWN + 1])
    if len(shown) <= claims.SHOWN:
        return {"claimable": shown, "claimable_count": len(shown)}
    return {"claimable": shown[: claims.SHOWN], "claimable_count": claims.count(member(request))}


@login_required
@never_cache
@form_page
def claim(request: HttpRequest) -> HttpResponse:
    """Show the comments one wrote as a guest, or make them one's own: all, or those ticked."""
    if request.method != "POST":
        return render(request, "comments/claim.html", _claimable(request))
    chosen = None
    if request.POST.get("which") != "all":
        chosen = [number_or_404(pk) for pk in request.POST.getlist("comment")]
        if not chosen:
            context = {**_claimable(request), "problem": "Tick the comments that are yours first."}
            return render(request, "comments/claim.html", context, status=422)
    claimed = claims.claim(member(request), chosen)
    if claimed == 1:
        messages.success(request, "1 comment is yours now, under your name.")
    elif claimed:
        messages.success(request, f"{claimed:,} comments are yours now, under your name.")
    else:
        messages.info(request, "Nothing changed: these are yours already, or not yours to claim.")
    return HttpResponseRedirect(reverse("comments:own"), status=SEE_OTHER)


@login_required
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an edit of one's own comment that waits for a moderator."""
    comment = get_object_or_404(Comment, pk=pk, author=member(request))
    try:
        comment.take_edit_back(by=member(request))
    except InvalidMove as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, "Your edit is taken back; the text stays as it is.")
    return HttpResponseRedirect(f"{reverse('comments:own')}#own-{pk}", status=SEE_OTHER)
