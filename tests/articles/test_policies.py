"""What the paper says of itself: written at the desk, shown to readers, refused when stale."""

import pytest
from django.urls import reverse

from articles.models import Policy
from newsroom.memory import fragments
from newsroom.models import Edition
from tests.articles.conftest import post_data
from tests.newsroom.test_page_cache import Site

ADD = "/admin/articles/policy/add/"


@pytest.fixture
def write(db):
    def written(kind="corrections", body="<p>We put it right where it stood.</p>", by=None):
        policy = Policy(kind=kind, body=body)
        policy.save_edit(by, None)
        return policy

    return written


def change(policy):
    return reverse("admin:articles_policy_change", args=[policy.pk])


def test_a_policy_has_its_page_and_a_line_on_every_other(client, write, article):
    policy = write()
    assert policy.get_absolute_url() == "/about/corrections/"
    page = client.get("/about/corrections/").text
    assert "<h1>How we correct errors</h1>" in page
    assert "We put it right where it stood." in page
    line = '<li><a href="/about/corrections/">How we correct errors</a></li>'
    for address in ("/", article.get_absolute_url(), "/corrections/", "/nothing-here/"):
        assert line in client.get(address).text


def test_the_list_is_in_the_order_of_the_kinds(client, write):
    for kind in ("diversity", "ethics", "principles"):
        write(kind)
    page = client.get("/about/").text
    places = [
        page.index(f'<a href="/about/{kind}/"') for kind in ("principles", "ethics", "diversity")
    ]
    assert places == sorted(places)


def test_what_is_not_written_is_nowhere(client, write, article):
    assert client.get("/about/").status_code == 404
    assert "/about/" not in client.get("/").text
    write()
    assert client.get("/about/ethics/").status_code == 404
    assert client.get("/about/nonsense/").status_code == 404
    page = client.get("/").text
    assert "/about/ethics/" not in page
    assert "/about/" in page


def test_an_empty_list_tells_staff_what_to_do(client, editor, reporter, reader):
    client.force_login(reader)
    assert client.get("/about/").status_code == 404
    client.force_login(reporter)
    assert ADD not in client.get("/about/").text
    client.force_login(editor)
    assert ADD in client.get("/about/").text


def test_kept_pages_know_of_a_change_at_once(settings, write, article):
    settings.PAGE_CACHE_BYTES = 4_000_000
    site = Site()
    Edition.move()
    story = article.get_absolute_url()
    assert "/about/" not in site.get(story).text
    policy = write()
    for address in ("/about/", "/about/corrections/", story):
        assert "How we correct errors" in site.get(address).text
    made = site.made
    assert "where it stood" in site.get("/about/corrections/").text
    assert site.made == made
    policy.body = "<p>Now we do it otherwise.</p>"
    policy.save_edit(None, 1)
    assert "Now we do it otherwise." in site.get("/about/corrections/").text


def test_pages_cost_the_same_for_few_and_many(client, write, django_assert_num_queries):
    write()
    for kinds in (["ethics", "masthead", "ownership"], []):
        for address in ("/about/", "/about/corrections/"):
            fragments.clear()
            with django_assert_num_queries(3):  # the edition, what is asked for, the frame
                client.get(address)
        for kind in kinds:
            write(kind)


def test_the_frame_is_read_once_for_an_edition(client, write, django_assert_num_queries):
    write()
    client.get("/about/")
    with django_assert_num_queries(2):
        client.get("/about/corrections/")


# At the desk


def test_an_editor_writes_one_and_it_is_cleaned(desk, editor, client):
    form = desk.get(ADD)
    before = Edition.objects.get().number
    answer = desk.post(ADD, post_data(form) | {
        "kind": "ethics",
        "body": '<h1>Gifts</h1><p onclick="x()">None <script>alert(1)</script>at all.</p>',
    })  # fmt: skip
    assert answer.status_code == 302
    policy = Policy.objects.get()
    assert policy.body == "<h2>Gifts</h2><p>None at all.</p>"
    assert policy.by == editor
    assert Edition.objects.get().number > before
    client.logout()
    assert policy.body_html in client.get("/about/ethics/").text


@pytest.mark.parametrize("text", ["", "   ", "<p></p>", "<p>&nbsp;</p>", "<script>x</script>"])
def test_an_empty_text_is_refused(desk, text):
    answer = desk.post(ADD, post_data(desk.get(ADD)) | {"kind": "ethics", "body": text})
    assert answer.status_code == 200
    assert not Policy.objects.exists()


def test_of_each_kind_there_is_one(desk, write):
    write("ethics")
    form = desk.get(ADD)
    assert 'value="ethics"' not in form.text
    data = post_data(form) | {"kind": "ethics", "body": "<p>Once more.</p>"}
    assert desk.post(ADD, data).status_code == 200
    assert Policy.objects.count() == 1


def test_a_stale_save_is_refused_with_both_texts_and_a_second_one_is_meant(desk, editor, write):
    policy = write()
    opened = desk.get(change(policy))
    theirs = post_data(opened) | {"body": "<p>Mine.</p>"}
    other = Policy.objects.get()
    other.body = "<p>Theirs.</p>"
    other.save_edit(editor, 1)
    answer = desk.post(change(policy), theirs)
    assert answer.status_code == 200
    assert "Theirs." in answer.text
    assert "Mine." in answer.text
    assert Policy.objects.get().body == "<p>Theirs.</p>"
    again = post_data(answer)
    assert again["body"] == "<p>Mine.</p>"
    assert desk.post(change(policy), again).status_code == 302
    assert Policy.objects.get().body == "<p>Mine.</p>"
    assert Policy.objects.get().version == 3


def test_the_kind_stays(desk, write):
    policy = write()
    desk.post(change(policy), post_data(desk.get(change(policy))) | {"kind": "ethics"})
    assert Policy.objects.get().kind == "corrections"


@pytest.mark.parametrize("role", ["reporter", "moderator"])
def test_nobody_else_at_the_desk_reads_or_writes_them_there(client, make_user, write, role):
    policy = write()
    client.force_login(make_user(role=role))
    data = {"kind": "ethics", "body": "<p>Ours.</p>", "seen_version": "1"}
    for address in (ADD, change(policy)):
        assert client.get(address).status_code == 403
        assert client.post(address, data).status_code == 403
    assert Policy.objects.get().body == policy.body


def test_an_administrator_may_end_one(client, make_user, editor, write):
    policy = write()
    address = reverse("admin:articles_policy_delete", args=[policy.pk])
    client.force_login(editor)
    assert client.post(address, {"post": "yes"}).status_code == 403
    client.force_login(make_user(role="administrator"))
    before = Edition.objects.get().number
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert not Policy.objects.exists()
    assert Edition.objects.get().number > before
