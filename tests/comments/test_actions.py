"""The line of what can be done with a comment: who is offered what."""

import re

import pytest

from comments.models import Comment, Follow, Mute, Respect


@pytest.fixture
def line(client):
    """Gives the action line of a comment under its story, as somebody sees it."""

    def see(comment, user=None):
        client.logout()
        if user is not None:
            client.force_login(user)
        page = client.get(comment.article.get_absolute_url()).text
        item = page[page.index(f'id="comment-{comment.pk}"') :]
        return re.search(r'<footer class="comment-actions">(.*?)</footer>', item, re.DOTALL)[1]

    return see


def addresses(line):
    return set(re.findall(r'(?:href|formaction)="/(?:comments|people)/[^/]+/(\w*)', line))


def test_a_visitor_is_offered_links_that_lead_to_the_log_in(line, make_comment):
    root = make_comment()
    reply = make_comment(parent=root)
    assert addresses(line(root)) == {"reply", "respect", "follow", "report", ""}
    assert addresses(line(reply)) == {"reply", "respect", "report", ""}
    assert "<button" not in line(root)
    assert "/people/" not in line(root)


def test_a_reader_is_offered_buttons_and_to_mute(line, reader, make_comment):
    root = make_comment()
    offered = line(root, reader)
    assert addresses(offered) == {"reply", "respect", "follow", "report", "mute", ""}
    assert re.findall(r'<button class="(\w+)"', offered) == ["respect", "follow"]
    assert offered.count('name="wanted" value="yes"') == 2
    assert "follow" not in addresses(line(make_comment(parent=root), reader))


def test_what_one_did_already_is_offered_to_be_undone(line, reader, make_comment):
    root = make_comment()
    Respect.turn(reader, root)
    Follow.turn(reader, root.article, root, True)
    offered = line(root, reader)
    assert offered.count('name="wanted" value="no"') == 2
    assert 'aria-pressed="true"' in offered
    assert "Following" in offered


def test_who_is_muted_can_be_heard_again(line, reader, make_comment):
    root = make_comment()
    assert ">Mute <bdi>" in line(root, reader)
    Mute.turn(reader, root.author, True)
    assert ">Unmute <bdi>" in line(root, reader)


def test_ones_own_is_changed_and_removed_but_neither_nodded_to_nor_reported(
    line, reader, make_comment
):
    own = make_comment(author=reader)
    assert addresses(line(own, reader)) == {"reply", "follow", "edit", "delete"}


def test_ones_own_that_waits_can_be_changed_and_removed_alone(line, newcomer, make_comment):
    held = make_comment(author=newcomer, status=Comment.Status.PENDING)
    assert addresses(line(held, newcomer)) == {"edit", "delete"}


def test_staff_cannot_be_muted(line, reader, reporter, make_comment):
    assert "mute" not in addresses(line(make_comment(author=reporter), reader))


def test_a_guest_cannot_be_muted(line, reader, make_comment):
    guest = make_comment()
    Comment.objects.filter(pk=guest.pk).update(author=None, guest_name="Somebody")
    assert addresses(line(guest, reader)) == {"reply", "respect", "follow", "report", ""}


@pytest.mark.parametrize(
    ("role", "may"), [("editor", True), ("moderator", True), ("reporter", False), ("", False)]
)
def test_picking_is_offered_to_those_who_may(line, make_user, make_comment, role, may):
    offered = addresses(line(make_comment(), make_user(role=role)))
    assert ("pick" in offered) is may


def test_a_closed_conversation_takes_no_reply(line, reader, make_comment):
    comment = make_comment()
    comment.article.comment_policy = "closed"
    comment.article.save()
    for user in (None, reader):
        assert "reply" not in addresses(line(comment, user))
        assert "respect" in addresses(line(comment, user))


def test_markup_in_a_name_is_text(line, reader, make_user, make_comment):
    loud = make_user("loudly", display_name="<img src=x onerror=alert(1)>")
    assert "<img" not in line(make_comment(author=loud), reader)


def test_every_menu_says_whose_it_is(line, reader, make_comment):
    comment = make_comment()
    assert re.search(rf"<summary>More<span[^>]*> to do with #{comment.number}<", line(comment))
