"""What machines read of the comments on a page: who said what, when and in answer to what."""

import datetime

import html5lib
import pytest

from comments.models import Comment

COMMENT = "https://schema.org/Comment"


def items(page, kind):
    """Return the microdata items of a kind, nested as HTML has it. Source: html.spec.whatwg.org."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    return [item(one) for one in tree.iter() if one.get("itemtype") == kind]


def item(element):
    found = {"type": element.get("itemtype"), "id": element.get("itemid")}
    waiting = list(element)
    while waiting:
        one = waiting.pop(0)
        is_item = "itemscope" in one.attrib
        if name := one.get("itemprop"):
            found.setdefault(name, []).append(item(one) if is_item else value(one))
        if not is_item:
            waiting[:0] = list(one)
    return found


def value(element):
    return element.get("href") or element.get("datetime") or "".join(element.itertext()).strip()


@pytest.fixture
def told(client):
    def read(article):
        page = client.get(article.get_absolute_url()).text
        (story,) = items(page, "https://schema.org/NewsArticle")
        assert story["id"] == f"http://testserver{article.get_absolute_url()}"
        return story.get("comment", [])

    return read


def test_a_comment_is_told_as_it_is_shown(told, make_comment, make_user):
    comment = make_comment(author=make_user("ada"), body="I saw *it* too.")
    (one,) = told(comment.article)
    assert one["type"] == COMMENT
    assert one["author"] == [
        {"type": "https://schema.org/Person", "id": None, "url": ["/people/ada/"], "name": ["ada"]}
    ]
    assert one["text"] == ["I saw it too."]
    assert one["url"] == [f"/comments/{comment.pk}/"]
    (published,) = (datetime.datetime.fromisoformat(said) for said in one["datePublished"])
    assert abs(published - comment.created_at) < datetime.timedelta(seconds=1)
    assert published.tzinfo


def test_a_guest_has_a_name_and_no_page(told, article, make_comment):
    comment = make_comment(article=article)
    Comment.objects.filter(pk=comment.pk).update(author=None, guest_name="Ada from the ferry")
    (one,) = told(article)
    (author,) = one["author"]
    assert author["name"] == ["Ada from the ferry"]
    assert "url" not in author


def test_replies_are_nested_as_the_thread_is(told, article, make_comment):
    first = make_comment(article=article)
    reply = make_comment(parent=first)
    make_comment(parent=reply)
    make_comment(article=article)
    one, other = told(article)
    (below,) = one["comment"]
    assert below["url"] == [f"/comments/{reply.pk}/"]
    assert len(below["comment"]) == 1
    assert "comment" not in other


def test_what_is_hidden_is_no_comment_and_its_replies_are(told, article, make_comment, moderator):
    first = make_comment(article=article, body="Not for long.")
    reply = make_comment(parent=first)
    first.reject(by=moderator, reason="attack")
    (one,) = told(article)
    assert one["url"] == [f"/comments/{reply.pk}/"]
    assert "text" in one
