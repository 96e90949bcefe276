"""How often one may write: by account, by address, by story; and what no person would send."""

import datetime

import pytest
from django.utils import timezone

from articles.models import Article
from comments import checks, formkeys
from comments.models import Comment, Refused
from newsroom.addresses import client_address


@pytest.fixture
def say(write, settings):
    """Submits a comment with the limits on."""
    settings.LIMITS = True
    return lambda *args, **fields: write(*args, **fields).submit()


@pytest.fixture
def crowd(article, make_user):
    """Puts so many comments of others, from one address, so many seconds ago."""

    def put(count, seconds, address="192.0.2.7"):
        at = timezone.now() - datetime.timedelta(seconds=seconds)
        author = make_user()
        Comment.objects.bulk_create(
            Comment(article=article, author=author, body="x", ip_address=address, created_at=at)
            for _ in range(count)
        )

    return put


# By address


@pytest.mark.parametrize(("count", "seconds"), [(15, 60), (100, 30 * 60)])
def test_address_has_room_for_so_many_and_names_the_wait(say, crowd, count, seconds):
    crowd(count - 1, seconds)
    assert say("One more.", ip_address="192.0.2.7").is_visible
    with pytest.raises(Refused, match="Please wait") as refusal:
        say("Too many.", ip_address="192.0.2.7")
    assert refusal.value.retry_after > 0
    assert say("From elsewhere.", ip_address="192.0.2.8").is_visible
    assert say("From nowhere known.").is_visible


def test_staff_and_sites_without_limits_count_no_address(say, crowd, moderator, settings):
    crowd(15, 10)
    assert say("From the desk.", author=moderator, ip_address="192.0.2.7").is_visible
    settings.LIMITS = False
    assert say("For a test.", ip_address="192.0.2.7").is_visible


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "198.51.100.1"),
        (0, "203.0.113.9", "198.51.100.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "192.0.2.66, 203.0.113.9", "203.0.113.9"),
        (2, "192.0.2.66, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),
        (1, None, "198.51.100.1"),
        (1, "nonsense", None),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_address_is_the_one_before_our_own_proxies(rf, settings, proxies, forwarded, address):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_address(rf.get("/", REMOTE_ADDR="198.51.100.1", headers=headers)) == address


def test_forged_header_gives_no_more_room(client, article, reader, crowd, settings):
    settings.LIMITS = True
    crowd(15, 10, address="127.0.0.1")
    client.force_login(reader)
    answer = client.post(
        f"{article.get_absolute_url()}comments/",
        {"body": "From everywhere."},
        headers={"X-Forwarded-For": "203.0.113.9"},
    )
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "From everywhere.</textarea>" in answer.text


# By story


@pytest.fixture
def slow(make_article):
    return make_article(slow_mode=300)


def test_slow_mode_takes_one_comment_in_its_time_and_names_the_wait(say, slow, time_machine):
    start = timezone.now()
    say("First.", on=slow)
    with pytest.raises(Refused, match="one comment every 5 minutes") as refusal:
        say("Second.", on=slow)
    assert 290 < refusal.value.retry_after <= 300
    assert say("Elsewhere.").is_visible
    time_machine.move_to(start + datetime.timedelta(seconds=refusal.value.retry_after + 1))
    assert say("Second.", on=slow).is_visible


def test_slow_mode_counts_what_was_removed_and_not_what_others_said(say, slow, reader, make_user):
    say("First.", on=slow).remove(by=reader)
    with pytest.raises(Refused, match="Slow mode"):
        say("Again.", on=slow)
    assert say("Mine.", on=slow, author=make_user()).pk


def test_slow_mode_leaves_the_staff_edits_and_tests_alone(say, slow, moderator, settings):
    for words in ("One.", "Two."):
        assert say(words, on=slow, author=moderator).is_visible
    comment = say("Mine.", on=slow)
    assert comment.edit("Mine, mended.") is None
    settings.LIMITS = False
    assert say("For a test.", on=slow).is_visible


def test_slow_mode_is_said_at_the_form_and_in_the_refusal(client, slow, reader, settings):
    settings.LIMITS = True
    page = client.get(slow.get_absolute_url()).text
    assert "Slow mode: one comment every 5 minutes." in page
    Article.objects.filter(pk=slow.pk).update(slow_mode=3600)
    assert "one comment every hour." in client.get(slow.get_absolute_url()).text
    client.force_login(reader)
    address = f"{slow.get_absolute_url()}comments/"
    client.post(address, {"body": "First."})
    answer = client.post(address, {"body": "Second."})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 3500
    assert "Please wait 60 minutes" in answer.text
    assert "Second.</textarea>" in answer.text


def test_editor_sets_the_slow_mode_and_the_rules_and_a_reporter_does_not(
    client, editor, reporter, make_article
):
    draft = make_article(status="draft", created_by=reporter)
    for user, sees in ((editor, True), (reporter, False)):
        client.force_login(user)
        page = client.get(f"/admin/articles/article/{draft.pk}/change/").text
        for name in ("slow_mode", "shows_rules"):
            assert (f'name="{name}"' in page) == sees


# What no person would send


def machine(comment):
    return [f.reason for f in comment.findings.filter(check_name="machine")]


def test_filled_trap_holds_and_refuses_nobody(client, article, reader):
    client.force_login(reader)
    answer = client.post(
        f"{article.get_absolute_url()}comments/", {"body": "Buy.", "website": "http://a.example"}
    )
    assert answer.status_code == 303
    comment = article.comments.get()
    assert comment.is_pending
    assert machine(comment) == ["filled in a field that people do not see"]


def test_newcomers_form_sent_at_once_is_held_as_a_machines(say, newcomer, time_machine):
    quick = say("Quick.", author=newcomer, form_key=formkeys.fresh())
    assert machine(quick) == ["sent within two seconds of opening the form"]
    key = formkeys.fresh()
    time_machine.move_to(timezone.now() + checks.SHORTEST_WRITING + datetime.timedelta(seconds=1))
    assert machine(say("Slower.", author=newcomer, form_key=key)) == []


def test_known_readers_the_staff_and_forms_without_a_key_are_not_timed(
    say, moderator, reader, make_comment
):
    assert say("No key.").is_visible
    assert say("From the desk.", author=moderator, form_key=formkeys.fresh()).is_visible
    make_comment(author=reader)
    Comment.objects.update(created_at=timezone.now() - datetime.timedelta(days=2))
    assert say("Known by now.", form_key=formkeys.fresh()).is_visible


def test_key_tells_when_its_form_was_made_and_other_keys_tell_nothing():
    import uuid

    now = timezone.now()
    key = formkeys.fresh()
    assert key.version == 7
    assert abs(formkeys.made_at(key) - now) < datetime.timedelta(seconds=1)
    assert formkeys.made_at(uuid.uuid4()) is None
    assert formkeys.made_at(None) is None
    assert len({formkeys.fresh() for _ in range(1000)}) == 1000
    far = uuid.UUID(int=key.int | ((1 << 48) - 1) << 80)
    formkeys.made_at(far)  # a date beyond the calendar is no error


def test_page_names_a_key_that_tells_its_time(client, article, reader):
    import re
    import uuid

    client.force_login(reader)
    page = client.get(article.get_absolute_url()).text
    assert formkeys.made_at(uuid.UUID(re.search(r'name="key" value="([0-9a-f-]{36})"', page)[1]))
