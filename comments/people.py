"""A person at the desk: their record, what was decided about them, and what can be."""

import datetime
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from articles.models import Article
from comments import standing
from comments.cards import records, shortened
from comments.desk import FOR_MODERATORS, REASONS, person, way_back
from comments.models import Comment, InvalidMove, LegalNotice, Report, Sanction, StaffNote
from comments.statement import Statement
from newsroom.rows import number_or_404

PER_PAGE = 30
MOST_SHOWN = 50
MAY_SANCTION = permission_required("comments.impose_sanction", raise_exception=True)
SPANS = {
    "1": "a day", "3": "three days", "7": "a week", "30": "a month", "90": "three months",
}  # fmt: skip
# From so many answered reports or notices on, of which so few percent were right, the desk should
# look.
MISUSE_FROM, MISUSE_UNDER = 5, 20
MISUSE_WITHIN = datetime.timedelta(days=365)


class SanctionForm(forms.Form):
    """What is decided about a person, and what they are told."""

    kind = forms.ChoiceField(
        label="What",
        choices=[
            ("", "Choose"),
            *((kind.value, kind.label) for kind in (Sanction.Kind.WARN, *Sanction.HOLDING)),
        ],
    )
    span = forms.ChoiceField(
        label="For",
        required=False,
        choices=[("", "no end, or none needed"), *SPANS.items()],
        help_text="A suspension and a stop of reports need an end.",
    )
    reason = forms.ChoiceField(
        choices=[("", "Choose a reason"), *((item.value, item.label) for item in REASONS)]
    )
    message = forms.CharField(
        max_length=2000,
        required=False,
        label="Message to the person",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="They read it, with the reason and the way to appeal.",
    )
    note = forms.CharField(max_length=500, required=False, label="Note for the desk")

    def until(self) -> datetime.datetime | None:
        span = self.cleaned_data["span"]
        return timezone.now() + datetime.timedelta(days=int(span)) if span else None


@require_safe
@FOR_MODERATORS
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all that the desk knows of a person."""
    return _page(request, get_object_or_404(User, pk=number_or_404(str(pk))), SanctionForm())


def _page(
    request: HttpRequest, who: User, form: SanctionForm, status: int = 200, preview: Any = None
) -> HttpResponse:
    rows = (
        Comment.objects.filter(author=who)
        .select_related("article")
        .defer("article__body", "article__body_html")
    )
    shown = request.GET.get("status", "")
    if shown in Comment.Status.values:
        rows = rows.filter(status=shown)
    if before := request.GET.get("before", ""):
        rows = rows.filter(pk__lt=number_or_404(before))
    comments = list(rows.order_by("-pk")[: PER_PAGE + 1])
    upheld, decided = Report.objects.accuracy_of([who.pk]).get(who.pk, (0, 0))
    context = {
        **admin.site.each_context(request),
        "title": who.name,
        "opts": Comment._meta,
        "who": who,
        "record": records({who.pk})[who.pk],
        "in_force": standing.in_force(who),
        "history": Sanction.objects.filter(person=who)
        .select_related("by", "ends", "appeal")
        .order_by("-pk")[:MOST_SHOWN],
        "comments": [(one, shortened(one, 160)) for one in comments[:PER_PAGE]],
        "further": comments[PER_PAGE - 1].pk if len(comments) > PER_PAGE else None,
        "shown": shown,
        "statuses": Comment.Status.choices,
        "reports": Report.objects.filter(reporter=who).count(),
        "upheld": upheld,
        "decided": decided,
        "others": sharing(who),
        "notes": StaffNote.objects.filter(person=who).select_related("by")[:MOST_SHOWN],
        "form": form,
        "preview": preview,
        "may_sanction": request.user.has_perm("comments.impose_sanction"),
        "is_self": who.pk == person(request).pk,
        "domain": who.email.rpartition("@")[2],
    }
    return render(request, "admin/comments/comment/person.html", context, status=status)


def sharing(who: User) -> list[User]:
    """Return other accounts that wrote from where ``who`` wrote lately. The address is not told."""
    lately = timezone.now() - datetime.timedelta(days=30)
    addresses = Comment.objects.filter(
        author=who, ip_address__isnull=False, created_at__gt=lately
    ).values("ip_address")
    others = (
        Comment.objects.filter(ip_address__in=addresses, created_at__gt=lately)
        .exclude(author=who)
        .exclude(author=None)
        .order_by()
        .values("author")
        .distinct()[:MOST_SHOWN]
    )
    return list(User.objects.filter(pk__in=list(others.values_list("author", flat=True))))


@require_POST
@MAY_SANCTION
def impose(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide something about a person, end what holds, or show what they would be told."""
    who = get_object_or_404(User, pk=number_or_404(str(pk)))
    by = person(request)
    if ended := request.POST.get("lift", ""):
        sanction = get_object_or_404(Sanction, pk=number_or_404(ended), person=who)
        try:
            sanction.lift(by, message=request.POST.get("message", "")[:2000])
        except InvalidMove as problem:
            messages.error(request, str(problem))
        else:
            messages.success(request, f"Ended: {sanction.get_kind_display().lower()}.")
        return redirect("admin:comments_person", who.pk)
    form = SanctionForm(request.POST)
    if not form.is_valid():
        return _page(request, who, form, status=422)
    said = form.cleaned_data
    decided = {
        "kind": said["kind"], "reason": said["reason"], "until": form.until(),
        "message": said["message"],
    }  # fmt: skip
    if "preview" in request.POST:
        shown = Statement.of_sanction(Sanction(person=who, by=by, **decided))
        return _page(request, who, form, preview=shown)
    try:
        Sanction.impose(who, by=by, note=said["note"], **decided)
    except InvalidMove as problem:
        form.add_error(None, str(problem))
        return _page(request, who, form, status=409)
    messages.success(request, f"{who.name} has been told.")
    return redirect("admin:comments_person", who.pk)


@require_POST
@FOR_MODERATORS
def note(request: HttpRequest) -> HttpResponse:
    """Write a note about a person or a story for one's colleagues, or take one's own away."""
    back, by = way_back(request), person(request)
    if gone := request.POST.get("delete", ""):
        get_object_or_404(StaffNote, pk=number_or_404(gone), by=by).delete()
        return redirect(back)
    text = " ".join(request.POST.get("text", "").replace("\x00", " ").split())
    if not text or len(text) > 1000:
        messages.error(request, "A note has between one and 1,000 letters. Nothing was kept.")
        return redirect(back)
    if about := request.POST.get("person", ""):
        StaffNote.objects.create(
            person=get_object_or_404(User, pk=number_or_404(about)), by=by, text=text
        )
    else:
        about = request.POST.get("article", "")
        StaffNote.objects.create(
            article=get_object_or_404(Article, pk=number_or_404(about)), by=by, text=text
        )
    messages.success(request, "Your colleagues can read it now.")
    return redirect(back)


@dataclass(frozen=True)
class Reporter:
    """Somebody whose reports the desk mostly turned down."""

    who: User
    upheld: int
    decided: int


@dataclass(frozen=True)
class Sender:
    """Somebody, with an account or an address alone, whose notices were mostly baseless."""

    name: str
    who: User | None
    upheld: int
    decided: int


def misusing() -> list[Reporter]:
    """Return whose reports of a year were mostly wrong, the most reports first. Two queries."""
    lately = Report.objects.filter(decision__at__gte=timezone.now() - MISUSE_WITHIN).order_by()
    poor = _mostly_wrong(lately.values("reporter"), Q(decision__after__in=["rejected", "spam"]))
    people = User.objects.in_bulk([row["reporter"] for row in poor])
    return [
        Reporter(people[row["reporter"]], row["upheld"], row["decided"])
        for row in poor
        if row["reporter"] in people
    ]


def misusing_notices() -> list[Sender]:
    """Return who sent mostly baseless notices of illegal content in a year. Three queries.

    Source: DSA Art. 23(2) and (3), by the number, and the share, of what was baseless.
    """
    lately = LegalNotice.objects.judged(since=timezone.now() - MISUSE_WITHIN)
    right = Q(outcome=LegalNotice.Outcome.REMOVED)
    by_account = _mostly_wrong(lately.filter(reporter__isnull=False).values("reporter"), right)
    people = User.objects.in_bulk([row["reporter"] for row in by_account])
    by_address = _mostly_wrong(
        lately.filter(reporter__isnull=True)
        .exclude(email="")
        .annotate(address=Lower("email"))
        .values("address"),
        right,
    )
    found = [
        Sender(who.name, who, row["upheld"], row["decided"])
        for row in by_account
        if (who := people.get(row["reporter"])) is not None
    ]
    found += [Sender(row["address"], None, row["upheld"], row["decided"]) for row in by_address]
    return sorted(found, key=lambda one: -one.decided)[:MOST_SHOWN]


def _mostly_wrong(groups: QuerySet[Any, Any], right: Q) -> list[dict[str, Any]]:
    """Return the groups of enough answered rows of which too few were right, the largest first."""
    counted = groups.annotate(decided=Count("pk"), upheld=Count("pk", filter=right)).annotate(
        percent_right=F("upheld") * 100, percent_least=F("decided") * MISUSE_UNDER
    )
    poor = counted.filter(decided__gte=MISUSE_FROM, percent_right__lt=F("percent_least"))
    return list(poor.order_by("-decided")[:MOST_SHOWN])


@require_http_methods(["GET", "HEAD"])
@FOR_MODERATORS
def reporters(request: HttpRequest) -> HttpResponse:
    """List the people whose reports, or notices, the desk mostly turned down."""
    may_answer = request.user.has_perm("comments.answer_legalnotice")
    context = {
        **admin.site.each_context(request),
        "title": "Reporters to look at",
        "opts": Comment._meta,
        "reporters": misusing(),
        # Their addresses are for those alone who see the notices.
        "senders": misusing_notices() if may_answer else None,
        "least": MISUSE_FROM,
        "under": MISUSE_UNDER,
    }
    return render(request, "admin/comments/comment/reporters.html", context)
