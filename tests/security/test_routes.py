"""Every address of the site and who may open it. A new address must be entered here."""

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.urls import get_resolver

from comments.models import Comment, Draft, Report, Respect
from tests.security.conftest import ROLES

# What each role gets, in the order of ROLES: 200 the page, 301 and 302 another address (log-in,
# for most), 403 and 404 nothing, 405 a page that is only sent to.
EVERYBODY = (200,) * 6
ELSEWHERE = (302,) * 6
NOWHERE = (404,) * 6
MEMBERS = (302, 200, 200, 200, 200, 200)
STRANGERS = (200, 302, 302, 302, 302, 302)
STAFF = (302, 302, 200, 200, 200, 200)
NEWSROOM = (302, 302, 200, 200, 403, 200)
EDITORS = (302, 302, 403, 200, 403, 200)
MODERATORS = (302, 302, 403, 403, 200, 200)
READS_COMMENTS = (302, 302, 403, 200, 200, 200)
SENT_TO = (302, 302, 405, 405, 405, 405)
LED_ON = (302, 302, 403, 403, 302, 302)  # to a queue of the desk
ADMINISTRATORS = (302, 302, 403, 403, 403, 200)
NOBODY = (302, 302, 403, 403, 403, 403)
NO_SUCH_PAGE = (302, 302, 404, 404, 404, 404)
AUTHOR_ALONE = (302, 404, 200, 404, 404, 404)  # the reporter wrote the comment
WRITERS = (302, 302, 404, 200, 403, 200)  # of a story that is not the reporter's
PICKERS = (302, 404, 404, 200, 200, 200)
SECOND_STEP = (302, 404, 404, 404, 404, 404)  # nobody has one turned on, but for the editor

# Of each model in the admin: its list, a new row, a row (its history as well), its end.
ADMIN = {
    "comments/comment": (READS_COMMENTS, NOBODY, READS_COMMENTS, NOBODY),
    "comments/decision": (MODERATORS, NOBODY, MODERATORS, NOBODY),
    "comments/promptcount": (MODERATORS, NOBODY, MODERATORS, NOBODY),
    "comments/wordrule": (MODERATORS, MODERATORS, MODERATORS, MODERATORS),
    "comments/checkrule": (MODERATORS, MODERATORS, MODERATORS, MODERATORS),
    "comments/messagetemplate": (MODERATORS, MODERATORS, MODERATORS, MODERATORS),
    "comments/sanction": (MODERATORS, NOBODY, MODERATORS, NOBODY),
    "comments/dispatch": (ADMINISTRATORS, NOBODY, ADMINISTRATORS, NOBODY),
    "comments/link": (MODERATORS, NOBODY, MODERATORS, NOBODY),
    "comments/dutyhours": (MODERATORS, ADMINISTRATORS, MODERATORS, ADMINISTRATORS),
    "comments/desksettings": ((302, 302, 403, 403, 200, 302), NOBODY, MODERATORS, NOBODY),
    "comments/terms": (MODERATORS, ADMINISTRATORS, MODERATORS, NOBODY),
    "accounts/sourcerule": (MODERATORS, MODERATORS, MODERATORS, MODERATORS),
    "articles/errorreport": (NEWSROOM, NOBODY, (302, 302, 302, 200, 403, 200), NOBODY),
    "articles/article": (STAFF, NEWSROOM, (302, 302, 302, 200, 200, 200), NOBODY),
    "articles/image": (NEWSROOM, NEWSROOM, NEWSROOM, EDITORS),
    "articles/section": (STAFF, EDITORS, STAFF, ADMINISTRATORS),
    "articles/topic": (NEWSROOM, NEWSROOM, NEWSROOM, EDITORS),
    "articles/series": (NEWSROOM, EDITORS, NEWSROOM, EDITORS),
    "articles/author": (NEWSROOM, EDITORS, NEWSROOM, ADMINISTRATORS),
    "articles/movedaddress": (EDITORS, EDITORS, EDITORS, NOBODY),
    "articles/reviewstep": (ADMINISTRATORS,) * 4,
    "articles/policy": (EDITORS, EDITORS, EDITORS, ADMINISTRATORS),
    "accounts/user": (MODERATORS, ADMINISTRATORS, MODERATORS, NOBODY),
    "auth/group": (NOBODY, NOBODY, NOBODY, NOBODY),
    "django_tasks_database/dbtaskresult": (NOBODY, NOBODY, NOBODY, NOBODY),
    "account/emailaddress": (NOBODY, NOBODY, NOBODY, NOBODY),
    "mfa/authenticator": (NOBODY, NOBODY, NOBODY, NOBODY),
}

DAY = "^(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<day>[0-9]{2})/"
STORY = DAY + "(?P<slug>[^/]+)/"
FEEDS = ("feed/", "feed/atom/", "feed.json")
ROUTES = {
    "healthz": EVERYBODY,
    "readyz": EVERYBODY,
    "favicon.ico": (301,) * 6,
    "media/images/<path:path>": NOWHERE,
    # The paper
    "": EVERYBODY,
    STORY + "$": EVERYBODY,
    STORY + "versions/$": EVERYBODY,
    STORY + "versions/(?P<number>[1-9][0-9]{0,5})/$": EVERYBODY,
    STORY + "report-an-error/$": EVERYBODY,
    "pages/<str:slug>/report-an-error/": EVERYBODY,
    "errors/<str:reference>/": EVERYBODY,
    DAY + "$": EVERYBODY,
    "^(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/$": EVERYBODY,
    "^(?P<year>[0-9]{4})/$": EVERYBODY,
    "pages/<str:slug>/": EVERYBODY,
    "corrections/": EVERYBODY,
    **{f"corrections/{form}": EVERYBODY for form in FEEDS},
    "about/": EVERYBODY,
    "about/<str:kind>/": EVERYBODY,
    "search/": EVERYBODY,
    "articles/<int:pk>/preview/": (302, 404, 404, 200, 200, 200),
    "preview/<str:signed>/": NOWHERE,  # of no link
    "feed/": EVERYBODY,
    "feed/atom/": EVERYBODY,
    "feed.json": EVERYBODY,
    **{
        f"{kind}/<str:slug>/{form}": EVERYBODY
        for kind in ("sections", "topics", "authors", "series")
        for form in ("", *FEEDS)
    },
    "sitemap.xml": EVERYBODY,
    "sitemap-<str:name>.xml": EVERYBODY,
    "news-sitemap.xml": EVERYBODY,
    "robots.txt": EVERYBODY,
    # The conversation
    STORY + "comments/$": EVERYBODY,
    STORY + "comments/latest/$": EVERYBODY,
    STORY + "feed/$": EVERYBODY,
    STORY + "feed/atom/$": EVERYBODY,
    STORY + r"feed\.json$": EVERYBODY,
    "pages/<str:slug>/comments/": EVERYBODY,
    "pages/<str:slug>/comments/latest/": EVERYBODY,
    **{f"comments/{form}": EVERYBODY for form in FEEDS},
    "comments/rules/": EVERYBODY,
    "comments/drafts/<uuid:key>/": (302, 200, 404, 404, 404, 404),
    "comments/<int:pk>/": EVERYBODY,
    "comments/<int:pk>/replies/": EVERYBODY,
    "comments/<int:pk>/reply/": EVERYBODY,
    "comments/<int:pk>/edit/": AUTHOR_ALONE,
    "comments/<int:pk>/history/": NOWHERE,  # it was never changed
    "comments/<int:pk>/delete/": AUTHOR_ALONE,
    "comments/<int:pk>/respect/": MEMBERS,
    "comments/<int:pk>/report/": MEMBERS,
    "comments/<int:pk>/follow/": MEMBERS,
    "comments/<int:pk>/pick/": PICKERS,
    STORY + "comments/follow/$": MEMBERS,
    "pages/<str:slug>/comments/follow/": MEMBERS,
    "people/<str:username>/mute/": MEMBERS,
    "account/followed/": MEMBERS,
    "account/muted/": MEMBERS,
    "mail/stop/<str:token>/": EVERYBODY,
    # What was decided, and what one can do about it
    "account/standing/": MEMBERS,
    "account/decisions/<uuid:ref>/": AUTHOR_ALONE,
    "account/sanctions/<uuid:ref>/": (302, 200, 404, 404, 404, 404),  # it is the reader's
    "decisions/<str:token>/": NOWHERE,  # signed for its author
    "notices/new/": EVERYBODY,
    "notices/<str:token>/": EVERYBODY,
    "terms/": EVERYBODY,
    "terms/<int:number>/": EVERYBODY,
    "terms.json": EVERYBODY,
    "transparency/": EVERYBODY,
    "transparency.csv": EVERYBODY,
    "mail/bounces/": NOWHERE,  # until a secret for it is set
    # People
    "people/<str:username>/": EVERYBODY,
    "account/": MEMBERS,
    "account/comments/": MEMBERS,
    "account/notifications/": MEMBERS,
    "account/notifications/mail/": MEMBERS,
    "account/notifications/<int:pk>/": (302, 404, 404, 404, 404, 404),  # nobody was told anything
    "account/comments/claim/": MEMBERS,
    "account/comments/<int:pk>/take-back/": (302, 405, 405, 405, 405, 405),
    "accounts/login/": STRANGERS,
    "accounts/signup/": STRANGERS,
    "accounts/logout/": MEMBERS,
    "accounts/inactive/": EVERYBODY,
    "accounts/reauthenticate/": MEMBERS,
    "accounts/email/": MEMBERS,
    "accounts/confirm-email/": EVERYBODY,
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": EVERYBODY,
    "accounts/password/change/": MEMBERS,
    "accounts/password/set/": ELSEWHERE,
    "accounts/password/reset/": EVERYBODY,
    "accounts/password/reset/done/": EVERYBODY,
    "accounts/password/reset/key/done/": EVERYBODY,
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": EVERYBODY,
    "accounts/login/code/confirm/": ELSEWHERE,
    "accounts/2fa/": MEMBERS,
    "accounts/2fa/authenticate/": ELSEWHERE,
    "accounts/2fa/reauthenticate/": (302, 302, 302, 200, 302, 302),
    "accounts/2fa/totp/activate/": ELSEWHERE,
    "accounts/2fa/totp/deactivate/": (302, 404, 404, 302, 404, 404),
    "accounts/2fa/recovery-codes/": SECOND_STEP,
    "accounts/2fa/recovery-codes/generate/": ELSEWHERE,
    "accounts/2fa/recovery-codes/download/": SECOND_STEP,
    "accounts/2fa/webauthn/": MEMBERS,
    "accounts/2fa/webauthn/add/": ELSEWHERE,
    "accounts/2fa/webauthn/reauthenticate/": ELSEWHERE,
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": ELSEWHERE,
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": ELSEWHERE,
    "accounts/2fa/webauthn/login/": ELSEWHERE,
    # The admin
    "admin/": STAFF,
    "admin/login/": (302, 403, 403, 403, 403, 403),
    "admin/logout/": (302, 302, 405, 405, 405, 405),
    "admin/password_change/": STAFF,
    "admin/password_change/done/": STAFF,
    "admin/autocomplete/": NOBODY,
    "admin/jsi18n/": STAFF,
    "admin/comments/comment/desk/": MODERATORS,
    "admin/comments/comment/desk/last/": MODERATORS,
    "admin/comments/comment/desk/filters/": SENT_TO,
    "admin/comments/comment/desk/pulse/": SENT_TO,
    "admin/comments/comment/desk/surge/<int:pk>/": SENT_TO,
    "admin/comments/comment/<int:pk>/decide/": SENT_TO,
    "admin/comments/comment/<int:pk>/undo/": SENT_TO,
    "admin/comments/comment/<int:pk>/preview/": MODERATORS,
    "admin/comments/comment/<int:pk>/thread/": SENT_TO,
    "admin/comments/comment/<int:pk>/around/": MODERATORS,
    "admin/comments/comment/<int:pk>/with-replies/": MODERATORS,
    "admin/comments/comment/batches/": MODERATORS,
    "admin/comments/comment/batches/new/": MODERATORS,
    "admin/comments/comment/batches/<int:pk>/": MODERATORS,
    "admin/comments/comment/people/<int:pk>/": MODERATORS,
    "admin/comments/comment/people/<int:pk>/sanction/": SENT_TO,
    "admin/comments/comment/people/reporters/": MODERATORS,
    "admin/comments/comment/notes/": SENT_TO,
    "admin/comments/comment/appeals/<int:pk>/": LED_ON,
    "admin/comments/comment/legal/<int:pk>/": LED_ON,
    "admin/comments/comment/second-look/": MODERATORS,
    "admin/comments/comment/statistics/": MODERATORS,
    "admin/comments/comment/statistics.csv": MODERATORS,
    "admin/comments/comment/export/statements.csv": MODERATORS,
    "admin/comments/comment/export/log.csv": ADMINISTRATORS,
    "admin/comments/checkrule/rehearsal/": MODERATORS,
    "admin/comments/wordrule/<int:pk>/rehearsal/": MODERATORS,
    "admin/articles/article/calendar/": STAFF,
    "admin/articles/article/autosave/": NEWSROOM,
    "admin/articles/article/autosave/discard/": SENT_TO,
    **{
        f"admin/articles/article/<int:pk>/{route}/": WRITERS
        for route in ("autosave", "presence", "preview-links")
    },
    **{
        f"admin/articles/article/<int:pk>/{route}/": SENT_TO
        for route in (
            "autosave/discard",
            "take-over",
            "preview-links/<int:link>/revoke",
            "revisions/<int:number>/restore",
        )
    },
    "admin/articles/article/<int:pk>/revisions/": (302, 302, 404, 200, 200, 200),
    "admin/articles/article/<int:pk>/revisions/compare/": (302, 302, 404, 200, 200, 200),
    "admin/articles/image/picker/": NEWSROOM,
    "admin/articles/image/upload/": NEWSROOM,
    "admin/articles/slot/": (302, 302, 403, 302, 403, 302),
    "admin/articles/slot/front/": EDITORS,
    "admin/articles/slot/front/<str:slug>/": EDITORS,
    "admin/articles/slot/preview/": EDITORS,
    "admin/articles/slot/preview/<str:slug>/": EDITORS,
    "admin/articles/series/<int:pk>/parts/": SENT_TO,
    "admin/^(?P<app_label>comments|articles|accounts|auth|account|mfa"
    "|django_tasks_database)/$": STAFF,
    "admin/(?P<url>.*)$": NO_SUCH_PAGE,
}
for model, (rows, new, row, end) in ADMIN.items():
    ROUTES |= {
        f"admin/{model}/": rows,
        f"admin/{model}/add/": new,
        f"admin/{model}/<path:object_id>/change/": row,
        f"admin/{model}/<path:object_id>/history/": row,
        f"admin/{model}/<path:object_id>/delete/": end,
        f"admin/{model}/<path:object_id>/": ELSEWHERE,
    }
# Those that machines post to, each with a secret of its own: see tests/comments/test_mail_stop.py.
WITH_SECRET = {"mail/stop/<str:token>/", "mail/bounces/"}
# Those that an anonymous page posts to: its form carries no token, and changes nothing yet.
WITHOUT_TOKEN = {STORY + "comments/$", "pages/<str:slug>/comments/", "comments/<int:pk>/reply/"}


def routes(patterns: list, before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def address(route: str, paper) -> str:
    """Return an address of that route, of which there is something in the paper."""
    of_models = {
        "comments/comment": paper.comment,
        "comments/decision": paper.comment.decisions.first(),
        "comments/promptcount": paper.prompted,
        "comments/wordrule": paper.rule,
        **{f"comments/{row._meta.model_name}": row for row in paper.kept},
        "accounts/sourcerule": paper.source,
        "articles/article": paper.story,
        "articles/image": paper.image,
        "articles/section": paper.story.section,
        "articles/topic": paper.topic,
        "articles/series": paper.story.series,
        "articles/author": paper.author,
        "articles/movedaddress": paper.moved,
        "articles/errorreport": paper.error_report,
        "articles/policy": paper.policy,
        "articles/reviewstep": paper.reading,
        "accounts/user": paper.comment.author,
        "auth/group": paper.group,
        "django_tasks_database/dbtaskresult": paper.task,
        "account/emailaddress": paper.comment.author.emailaddress_set.first(),
        "mfa/authenticator": paper.key,
    }
    day = paper.story.published_on
    model = re.match(r"admin/(\w+/\w+)/<(?:path|int)", route)
    slugs = {
        "pages": "about", "sections": paper.story.section.slug, "topics": "floods",
        "series": "rain",
        "admin": paper.story.section.slug,
        "authors": paper.author.slug,
    }  # fmt: skip
    values = {
        "year": f"{day:%Y}",
        "month": f"{day:%m}",
        "day": f"{day:%d}",
        "slug": slugs.get(route.partition("/")[0], "story"),
        "kind": paper.policy.kind,
        "pk": str(paper.story.pk if route.startswith("articles/") else paper.comment.pk),
        "object_id": "",
        "key": str(paper.draft.key) if "uuid" in route else "nonsense",
        "ref": str(paper.decision.ref if "decisions" in route else paper.sanction.ref),
        "number": "1",
        "reference": paper.error_report.reference,
        "token": paper.notice.token if route.startswith("notices") else paper.choice.token,
        "username": paper.comment.author.username,
        "name": "pages",
        "path": "1/none-480.jpeg",
        "uidb36": "1",
        "app_label": "articles",
        "url": "nothing-here",
        "signed": "nonsense",
        "link": "1",
    }
    for part, row in (
        ("batches/", paper.batch), ("people/<int", paper.people["reader"]),
        ("appeals/", paper.appeal), ("legal/", paper.notice), ("surge/", paper.story),
    ):  # fmt: skip
        if f"comment/{part}" in route or f"desk/{part}" in route:
            values["pk"] = str(row.pk)
            model = None
    if model:
        values["object_id"] = values["pk"] = str(of_models[model[1]].pk)
    hole = re.compile(r"\(\?P<(\w+)>(?:[^()\[]|\[[^]]*\])*\)|<\w+:(\w+)>")
    path = hole.sub(lambda found: values[found[1] or found[2]], route)
    return "/" + path.replace("^", "").replace("$", "").replace("\\", "")


def rows() -> dict[str, list]:
    """Return everything the database holds but what remembers only the visitor to themselves."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.label not in {"sessions.Session", "comments.Visit", "articles.Presence"}
    }


def test_every_route_is_entered_in_the_table(db):
    found = set(routes(get_resolver().url_patterns))
    assert found - set(ROUTES) == set(), "new: say in ROUTES who may open it"
    assert set(ROUTES) - found == set(), "gone"


@pytest.mark.parametrize("number", range(len(ROLES)), ids=ROLES)
def test_each_role_opens_what_the_table_says_and_no_get_changes_a_row(
    browser, paper, settings, number
):
    settings.ACCOUNT_RATE_LIMITS = False
    client = browser(ROLES[number])
    before = rows()
    wrong = []
    for route, expected in ROUTES.items():
        status = client.get(address(route, paper)).status_code
        if status != expected[number]:
            wrong.append(f"{route}: {status}, not {expected[number]}")
        assert client.head(address(route, paper)).status_code == status, route
    assert not wrong, "\n".join(wrong)
    assert rows() == before


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain", "htmx"])
def test_nothing_is_taken_without_a_token(browser, paper, settings, role, headers):
    settings.ACCOUNT_RATE_LIMITS = False
    client = browser(role, enforce_csrf_checks=True)
    sent = {
        "body": "Words that nobody sent.", "reason": "attack", "note": "x", "action": "reject",
        "version": paper.comment.version, "post": "yes", "_selected_action": [paper.comment.pk],
        "then": "login", "display_name": "Somebody Else", "confirmed": "1",
    }  # fmt: skip
    before = rows()
    for route in (route for route in ROUTES if route not in WITH_SECRET):
        answer = client.post(address(route, paper), sent, headers=headers)
        if route in WITHOUT_TOKEN and role == "anonymous":
            # Without a token the text is kept no further than the form that asks to log in.
            answer = client.post(address(route, paper), sent | {"then": "signup"}, headers=headers)
        assert answer.status_code == 403, route
    assert rows() == before
    assert not Draft.objects.exclude(pk=paper.draft.pk).exists()
    assert Comment.objects.count() == 1
    assert not Report.objects.exists()
    assert not Respect.objects.exists()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "LOOK"])
def test_other_methods_are_refused_everywhere(browser, paper, method):
    client = browser("administrator")
    before = rows()
    for route in ROUTES:
        assert client.generic(method, address(route, paper)).status_code == 405, route
    assert rows() == before
