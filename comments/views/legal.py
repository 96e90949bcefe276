"""Notices of illegal content: anybody sends one, without an account, and reads the answer."""

import datetime
import re
from typing import Any
from urllib.parse import unquote, urlsplit

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.cache import never_cache

from articles.models import Article
from comments import letters
from comments.models import Comment, InvalidMove, LegalNotice
from comments.views.visitors import SEE_OTHER, form_page, reader
from newsroom import pace
from newsroom.addresses import client_address

# Notices from one address in a time.
PACE = (10, datetime.timedelta(hours=1))
ANCHOR = re.compile(r"comment-(\d{1,18})")


class LegalNoticeForm(forms.ModelForm):
    """What the Digital Services Act, Art. 16(2), asks of a notice."""

    good_faith = forms.BooleanField(
        label="I believe in good faith that what I say here is right and complete.",
        error_messages={"required": "Without this we may not act on your notice."},
    )
    category = forms.ChoiceField(
        label="What is against the law", choices=[("", "Choose"), *LegalNotice.Category.choices]
    )
    # People do not see it.
    website = forms.CharField(
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    class Meta:
        model = LegalNotice
        fields = ["url", "category", "why", "law", "name", "email"]
        widgets = {"why": forms.Textarea(attrs={"rows": 6}), "url": forms.TextInput}

    def clean_url(self) -> str:
        """Find out what it speaks of. Kept on the form as ``comment`` and ``article``."""
        self.comment, self.article = named_by(self.cleaned_data["url"])
        if self.article is None:
            raise forms.ValidationError(
                "This is not the address of a comment or a story here. Open what you mean, and "
                "copy the address; a comment's own is behind its number."
            )
        return self.cleaned_data["url"]

    def clean_website(self) -> str:
        """Refuse what a machine filled in, with a word for whose browser did: it is empty again."""
        if self.cleaned_data["website"]:
            self.data = {**self.data.dict(), "website": ""}  # type: ignore[attr-defined]
            raise forms.ValidationError(
                "Your browser filled in a field that people do not see, as machines do. It is "
                "empty again: please send the notice once more."
            )
        return ""

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("category") != LegalNotice.Category.ABUSE:
            for name, words in (("name", "name"), ("email", "e-mail address")):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, f"We need your {words} to answer you.")
        return said


def named_by(url: str) -> tuple[Comment | None, Article | None]:
    """Return the comment and the story that an address of ours names, as readers can open them."""
    try:
        parts = urlsplit(url.strip())
        match = resolve(unquote(parts.path) or "/")
    except (Resolver404, ValueError):
        return None, None
    if parts.hostname and parts.hostname != urlsplit(settings.SITE_URL).hostname:
        return None, None
    pk = match.kwargs.get("pk") if match.route.startswith("comments/<int:pk>/") else None
    if anchor := ANCHOR.fullmatch(parts.fragment):
        pk = int(anchor[1])
    if pk is not None:
        comment = Comment.objects.readable().select_related("article").filter(pk=pk).first()
        return (comment, comment.article) if comment else (None, None)
    if match.view_name in {"articles:article", "comments:thread"}:
        return None, Article.objects.live().at_address(**match.kwargs).first()
    if match.view_name in {"articles:page", "comments:page-thread"}:
        return None, Article.objects.live().page_at(**match.kwargs).first()
    return None, None


@never_cache
@form_page
def new(request: HttpRequest) -> HttpResponse:
    """Take a notice: the form, then its receipt."""
    url = request.GET.get("url", "")[:500]
    if re.fullmatch(r"\d{1,18}", request.GET.get("comment", "")):
        url = f"{settings.SITE_URL}/comments/{int(request.GET['comment'])}/"
    person = reader(request)
    first = {"url": url, "email": person.email if person else ""}
    form = LegalNoticeForm(request.POST or None, initial=first)
    slow, wait = "", 0
    if request.method == "POST" and form.is_valid():
        who = client_address(request) or "nowhere"
        if wait := pace.wait_for_turn("legal", who, *PACE):
            slow = f"That was a lot of notices. Please wait {pace.in_words(wait)}, then send it."
        else:
            return HttpResponseRedirect(_file(request, form), status=SEE_OTHER)
    status = 429 if wait else (422 if form.is_bound else 200)
    response = render(
        request, "comments/legal_notice.html", {"form": form, "slow": slow}, status=status
    )
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _file(request: HttpRequest, form: LegalNoticeForm) -> str:
    """Keep the notice and send its receipt. Returns the address of its page."""
    notice = form.save(commit=False)
    notice.comment, notice.article = form.comment, form.article
    notice.reporter = reader(request)
    notice.ip_address = client_address(request)
    notice.save()
    letters.notice_received(notice)
    return reverse("comments:legal-status", args=[notice.token])


@never_cache
@form_page
def status(request: HttpRequest, token: str) -> HttpResponse:
    """Show whoever sent a notice where it stands; a POST objects to the answer."""
    notice = get_object_or_404(
        LegalNotice.objects.select_related("comment", "article"), token=token
    )
    problem, text = "", ""
    if request.method == "POST":
        text = request.POST.get("text", "")[:3000]
        try:
            notice.object_to(text)
        except InvalidMove as refusal:
            problem = str(refusal)
        else:
            return HttpResponseRedirect(request.path, status=SEE_OTHER)
    response = render(
        request,
        "comments/legal_status.html",
        {"notice": notice, "problem": problem, "text": text},
        status=422 if problem else 200,
    )
    response["Referrer-Policy"] = "no-referrer"
    return response
