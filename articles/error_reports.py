"""Errors that readers report: the form, without an account, and what became of a report."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from articles import passages
from articles.models import Article, ErrorReport
from newsroom import pace
from newsroom.addresses import client_address

SEE_OTHER = 303
LONGEST_QUOTE = 1000
REFERENCE = re.compile(r"E-[2-9A-Z]{4,10}")


class ErrorReportForm(forms.ModelForm):
    """What is wrong where, and if they like, whom the answer goes to."""

    # People do not see it.
    website = forms.CharField(
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    class Meta:
        model = ErrorReport
        fields = ["quote", "text", "name", "email"]
        labels = {
            "quote": "The passage",
            "text": "What is wrong, and what is right",
            "name": "Your name, if you like",
            "email": "Your e-mail address, if you want to hear what became of it",
        }
        help_texts = {
            "quote": "Copied from the story. Leave it empty if the whole story is meant.",
            "text": "If you know where it can be looked up, say so: a document, a page, a witness.",
            "email": "For the answer alone; the desk deletes it three months after.",
        }
        widgets = {
            "quote": forms.Textarea(attrs={"rows": 3}),
            "text": forms.Textarea(attrs={"rows": 6, "maxlength": 4000}),
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }
        error_messages = {"text": {"required": "Say what is wrong."}}

    def clean_quote(self) -> str:
        return " ".join(self.cleaned_data["quote"].split())

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if len(text) > 4000:
            raise ValidationError(
                f"This is {len(text):,} characters long; 4,000 are the most. Keep what matters, "
                "and tell us the rest when we ask."
            )
        return text

    def clean_website(self) -> str:
        """Refuse what a machine filled in, with a word for whose browser did: it is empty again."""
        if self.cleaned_data["website"]:
            self.data = {**self.data.dict(), "website": ""}  # type: ignore[attr-defined]
            raise ValidationError(
                "Your browser filled in a field that people do not see, as machines do. It is "
                "empty again: please send the report once more."
            )
        return ""


form_page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@form_page
def report(request: HttpRequest, year: str, month: str, day: str, slug: str) -> HttpResponse:
    """Take a report of an error in a story."""
    return _take(request, Article.objects.live().at_address(year, month, day, slug))


@never_cache
@form_page
def report_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a report of an error in a standing page."""
    return _take(request, Article.objects.live().page_at(slug))


def _take(request: HttpRequest, found: QuerySet[Article]) -> HttpResponse:
    article = get_object_or_404(found.select_related("section"))
    reader = request.user if request.user.is_authenticated else None
    form = ErrorReportForm(request.POST or None, initial=_beginning(request))
    slow, wait = "", 0
    if request.method == "POST" and form.is_valid():
        if wait := _wait(request):
            slow = (
                "That was a lot of reports, and a person reads each of them. Please wait "
                f"{pace.in_words(wait)}, then send this one."
            )
        else:
            said = {name: form.cleaned_data[name] for name in form.Meta.fields}
            made = ErrorReport.make(article, reader=reader, **said)
            return HttpResponseRedirect(made.get_absolute_url(), status=SEE_OTHER)
    status = 429 if wait else (422 if form.is_bound else 200)
    context = {"article": article, "current_section": article.section, "form": form, "slow": slow}
    response = render(request, "articles/report_error.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _beginning(request: HttpRequest) -> dict[str, Any]:
    """Return what the form begins with: the passage that was selected, and the reader's address."""
    quote = " ".join(request.GET.get("quote", "")[: 2 * LONGEST_QUOTE].split())
    user = request.user
    return {
        "quote": quote[:LONGEST_QUOTE],
        "email": user.email if user.is_authenticated else "",
    }


def _wait(request: HttpRequest) -> int:
    """Return in how many seconds there is room for one more report, 0 for now."""
    who = client_address(request) or "nowhere"
    if wait := pace.wait_for_turn("error", who, *ErrorReport.PACE):
        return wait
    if not request.user.is_authenticated:
        return 0
    return pace.wait(ErrorReport.objects.filter(reader=request.user), *ErrorReport.PACE)


@never_cache
@require_safe
def status(request: HttpRequest, reference: str) -> HttpResponse:
    """Show whoever knows the reference what became of a report, and nothing of who sent it."""
    wanted = reference.upper()
    if not REFERENCE.fullmatch(wanted):
        raise Http404("No such report.")
    found = get_object_or_404(
        ErrorReport.objects.select_related("article", "revision__base", "correction"),
        reference=wanted,
    )
    shown = found.article if found.article.is_published else None
    response = render(
        request,
        "articles/error_status.html",
        {"report": found, "article": shown, "quote": _public_quote(found)},
    )
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _public_quote(found: ErrorReport) -> str:
    """Return the passage where it is the story's own words: what else was typed is not shown."""
    if not found.article.is_live:
        return ""
    words = passages.words_of(found.seen_text)
    return found.quote if passages.place(words, found.quote) else ""
