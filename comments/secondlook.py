"""The blind second look: how far two moderators agree, told per reason on the statistics page.

A share of the decisions is shown to somebody else without the verdict. Their answer changes
nothing for anybody: it says how clear the rules are, not who was right.
"""

import datetime

from django import forms
from django.contrib import admin, messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import User
from comments.desk import FOR_MODERATORS, REASONS, person
from comments.models import Comment, Decision, DeskSettings, Reason, SecondLook

VERDICTS = (Comment.Status.APPROVED, Comment.Status.REJECTED, Comment.Status.SPAM)
SETTLED = datetime.timedelta(hours=1)  # until then its moderator may undo it
BACK = datetime.timedelta(days=1)  # so far back decisions are chosen from
KEPT = datetime.timedelta(days=14)  # so long somebody is asked
MOST = 2000  # decisions that are looked at in one go


def choose_due() -> int:
    """Choose, of what was decided since, what somebody else looks at. Returns how many.

    The reference of a decision is random, and by it a decision is chosen or not: to be asked again
    comes to the same, however many workers ask.
    """
    share = DeskSettings.current().second_look_share
    if not share:
        return 0
    now = timezone.now()
    since = now - SETTLED - BACK
    last = SecondLook.objects.filter(chosen_at__gt=since).order_by("-decision").first()
    rows = Decision.objects.filter(
        at__gt=since,
        at__lte=now - SETTLED,
        by__isnull=False,
        act=Decision.Act.DECIDE,
        revision__isnull=True,
        batch__isnull=True,  # nobody looked at each of those
        undone_by__isnull=True,
        after__in=VERDICTS,
    )
    if last is not None:
        rows = rows.filter(pk__gt=last.decision_id)
    chosen = [
        SecondLook(decision_id=pk)
        for pk, ref in rows.order_by("pk").values_list("pk", "ref")[:MOST]
        if ref.int % 100 < share
    ]
    SecondLook.objects.bulk_create(chosen, ignore_conflicts=True)
    return len(chosen)


def waiting_for(by: User) -> QuerySet[SecondLook]:
    """Return the looks that ``by`` may take: at what others decided and others wrote."""
    return (
        SecondLook.objects.filter(at__isnull=True, chosen_at__gt=timezone.now() - KEPT)
        .exclude(decision__by=by)
        .exclude(decision__comment__author=by)
        # A text that was changed since, or is gone, is no longer the one that was decided on.
        .filter(
            Q(decision__comment__edited_at__isnull=True)
            | Q(decision__comment__edited_at__lt=F("decision__at"))
        )
        .exclude(decision__comment__status=Comment.Status.REMOVED)
        .select_related(
            "decision__comment__article", "decision__comment__parent__author",
            "decision__comment__author", "decision__by",
        )
        .order_by("pk")
    )  # fmt: skip


class LookForm(forms.Form):
    """What the second moderator would have decided."""

    look = forms.IntegerField(min_value=1)
    verdict = forms.ChoiceField(choices=[(one.value, one.label) for one in VERDICTS])
    reason = forms.ChoiceField(choices=Reason, required=False)

    def clean(self) -> dict[str, object]:
        said = super().clean() or {}
        if said.get("verdict") == Comment.Status.REJECTED:
            if not said.get("reason"):
                raise forms.ValidationError("Which rule does it break? Choose a reason.")
        else:
            said["reason"] = ""
        return said


@require_http_methods(["GET", "HEAD", "POST"])
@FOR_MODERATORS
def page(request: HttpRequest) -> HttpResponse:
    """Show one decided comment without its verdict, and take a second one."""
    by = person(request)
    problem, status = "", 200
    skipped = request.GET.get("after", "")
    if request.method == "POST":
        form = LookForm(request.POST)
        if form.is_valid():
            _take(request, form, by)
            return redirect("admin:comments_second_look")
        errors = form.non_field_errors()
        problem = str(errors[0]) if errors else "Choose what you would decide."
        status = 422
        look = waiting_for(by).filter(pk=form.cleaned_data.get("look", 0)).first()
    else:
        looks = waiting_for(by)
        if skipped.isascii() and skipped.isdigit() and len(skipped) < 19:
            looks = looks.filter(pk__gt=int(skipped))
        look = looks.first()
    context = {
        **admin.site.each_context(request),
        "title": "Second look",
        "opts": Comment._meta,
        "look": look,
        "comment": look.decision.comment if look else None,
        "reasons": [(reason.value, reason.label) for reason in REASONS],
        "problem": problem,
        "is_skipped": bool(skipped),
        "share": DeskSettings.current().second_look_share,
    }
    return render(request, "admin/comments/comment/second_look.html", context, status=status)


def _take(request: HttpRequest, form: LookForm, by: User) -> None:
    said = form.cleaned_data
    look = get_object_or_404(SecondLook.objects.select_related("decision"), pk=said["look"])
    if look.at is None:
        get_object_or_404(waiting_for(by), pk=look.pk)
    # Of two at once, one; the other is told so.
    taken = SecondLook.objects.filter(pk=look.pk, at__isnull=True).update(
        by=by, at=timezone.now(), verdict=said["verdict"], reason=said["reason"]
    )
    if not taken:
        messages.warning(request, "A colleague looked at that one just before you.")
        return
    first = look.decision
    words = Comment.Status(first.after).label.lower()
    if first.reason:
        words += f" ({Reason(first.reason).label.lower()})"
    if (first.after, first.reason) == (said["verdict"], said["reason"]):
        messages.success(request, f"You agree: it was {words} the first time too.")
    elif first.after == said["verdict"]:
        messages.info(request, f"The same verdict for another reason: the first time {words}.")
    else:
        messages.info(
            request,
            f"You differ: the first time it was {words}. Nothing changes for its author; the "
            "difference shows where the rules need a clearer word.",
        )
