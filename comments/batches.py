"""Deciding in bulk: what was chosen is shown and confirmed, then done by a task."""

import datetime
import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_safe

from comments.cards import in_words, shortened
from comments.desk import FOR_MODERATORS, REASONS, person
from comments.models import Batch, BatchItem, Comment, Decision, InvalidMove
from comments.queues import Place
from newsroom.rows import number_or_404

NUMBER = re.compile(r"[0-9]{1,18}")
SAMPLE = 8
PER_PAGE = 100


class BatchForm(forms.Form):
    """What is to be done with many comments, and what their authors are told."""

    action = forms.ChoiceField(
        choices=[("", "Choose"), *(one for one in Batch.Action.choices if one[0] != "undo")]
    )
    reason = forms.ChoiceField(
        choices=[("", "Choose a reason"), *((item.value, item.label) for item in REASONS)],
        required=False,
        help_text="Of a rejection; the authors read it.",
    )
    note = forms.CharField(max_length=500, required=False, label="Note for the desk")
    message = forms.CharField(
        max_length=2000,
        required=False,
        label="Message to the authors",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("action") == Batch.Action.REJECT and not said.get("reason"):
            self.add_error("reason", "A rejection needs a reason, for the authors to know.")
        return said


@require_http_methods(["GET", "HEAD", "POST"])
@FOR_MODERATORS
def new(request: HttpRequest) -> HttpResponse:
    """Show what was chosen, by ticks or by a place on the desk, and take what is to be done.

    Ticked comments come with the version that was seen. By a place, what stands there is counted
    and shown; what a POST decides on is what stood there then, and nothing that changed since.
    """
    ticked = [pk for pk in request.POST.getlist(ACTION_CHECKBOX_NAME) if NUMBER.fullmatch(pk)]
    hidden: list[tuple[str, str]] = []
    if ticked:
        chosen: QuerySet[Comment] = Comment.objects.filter(pk__in=ticked[: Batch.MAX])
        about, back = "chosen one by one", "admin:comments_comment_changelist"
        seen = dict(seen_pairs(request.POST.getlist("seen")))
        hidden = [(ACTION_CHECKBOX_NAME, pk) for pk in ticked]
        hidden += [("seen", f"{pk}:{version}") for pk, version in seen.items()]
    else:
        place = Place.asked_for(request.GET)
        chosen, seen = place.comments(), {}
        words = [words for words, _ in place.narrowed_to]
        about = f"all in “{place.queue.name}”" + (f", {', '.join(words)}" if words else "")
        back = place.url
        shown_at = parse_datetime(request.POST.get("shown_at", "")[:40])
        if shown_at is not None and timezone.is_aware(shown_at):
            chosen = as_at(chosen, shown_at)
        else:
            shown_at = timezone.now()
        hidden = [("shown_at", shown_at.isoformat())]
    form = BatchForm(request.POST if "confirmed" in request.POST else None)
    if form.is_valid():
        said = form.cleaned_data
        try:
            batch = Batch.of(
                person(request),
                said["action"],
                _versions(chosen, seen) if ticked else chosen,
                reason=said["reason"] if said["action"] == Batch.Action.REJECT else "",
                note=said["note"],
                message=said["message"],
                about=about,
            )
        except InvalidMove as problem:
            form.add_error(None, str(problem))
        else:
            _say_left_out(request, batch)
            return redirect("admin:comments_batch", batch.pk)
    count = chosen.order_by()[: Batch.MAX + 1].count()
    sample = chosen.select_related("author", "article").defer(
        "article__body", "article__body_html"
    )[:SAMPLE]
    context = {
        **admin.site.each_context(request),
        "title": "Decide on several comments",
        "opts": Comment._meta,
        "form": form,
        "count": count,
        "about": about,
        "sample": [(one, shortened(one)) for one in sample],
        "more": max(0, count - SAMPLE),
        "hidden": [*hidden, ("shown", str(count))],
        "back": back if back.startswith("/") else "../../",
    }
    return render(request, "admin/comments/comment/batch_new.html", context)


def _say_left_out(request: HttpRequest, batch: Batch) -> None:
    """Tell how many of those that were shown are not in the batch, having changed since."""
    shown = request.POST.get("shown", "")
    left_out = (int(shown) if NUMBER.fullmatch(shown) else 0) - batch.total
    if left_out > 0:
        messages.warning(
            request,
            f"{left_out} changed since they were shown, and are left where they are: look at them "
            "in their queue.",
        )


def as_at(comments: QuerySet[Comment], moment: datetime.datetime) -> QuerySet[Comment]:
    """Return those of ``comments`` that nobody wrote, changed or decided on since ``moment``."""
    since = Decision.objects.filter(comment=OuterRef("pk"), at__gt=moment)
    edited = Q(edited_at__isnull=True) | Q(edited_at__lte=moment)
    return comments.filter(~Exists(since), edited, created_at__lte=moment)


def seen_pairs(pairs: list[str]) -> list[tuple[int, int]]:
    """Read ``id:version`` pairs, passing over what is none."""
    found = [pair.partition(":") for pair in pairs]
    return [
        (int(pk), int(version))
        for pk, _, version in found
        if NUMBER.fullmatch(pk) and NUMBER.fullmatch(version)
    ]


def _versions(chosen: Any, seen: dict[int, int]) -> list[tuple[int, int]]:
    """Return each comment with the version that was seen, or else with the one it has."""
    return [(pk, seen.get(pk, version)) for pk, version in chosen.values_list("pk", "version")]


@require_http_methods(["GET", "HEAD", "POST"])
@FOR_MODERATORS
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a batch is and what came of each; a POST undoes or stops it."""
    rows = Batch.objects.select_related("by", "undone_by")
    found = get_object_or_404(rows, pk=number_or_404(str(pk)))
    if request.method == "POST":
        try:
            if request.POST.get("do") == "undo":
                return redirect("admin:comments_batch", found.undo(person(request)).pk)
            found.stop(person(request))
        except InvalidMove as problem:
            messages.error(request, str(problem))
        return redirect("admin:comments_batch", found.pk)
    context = {
        **admin.site.each_context(request),
        "title": f"Batch {found.pk}",
        "opts": Comment._meta,
        "batch": found,
        "was_open": True,
    }
    if "HX-Request" in request.headers:
        return render(request, "admin/comments/comment/_batch.html", context)
    items, further = _page(found, request.GET.get("after", ""))
    by = person(request)
    is_own = found.by_id == by.pk
    context |= {
        "items": [(item, shortened(item.comment, 90), _became(item)) for item in items],
        "further": further,
        "was_open": False,
        "may_stop": found.is_open and (is_own or by.has_perm("comments.compare_decision")),
        "may_undo": is_own
        and not found.is_open
        and found.done > 0
        and found.action != Batch.Action.UNDO
        and not hasattr(found, "undone_by"),
    }
    return render(request, "admin/comments/comment/batch.html", context)


def _became(item: BatchItem) -> str:
    if item.result == BatchItem.Result.REFUSED:
        return f"Left alone: {item.problem}"
    if item.decision is None:
        return str(item.get_result_display())
    number = f", #{item.comment.number}" if item.comment.is_visible else ""
    return f"{in_words(item.decision)}{number}"


def _page(found: Batch, after: str) -> tuple[list[BatchItem], str]:
    """Return a page of a batch's items, those left alone first, and where the next begins."""
    items = found.items.select_related("comment__author", "decision").order_by("pk")
    way, _, last = after.partition("-")
    refused = items.filter(result=BatchItem.Result.REFUSED)
    others = items.exclude(result=BatchItem.Result.REFUSED)
    from_pk = number_or_404(last) if last else 0
    shown = []
    if way != "o":
        shown = list(refused.filter(pk__gt=from_pk)[: PER_PAGE + 1])
        if len(shown) > PER_PAGE:
            return shown[:PER_PAGE], f"r-{shown[PER_PAGE - 1].pk}"
        from_pk = 0
    shown += list(others.filter(pk__gt=from_pk)[: PER_PAGE + 1 - len(shown)])
    if len(shown) > PER_PAGE:
        return shown[:PER_PAGE], f"o-{shown[PER_PAGE - 1].pk}"
    return shown, ""


@require_safe
@FOR_MODERATORS
def batches(request: HttpRequest) -> HttpResponse:
    """List what was decided in bulk, newest first."""
    rows = Batch.objects.select_related("by", "undone_by")
    if before := request.GET.get("before", ""):
        rows = rows.filter(pk__lt=number_or_404(before))
    shown = list(rows.order_by("-pk")[: PER_PAGE + 1])
    context = {
        **admin.site.each_context(request),
        "title": "Batches",
        "opts": Comment._meta,
        "batches": shown[:PER_PAGE],
        "further": shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE else None,
    }
    return render(request, "admin/comments/comment/batches.html", context)
