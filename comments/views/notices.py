"""One's notices: what happened, and what of it comes by mail."""

import datetime
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from comments.forms import MailChoicesForm
from comments.models import MailChoice, MailStop, Notice
from comments.notices import zone_of
from comments.views.visitors import SEE_OTHER, form_page, member
from newsroom.rows import beyond, number_or_404

PER_PAGE = 60
# So many of a day about one story or thread are folded into a line.
FOLDED_FROM = 3


@dataclass(frozen=True)
class Run:
    """A day's notices that tell the same of one story, newest first; most are alone."""

    notices: Sequence[Notice]

    @property
    def first(self) -> Notice:
        return self.notices[0]

    @property
    def is_folded(self) -> bool:
        return len(self.notices) >= FOLDED_FROM

    @property
    def unread(self) -> int:
        return sum(notice.read_at is None for notice in self.notices)


@login_required
@never_cache
@form_page
def notices(request: HttpRequest) -> HttpResponse:
    """Show what one was told, newest first; a POST notes it all as read."""
    person = member(request)
    if request.method == "POST":
        unread = person.notices.unread()
        if until := request.POST.get("until", ""):
            # Not what came after the page was opened.
            unread = unread.filter(pk__lte=number_or_404(until))
        unread.update(read_at=timezone.now())
        return HttpResponseRedirect(reverse("comments:notices"), status=SEE_OTHER)
    rows = person.notices.order_by("-at", "-pk")
    before = request.GET.get("before", "")
    if before:
        last = get_object_or_404(person.notices, pk=number_or_404(before))
        rows = rows.filter(beyond("at", last.at, last.pk))
    # Counted off before it is asked what still stands, which would look at all there is: a page
    # may be short by what was hidden since.
    keys = list(rows.values_list("pk", flat=True)[: PER_PAGE + 1])
    page = Notice.objects.filter(pk__in=keys[:PER_PAGE]).standing().with_what_they_tell()
    return render(
        request,
        "comments/notices.html",
        {
            "days": list(_days(page.order_by("-at", "-pk"))),
            "until": max(keys, default=""),
            "is_first_page": not before,
            "earlier": keys[PER_PAGE - 1] if len(keys) > PER_PAGE else None,
        },
    )


def _days(page: Iterable[Notice]) -> Iterator[tuple[datetime.date, str, list[Run]]]:
    """Give each day with its word, if it has one, and what happened on it."""
    today = timezone.localdate()
    words = {today: "Today", today - datetime.timedelta(days=1): "Yesterday"}
    for day, of_day in itertools.groupby(page, key=lambda n: timezone.localdate(n.at)):
        yield day, words.get(day, ""), _runs(of_day)


def _runs(of_day: Iterable[Notice]) -> list[Run]:
    """Put together what tells of one story, where its newest stands, once there is much of it."""
    together: dict[object, list[Notice]] = {}
    for notice in of_day:
        gathers = notice.kind in {Notice.Kind.THREAD, Notice.Kind.STORY}
        key = (notice.kind, notice.article_id) if gathers else notice.pk
        together.setdefault(key, []).append(notice)
    runs = []
    for notices in together.values():
        many = len(notices) >= FOLDED_FROM
        runs += [Run(notices)] if many else [Run([notice]) for notice in notices]
    return sorted(runs, key=lambda run: (run.first.at, run.first.pk), reverse=True)


@login_required
@never_cache
@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to what a notice tells of, and note it as read: reading is what that records."""
    found = get_object_or_404(member(request).notices.standing().with_what_they_tell(), pk=pk)
    if request.method == "GET" and found.read_at is None:
        Notice.objects.filter(pk=found.pk).update(read_at=timezone.now())
    return HttpResponseRedirect(found.place)


@login_required
@never_cache
@form_page
def mail_choices(request: HttpRequest) -> HttpResponse:
    """Show what comes by mail, and take another choice."""
    person = member(request)
    here = reverse("comments:mail-choices")
    if request.method == "POST" and "again" in request.POST:
        if stop := MailStop.of(person):
            MailStop.lift(stop.address)
        messages.success(request, "We will send to this address again.")
        return HttpResponseRedirect(here, status=SEE_OTHER)
    if request.method == "POST" and "none" in request.POST:
        MailChoice.choose(person, dict.fromkeys(MailChoicesForm.KINDS, MailChoice.Pace.OFF))
        messages.success(request, "Saved. No more mail, but for comments that are not published.")
        return HttpResponseRedirect(here, status=SEE_OTHER)
    form = MailChoicesForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your choice is saved.")
        return HttpResponseRedirect(here, status=SEE_OTHER)
    address = EmailAddress.objects.filter(user=person, primary=True, verified=True).first()
    return render(
        request,
        "comments/mail_choices.html",
        {
            "form": form,
            "address": address,
            # As text: templates would bring a moment back to the paper's zone.
            "own_clock": f"{timezone.now().astimezone(zone_of(person.time_zone)):%H:%M}",
        },
        status=422 if form.is_bound else 200,
    )
