"""Taking part: respect, and reports to the desk."""

from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from comments import threads
from comments.forms import ReportForm
from comments.models import InvalidMove, Report
from comments.views.visitors import (
    SEE_OTHER,
    form_page,
    is_htmx,
    member,
    place,
    visible_comment,
)


@login_required
@never_cache
@form_page
def respect(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a comment one's respect, or take it back."""
    shown = visible_comment(pk)
    if request.method != "POST":
        return render(
            request,
            "comments/respect.html",
            {
                "article": shown.article,
                "comment": shown,
                "is_respected": bool(threads.respected_by(member(request), [shown.pk])),
            },
        )
    try:
        shown.turn_respect(member(request))
    except InvalidMove:
        return render(
            request,
            "comments/respect.html",
            {"article": shown.article, "comment": shown, "is_own": True},
            status=409,
        )
    if is_htmx(request):
        return render(
            request,
            "comments/_respect.html",
            {
                "comment": shown,
                "is_respected": bool(threads.respected_by(member(request), [shown.pk])),
            },
        )
    return HttpResponseRedirect(place(shown), status=SEE_OTHER)


@login_required
@never_cache
@form_page
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the desk what is wrong with a comment, once."""
    shown = visible_comment(pk)
    earlier = Report.objects.filter(comment=shown, reporter=member(request)).first()
    form = ReportForm(request.POST or None)
    context = {"article": shown.article, "comment": shown, "form": form, "earlier": earlier}
    if request.method == "POST" and earlier is None and form.is_valid():
        form.instance.comment, form.instance.reporter = shown, member(request)
        try:
            with transaction.atomic():
                context["earlier"] = form.save()
        except IntegrityError:
            # The same report came twice at once; the first stands.
            context["earlier"] = Report.objects.get(comment=shown, reporter=member(request))
        return render(request, "comments/report.html", context | {"thanks": True})
    status = 422 if form.is_bound and earlier is None else 200
    return render(request, "comments/report.html", context, status=status)
