"""Mail's two doors from outside: the link that stops it, and word of what came back."""

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from comments import bounces
from comments.models import MailChoice, Notice
from comments.views.visitors import form_page

SALT = "comments.mail-stop"
A_DAY = 24 * 60 * 60  # seconds in which a stop can be taken back at the page that shows it
LARGEST = 256 * 1024  # bytes of a list of bounces


@csrf_exempt  # the token in the address is the proof, and mail programs carry no other
@never_cache
@form_page
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the mails that carry this link: for its owner at a button, for a mail program at once.

    GET changes nothing, since scanners follow links. POST asks for no cookie, log-in, token or
    redirect (RFC 8058), and changes nothing if it comes again.
    """
    choice = (
        MailChoice.objects.exclude(kind__in=Notice.STATEMENTS)
        .select_related("person")
        .filter(token=token)
        .first()
    )
    if choice is None:
        return _answer(request, {}, status=404)
    if request.method != "POST":
        return _answer(request, {"choice": choice, "is_running": bool(choice.running())})
    if before := _before(request.POST.get("before", ""), choice):
        MailChoice.choose(choice.person, before)
        return _answer(request, {"choice": choice, "is_running": True, "is_back": True})
    stopped = choice.stop()
    if "List-Unsubscribe" in request.POST:
        return HttpResponse("Stopped.\n", content_type="text/plain; charset=utf-8")
    context = {
        "choice": choice,
        "is_stopped": True,
        "stopped": [Notice.Kind(kind).label for kind in stopped],
        "before": signing.dumps([choice.pk, stopped], salt=SALT) if stopped else "",
    }
    return _answer(request, context)


def _before(signed: str, choice: MailChoice) -> dict[str, str]:
    """Return the paces that a stop of this choice ended, as the page that showed it says."""
    if not signed:
        return {}
    try:
        pk, paces = signing.loads(signed, salt=SALT, max_age=A_DAY)
    except signing.BadSignature:
        return {}
    return paces if pk == choice.pk else {}


def _answer(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    response = render(request, "comments/mail_stop.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response


@csrf_exempt  # the secret in the header is the proof
@never_cache
def take_bounces(request: HttpRequest) -> HttpResponse:
    """Take a list of bounces and complaints from whoever runs the mail server.

    The address is there only where a secret for it is set.
    """
    if not settings.MAIL_WEBHOOK_SECRET:
        raise Http404
    return _take_bounces(request)


@require_POST
def _take_bounces(request: HttpRequest) -> HttpResponse:
    given = request.headers.get("Authorization", "")
    if not constant_time_compare(given, f"Bearer {settings.MAIL_WEBHOOK_SECRET}"):
        return JsonResponse({"error": "The secret is missing or wrong."}, status=403)
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return JsonResponse({"error": "This is too large."}, status=413)
    try:
        found = bounces.from_list(body)
    except bounces.Unreadable as error:
        return JsonResponse({"error": str(error)}, status=400)
    for bounce in found:
        bounce.record()
    return JsonResponse({"recorded": len(found)})
