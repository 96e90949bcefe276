"""One's list of notices, the count of unread ones, and what of them comes by mail."""

import datetime
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from comments.models import MailChoice, MailStop, Notice

LIST = "/account/notifications/"
MAIL = "/account/notifications/mail/"
Kind, Mail, Pace = Notice.Kind, Notice.Mail, MailChoice.Pace


@pytest.fixture
def ada(make_user, client):
    person = make_user("ada", display_name="Ada L.")
    client.force_login(person)
    return person


@pytest.fixture
def said(make_comment, ada):
    return make_comment(author=ada)


@pytest.fixture
def tell(ada, make_comment):
    """Writes so many notices of Ada's, as if she followed the story."""

    def make(count, comment=None, kind=Kind.STORY, **fields):
        for _ in range(count):
            about = comment or make_comment()
            Notice.objects.create(
                person=ada, kind=kind, key=f"test:{Notice.objects.count()}",
                comment=about, article=about.article, **fields,
            )  # fmt: skip

    return make


def choices(**changed):
    """Return the form of the mail page as it is sent."""
    paces = {
        kind.value: pace.value
        for kind, pace in MailChoice.DEFAULTS.items()
        if kind != Kind.REJECTED
    }
    return paces | {"time_zone": ""} | changed


# The list


def test_the_list_says_in_words_what_happened_and_leads_there(client, said, ada, make_comment):
    answer = make_comment(parent=said, body="It was *high* enough.")
    page = client.get(LIST)
    notice = ada.notices.get()
    text = re.sub(r"</?bdi>", "", page.text)
    assert f"answered you under “{said.article.headline}”" in text
    assert "It was high enough." in text
    assert f'href="{LIST}{notice.pk}/"' in text
    assert 'class="notice is-unread"' in text
    assert "Unread" in text
    led = client.get(f"{LIST}{notice.pk}/")
    assert (led.status_code, led["Location"]) == (
        302,
        f"/comments/{answer.pk}/#comment-{answer.pk}",
    )
    assert client.get(led["Location"]).status_code == 200


def test_following_a_notice_marks_it_read_and_looking_at_it_does_not(
    client, said, ada, make_comment
):
    make_comment(parent=said)
    notice = ada.notices.get()
    client.get(LIST)
    client.head(f"{LIST}{notice.pk}/")
    assert ada.notices.unread().exists()
    client.get(f"{LIST}{notice.pk}/")
    assert not ada.notices.unread().exists()
    assert "is-unread" not in client.get(LIST).text


def test_a_rejection_carries_reason_rule_message_and_what_next(client, said, moderator):
    said.reject(by=moderator, reason="attack", message="The <b>last</b> line.")
    text = client.get(LIST).text
    for words in (
        "was taken down",
        "Personal attack",
        "Argue with what was said",
        "The &lt;b&gt;last&lt;/b&gt; line.",
        "You can say it again",
    ):
        assert words in text
    notice = Notice.objects.get()
    place = client.get(f"{LIST}{notice.pk}/")["Location"]
    assert place == f"/account/comments/?show=refused#own-{said.pk}"
    assert f'id="own-{said.pk}"' in client.get(place).text


@pytest.mark.parametrize("who", ["nobody", "somebody else", "an administrator"])
def test_notices_are_ones_own_alone(said, ada, make_comment, make_user, who):
    make_comment(parent=said, body="For Ada alone.")
    notice = ada.notices.get()
    other = Client()
    if who != "nobody":
        other.force_login(make_user(role="administrator" if "admin" in who else ""))
        assert "For Ada alone." not in other.get(LIST).text
    page = other.get(f"{LIST}{notice.pk}/")
    assert page.status_code == (302 if who == "nobody" else 404)
    if who == "nobody":
        assert page["Location"].startswith(reverse("account_login"))
    else:
        assert other.get(f"{LIST}?before={notice.pk}").status_code == 404
        other.post(LIST)
    assert ada.notices.unread().exists()


def test_what_was_hidden_is_neither_listed_nor_counted_nor_led_to(
    client, said, ada, make_comment, moderator
):
    answer = make_comment(parent=said, body="A secret of somebody.")
    notice = ada.notices.get()
    answer.reject(by=moderator, reason="private-data")
    text = client.get(LIST).text
    assert "A secret" not in text
    assert "1 notice" not in text
    assert client.get(f"{LIST}{notice.pk}/").status_code == 404


def test_all_are_marked_as_read_but_what_came_since_the_page_was_opened(client, ada, tell):
    tell(2)
    until = re.search(r'name="until" value="(\d+)"', client.get(LIST).text)[1]
    tell(1)
    answer = client.post(LIST, {"until": until})
    assert (answer.status_code, answer["Location"]) == (303, LIST)
    assert ada.notices.unread().count() == 1
    client.post(LIST)
    assert not ada.notices.unread().exists()
    assert "Mark all as read" not in client.get(LIST).text


@pytest.mark.parametrize("until", ["x", "-1", "9" * 30, "1.5", "²"])
def test_a_made_up_end_of_the_page_is_a_404(client, ada, tell, until):
    tell(1)
    assert client.post(LIST, {"until": until}).status_code == 404
    assert client.get(LIST, {"before": until}).status_code == 404
    assert ada.notices.unread().exists()


def test_an_empty_list_says_what_to_do(client, ada):
    text = client.get(LIST).text
    assert "Nothing yet." in text
    assert "read a story" in text
    assert "Mark all as read" not in text


def test_notices_stand_under_their_days_newest_first(client, ada, tell, time_machine):
    time_machine.move_to(datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC), tick=False)
    for days in (0, 1, 5):
        tell(1, at=timezone.now() - datetime.timedelta(days=days))
    text = client.get(LIST).text
    headings = re.findall(r"<h2>(.*?)</h2>", text)
    assert headings == ["Today", "Yesterday", "Tuesday, November 17, 2026"]


def test_many_of_one_story_are_folded_and_few_are_not(
    client, ada, tell, make_comment, make_article
):
    other = make_article()
    tell(4)
    for _ in range(2):
        tell(1, comment=make_comment(article=other))
    text = client.get(LIST).text
    assert text.count("<details>") == 1
    assert "4 comments on" in text
    assert "4 unread" in text


def test_pages_of_the_list_join_without_gap_or_double(client, ada, tell, monkeypatch):
    monkeypatch.setattr("comments.views.notices.PER_PAGE", 4)
    same = timezone.now()
    tell(11, at=same)
    found, address = [], LIST
    while address:
        text = client.get(address).text
        found += re.findall(rf'href="{LIST}(\d+)/"', text)
        further = re.search(r'href="(\?before=\d+)"', text)
        address = LIST + further[1] if further else ""
    assert found == [str(pk) for pk in ada.notices.values_list("pk", flat=True)]
    assert len(set(found)) == 11


def test_a_page_of_what_was_hidden_leads_on_to_the_next(
    client, ada, said, tell, make_comment, monkeypatch, moderator
):
    monkeypatch.setattr("comments.views.notices.PER_PAGE", 2)
    tell(1, comment=said, kind=Kind.REPORT)
    hidden = make_comment()
    tell(2, comment=hidden)
    hidden.reject(by=moderator, reason="attack")
    first = client.get(LIST).text
    assert "was hidden since" in first
    further = re.search(r'href="(\?before=\d+)"', first)[1]
    assert "The comment you reported" in client.get(LIST + further).text


def test_the_list_costs_the_same_for_few_and_many(client, ada, tell, django_assert_num_queries):
    client.get(LIST)
    for count in (1, 70):
        tell(count)
        # Session, person, which notices, what they tell, how many are unread, whether mail is
        # stopped, the sections.
        with django_assert_num_queries(8):
            client.get(LIST)


# The masthead


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 notice,"), (3, "3 notices,"), (120, "99+ notices,")]
)
def test_every_page_says_how_many_are_unread(client, ada, said, count, words):
    Notice.objects.bulk_create(
        Notice(person=ada, kind=Kind.REPORT, key=f"k{i}", comment=said, article=said.article)
        for i in range(count)
    )
    for address in ("/", said.article.get_absolute_url(), "/search/", "/account/"):
        assert words in strip_tags(client.get(address).text)


def test_who_has_read_all_and_who_is_not_logged_in_see_no_count(client, ada, tell):
    tell(2, read_at=timezone.now())
    for browser in (client, Client()):
        assert "masthead-notices" not in browser.get("/").text


def test_the_count_costs_members_one_query_and_others_none(
    client, ada, article, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(20) as queries:
        client.get("/")
    counts = [q for q in queries.captured_queries if "comments_notice" in q["sql"]]
    assert len(counts) == 1
    with django_assert_max_num_queries(20) as queries:
        Client().get("/")
    assert not [q for q in queries.captured_queries if "comments_notice" in q["sql"]]


def test_the_admin_does_not_count(client, moderator, django_assert_max_num_queries):
    client.force_login(moderator)
    with django_assert_max_num_queries(40) as queries:
        assert client.get("/admin/").status_code == 200
    assert not [q for q in queries.captured_queries if "comments_notice" in q["sql"]]


# What comes by mail


def test_defaults_are_shown_until_somebody_chooses(client, ada):
    text = client.get(MAIL).text
    for kind, pace in MailChoice.DEFAULTS.items():
        radio = rf'<input type="radio" name="{kind}" value="{pace}"[^>]*checked'
        assert bool(re.search(radio, text)) == (kind not in Notice.STATEMENTS), kind
    assert "Always at once" in text
    assert not MailChoice.objects.exists()


def test_a_choice_is_kept_shown_and_confirmed(client, ada, time_machine):
    time_machine.move_to(timezone.now().replace(hour=12, minute=5), tick=False)
    sent = choices(reply="daily", story="off") | {"time_zone": "Asia/Tokyo"}
    answer = client.post(MAIL, sent, follow=True)
    assert answer.redirect_chain == [(MAIL, 303)]
    assert "Your choice is saved." in answer.text
    chosen = dict(ada.mail_choices.values_list("kind", "pace"))
    assert (chosen["reply"], chosen["story"], chosen["thread"]) == ("daily", "off", "hourly")
    assert "rejected" not in chosen
    ada.refresh_from_db()
    assert ada.time_zone == "Asia/Tokyo"
    assert re.search(r'name="reply" value="daily"[^>]*checked', answer.text)
    assert '<option value="Asia/Tokyo" selected>' in answer.text
    assert "It is 21:05 there now." in answer.text


@pytest.mark.parametrize(
    "wrong",
    [{"reply": "yearly"}, {"reply": ""}, {"time_zone": "Atlantis/Poseidonis"}, {"story": "\x00"}],
)
def test_what_is_no_choice_is_refused_and_changes_nothing(client, ada, wrong):
    answer = client.post(MAIL, choices() | wrong)
    assert answer.status_code == 422
    assert "Nothing is saved yet" in answer.text
    assert not MailChoice.objects.exists()


def test_a_rejection_is_mailed_whatever_is_sent(client, ada):
    client.post(MAIL, choices(rejected="off"))
    assert not ada.mail_choices.filter(kind=Kind.REJECTED).exists()


def test_all_mail_is_stopped_at_once(client, ada, said, make_comment, moderator):
    make_comment(parent=said)
    said.reject(by=moderator, reason="attack")
    answer = client.post(MAIL, {"none": "1"}, follow=True)
    assert "No more mail" in answer.text
    assert set(ada.mail_choices.values_list("pace", flat=True)) == {Pace.OFF}
    assert ada.mail_choices.count() == len(Kind) - len(Notice.STATEMENTS)
    assert ada.notices.get(kind=Kind.REPLY).mail == Mail.NONE
    assert ada.notices.get(kind=Kind.REJECTED).mail == Mail.WAITING


@pytest.mark.parametrize(
    ("kind", "words"),
    [("hard", "comes back"), ("soft", "is paused"), ("complaint", "marked as spam")],
)
def test_a_stopped_address_is_said_and_can_be_tried_again(client, ada, kind, words):
    for _ in range(3):
        MailStop.record(ada.email, kind)
    for address in (LIST, MAIL, "/account/"):
        text = client.get(address).text
        assert words in text
        assert reverse("account_email") in text
        assert 'name="again"' in text
    answer = client.post(MAIL, {"again": "1"}, follow=True)
    assert "We will send to this address again." in answer.text
    assert words not in answer.text
    assert not MailStop.objects.exists()


def test_somebody_elses_stop_is_neither_shown_nor_lifted(client, ada, make_user):
    MailStop.record(make_user().email, "hard")
    assert "comes back" not in client.get(MAIL).text
    client.post(MAIL, {"again": "1"})
    assert MailStop.objects.count() == 1


def test_one_soft_bounce_pauses_nothing(client, ada):
    MailStop.record(ada.email, "soft")
    assert "is paused" not in client.get(MAIL).text


def test_without_a_confirmed_address_the_page_says_that_nothing_goes_out(client, ada):
    assert f"<bdi>{ada.email}</bdi>" in client.get(MAIL).text
    ada.emailaddress_set.update(verified=False)
    assert "nothing goes out" in client.get(MAIL).text


def test_what_is_posted_needs_a_token(ada):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    for address, sent in ((LIST, {}), (MAIL, choices()), (MAIL, {"none": "1"})):
        assert strict.post(address, sent).status_code == 403


def test_pages_of_one_are_kept_by_nobody(client, ada):
    for address in (LIST, MAIL):
        assert "no-store" in client.get(address)["Cache-Control"]
