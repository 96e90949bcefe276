"""Comments written from forms and from threads that were kept: what each reader sees is theirs."""

import re

import pytest

from comments.models import Comment, Follow, Mute, Respect
from newsroom.memory import fragments

FRESH = re.compile(r'name="(?:csrfmiddlewaretoken|key)" value="[^"]+"')


def conversation(client, article):
    response = client.get(article.get_absolute_url())
    assert response.status_code == 200
    section = response.text.partition('<section class="conversation"')[2].partition("</section>")[0]
    return FRESH.sub("", section)


@pytest.fixture
def thread(make_comment):
    """A thread's first comment and its reply, with another thread beside it."""
    root = make_comment(body="What I saw was the water.")
    reply = make_comment(parent=root, body="So did I, at four.")
    make_comment(article=root.article, body="And who pays for the wall?")
    return root, reply


def respected(reader, root, reply):
    Respect.turn(reader, reply)


def followed(reader, root, reply):
    Follow.turn(reader, root.article, root)


def muted(reader, root, reply):
    Mute.objects.create(reader=reader, muted=reply.author)


def held(reader, root, reply):
    waiting = Comment(article=root.article, author=reader)
    waiting.answer_to(root)
    waiting.set_body("Mine waits.")
    waiting.save()


def wrote(reader, root, reply):
    Comment.objects.filter(pk=reply.pk).update(author=reader)


def edited(reader, root, reply):
    wrote(reader, root, reply)
    Comment.objects.filter(pk=reply.pk).update(created_at=root.created_at.replace(year=2020))
    Comment.objects.get(pk=reply.pk).edit("So did I, at five.")


@pytest.mark.parametrize("did", [respected, followed, muted, held, wrote, edited])
def test_what_a_reader_did_is_on_their_page_alone(client, thread, reader, make_user, did):
    root, reply = thread
    other = make_user("other")
    for person in (reader, other):  # a first visit marks nothing, and is noted
        client.force_login(person)
        conversation(client, root.article)
    did(reader, root, reply)
    pages = {}
    for kept in (False, True, True):
        for person in (None, reader, other):
            if not kept:
                fragments.clear()
            client.logout()
            if person is not None:
                client.force_login(person)
            page = conversation(client, root.article)
            assert pages.setdefault(person, page) == page
    assert len(set(pages.values())) == 3


def test_change_of_a_comment_is_on_the_next_page_of_a_kept_thread(
    client, thread, moderator, make_comment
):
    root, reply = thread
    before = conversation(client, root.article)
    make_comment(parent=reply, body="Not before five.")
    assert "Not before five." in conversation(client, root.article)
    reply.reject(by=moderator, reason="attack")
    after = conversation(client, root.article)
    assert reply.body in before
    assert reply.body not in after
    assert "Removed by a moderator." in after


def test_change_of_a_name_or_a_badge_is_on_the_next_page(client, thread):
    root, reply = thread
    conversation(client, root.article)
    reply.author.display_name, reply.author.expertise = "New Name", "tides"
    reply.author.save()
    page = conversation(client, root.article)
    assert "New Name" in page
    assert "Expert: tides" in page


def test_words_of_a_comment_are_no_part_of_its_form(client, make_comment, make_user):
    name = "%(pk)s {{ line }} \ue000pk\ue001 %"
    author = make_user("percent", display_name="100 % & <b>")
    said = make_comment(author=author, body=f"It is {name}.")
    Comment.objects.filter(pk=said.pk).update(pick_reason="50 %s")
    guest = make_comment(article=said.article)
    Comment.objects.filter(pk=guest.pk).update(author=None, guest_name="<i>%d</i>")
    for _ in range(2):
        page = conversation(client, said.article)
        assert "It is %(pk)s {{ line }}" in page
        assert "100 % &amp; &lt;b&gt;" in page
        assert "Picked because: <bdi>50 %s</bdi>" in page
        assert "&lt;i&gt;%d&lt;/i&gt;" in page


def test_kept_thread_leads_to_the_thread_that_follows_now(client, thread, moderator):
    root, _ = thread
    following = root.article.comments.get(root=None, number=3)
    assert f'href="#comment-{following.pk}">next thread' in conversation(client, root.article)
    following.reject(by=moderator, reason="attack")
    page = conversation(client, root.article)
    assert f'href="#comment-{following.pk}"' not in page
    assert 'href="#comments-end">next thread' in page
