"""The conversation as its pages show it: places, orders, folds, what is new, what is gone."""

import datetime
import re

import pytest
import time_machine
from django.utils import timezone

from articles.models import Article
from comments import threads
from comments.models import Comment, Follow, Mute, Revision, Visit
from newsroom.memory import fragments


def page(client, address, **headers):
    response = client.get(address, headers=headers)
    assert response.status_code == 200, address
    return response.text


def story(client, comment, query=""):
    return page(client, comment.article.get_absolute_url() + query)


def item(html, comment):
    """Return the list item of a comment, up to a little after its article, or to the next item."""
    start = html.index(f'id="comment-{comment.pk}"')
    ends = [html.find(mark, start) for mark in ("</article>", '<p class="stub">')]
    end = min(end for end in ends if end >= 0) + 400
    following = html.find('id="comment-', start + 1)
    return html[start : end if following < 0 else min(end, following)]


def heading(html, comment):
    found = re.search(rf'<h3 id="head-{comment.pk}">(.*?)</h3>', html, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", found[1])).strip()


@pytest.fixture
def long_thread(make_comment):
    """A thread with three replies more than the article shows, and its last reply."""
    root = make_comment()
    for _ in range(threads.REPLIES_PER_THREAD + 2):
        make_comment(parent=root)
    return root, make_comment(parent=root)


@pytest.fixture
def story_author(make_comment, make_user):
    """Gives the account of who wrote the story that ``make_comment`` uses."""
    author = make_comment().article.bylines.first().author
    author.user = make_user("ruth", role="reporter")
    author.save()
    return author.user


# Numbers, anchors, permalinks


def test_comment_is_headed_by_number_name_and_whom_it_answers(client, make_comment, make_user):
    root = make_comment(author=make_user("tom"))
    reply = make_comment(parent=root, author=make_user("ada"))
    html = story(client, root)
    assert heading(html, root) == "#1 tom"
    assert heading(html, reply) == "#2 ada, reply to tom"


def test_permalink_marks_the_comment_and_shows_its_ancestors_above(client, make_comment):
    root = make_comment(body="At the top.")
    middle = make_comment(parent=root, body="In the middle.")
    shown = make_comment(parent=middle, body="At the end.")
    html = page(client, shown.get_absolute_url())
    assert html.index("At the top.") < html.index("In the middle.") < html.index("At the end.")
    assert html.count("is-marked") == 1
    assert f'is-marked" id="comment-{shown.pk}"' in html


@pytest.mark.parametrize("order", ["newest", "respected"])
def test_number_leads_to_a_page_that_leads_back_to_the_same_place(client, make_conversation, order):
    article = make_conversation(200)
    first = threads.load(article, order)
    query = f"?order={order}&after={first.next_after}"
    html = page(client, article.get_absolute_url() + query)
    shown = threads.load(article, order, first.next_after).nodes[0].replies[0].comment
    link = re.search(rf'<a class="number" href="(/comments/{shown.pk}/[^"]*)"', html)[1]
    back = re.search(r'class="way-back" href="([^"]*)"', page(client, link.replace("&amp;", "&")))[
        1
    ].replace("&amp;", "&")
    assert back == f"{article.get_absolute_url()}{query}#comment-{shown.pk}"
    assert f'id="comment-{shown.pk}"' in page(client, back.partition("#")[0])


def test_more_replies_lead_back_to_their_thread_where_the_reply_itself_is_not_shown(
    client, long_thread
):
    root, last = long_thread
    html = page(client, f"{last.get_absolute_url()}?order=newest")
    back = f"{root.article.get_absolute_url()}?order=newest#comment-{root.pk}"
    assert f'class="way-back" href="{back}"' in html


@pytest.mark.parametrize(
    "query", ["?order=sideways", "?from=x", "?order=newest&from=1.2.3", "?from=" + "9" * 40]
)
def test_way_back_that_was_made_up_is_not_followed(client, make_comment, query):
    shown = make_comment()
    html = page(client, shown.get_absolute_url() + query)
    start = shown.article.get_absolute_url()
    kept = "?order=newest" if "newest" in query else ""
    assert f'class="way-back" href="{start}{kept}#comment-{shown.pk}"' in html


def test_permalink_of_a_place_says_what_happened_and_of_nothing_is_not_found(
    client, make_comment, moderator
):
    root = make_comment(body="Words that went too far.")
    reply = make_comment(parent=root)
    root.reject(by=moderator, reason="attack")
    html = page(client, root.get_absolute_url())
    assert "Removed by a moderator. Reason: Personal attack." in html
    assert "went too far" not in html
    reply.remove(by=reply.author)
    assert client.get(root.get_absolute_url()).status_code == 404


# Orders


def test_every_order_is_explained_in_a_sentence_and_kept_by_the_links(client, make_conversation):
    article = make_conversation(200)
    for order in ("newest", "respected"):
        html = page(client, f"{article.get_absolute_url()}?order={order}")
        assert threads.ORDERS[order] in html
        following = threads.load(article, order).next_after
        assert f"?order={order}&amp;after={following}#comments" in html


def test_picks_have_a_page_only_where_there_are_any(client, make_comment, editor):
    quiet, picked = make_comment(), None
    other = make_comment()
    address = quiet.article.get_absolute_url()
    assert "order=picks" not in page(client, address)
    picked = make_comment(parent=other, body="The gauge stood at four.")
    picked.pick(by=editor, reason="Says how it was measured")
    assert "?order=picks#comments" in page(client, address)
    html = page(client, f"{address}?order=picks")
    assert "not that we agree" in html
    assert "Says how it was measured" in html
    assert html.index(f'id="comment-{other.pk}"') < html.index(f'id="comment-{quiet.pk}"')
    picked.refresh_from_db()
    picked.unpick(by=editor)
    assert "order=picks" not in page(client, address)


def test_pick_deep_in_a_long_thread_is_told_of_above_the_threads(client, long_thread, editor):
    _, last = long_thread
    last.pick(by=editor, reason="Was there")
    html = story(client, last, "?order=picks")
    assert f'href="{last.get_absolute_url()}?order=picks"' in html
    assert f'id="comment-{last.pk}"' not in html


# Folding, and ways through


def test_replies_fold_under_a_line_that_says_who_and_how_many(client, make_comment, make_user):
    root = make_comment()
    names = ["ada", "tom", "mia", "leo"]
    replies = [make_comment(parent=root, author=make_user(name)) for name in names]
    make_comment(parent=replies[0], author=replies[1].author)
    html = story(client, root)
    summaries = [
        re.sub(r"<[^>]*>", "", found) for found in re.findall(r"<summary>(.*?)</summary>", html)
    ]
    assert "5 replies from ada, tom and 2 others" in summaries
    assert "1 reply from tom" in summaries
    assert html.count('<details class="fold" open>') == 2


def test_folded_line_counts_the_replies_that_are_not_on_the_page(client, long_thread):
    root, _ = long_thread
    html = story(client, root)
    assert f"{threads.REPLIES_PER_THREAD + 3} replies" in html
    assert "and others" in html
    assert "3 more replies" in html


def test_name_of_who_answered_is_never_markup(client, make_comment):
    root = make_comment()
    Comment.objects.filter(pk=make_comment(parent=root).pk).update(
        author=None, guest_name="<b>Tom</b>"
    )
    html = story(client, root)
    assert "<b>Tom" not in html
    assert "1 reply<span" in html


def test_each_thread_leads_to_the_next_and_the_last_to_the_end(client, make_comment):
    first, second = make_comment(), make_comment()
    html = story(client, first)
    assert f'href="#comment-{second.pk}">next thread</a>' in item(html, first)
    assert 'href="#comments-end">next thread</a>' in item(html, second)
    assert 'id="comments-end"' in html


def test_last_thread_of_a_page_leads_to_the_next_page(client, make_conversation):
    article = make_conversation(200)
    page_one = threads.load(article, "newest")
    html = page(client, f"{article.get_absolute_url()}?order=newest")
    address = f"{article.get_absolute_url()}?order=newest&amp;after={page_one.next_after}#comments"
    assert f'href="{address}">next thread</a>' in item(html, page_one.nodes[-1].comment)


def test_reply_leads_to_what_it_answers(client, make_comment):
    root = make_comment()
    reply = make_comment(parent=root)
    assert f'href="#comment-{root.pk}">parent</a>' in item(story(client, root), reply)


# What is gone


def test_stub_says_who_ended_it_and_why_but_not_what_it_said(client, make_comment, moderator):
    ended = [make_comment(body=f"Secret words {n}.") for n in range(3)]
    for comment in ended:
        make_comment(parent=comment)
    ended[0].reject(by=moderator, reason="off-topic")
    ended[1].mark_spam(by=moderator)
    ended[2].remove(by=ended[2].author)
    html = story(client, ended[0])
    assert "Removed by a moderator. Reason: Not about the story." in html
    assert "Removed by a moderator. Reason: Spam." in html
    assert "Removed by its author." in html
    assert "Secret words" not in html
    assert all(one.author.name not in html for one in ended)


def test_reason_of_a_stub_is_that_of_its_latest_decision(client, make_comment, moderator):
    root = make_comment()
    make_comment(parent=root)
    root.reject(by=moderator, reason="attack")
    root.approve(by=moderator)
    root.reject(by=moderator, reason="language")
    html = story(client, root)
    assert "Reason: Foul language." in html
    assert "Personal attack" not in html


def test_stubs_edits_and_authors_cost_one_query_more_at_any_number(
    client, make_comment, moderator, story_author, django_assert_num_queries
):
    article = Comment.objects.first().article
    for size in (1, 6):
        for _ in range(size):
            root = make_comment()
            reply = make_comment(parent=root, author=story_author)
            Comment.objects.filter(pk=reply.pk).update(edited_at=timezone.now())
            root.reject(by=moderator, reason="attack")
        fragments.clear()
        with django_assert_num_queries(8):
            html = page(client, article.get_absolute_url())
        assert "From the author of this story" in html
        assert "Personal attack" in html


# Badges, picks, the story's author


def test_badges_say_who_speaks(client, make_comment, make_user, story_author):
    expert = make_user("drain", expertise="Drainage")
    said = {
        "Wrote this story": make_comment(author=story_author),
        "Staff": make_comment(author=make_user("desk", role="moderator")),
        "Expert: Drainage": make_comment(author=expert),
    }
    plain, guest = make_comment(), make_comment()
    Comment.objects.filter(pk=guest.pk).update(author=None, guest_name="Old Friend")
    html = story(client, guest)
    for words, comment in said.items():
        assert f">{words}</span>" in item(html, comment)
    assert ">Guest</span>" in item(html, guest)
    assert 'class="badge' not in item(html, plain).partition("</header>")[0]


def test_pick_wears_a_badge_and_its_reason(client, make_comment, editor):
    picked = make_comment()
    picked.pick(by=editor, reason="Brings <numbers>")
    html = item(story(client, picked), picked)
    assert "Editors’ pick" in html
    assert "Picked because: <bdi>Brings &lt;numbers&gt;</bdi>" in html


def test_what_the_storys_author_said_is_gathered_with_the_way_to_its_place(
    client, make_comment, make_user, story_author, long_thread
):
    root, _ = long_thread
    asked = make_comment(author=make_user("tom"))
    near = make_comment(parent=asked, author=story_author, body="I asked them on Monday.")
    far = make_comment(parent=root, author=story_author, body="The map is in the archive.")
    html = story(client, near)
    gathered = html[html.index("From the author of this story") : html.index('class="threads"')]
    assert f'href="#comment-{near.pk}"' in gathered
    assert "in reply to <bdi>tom</bdi>" in gathered
    assert f'href="{far.get_absolute_url()}"' in gathered
    assert "The map is in the archive." in gathered


def test_nothing_is_gathered_where_the_author_has_no_account(client, make_comment):
    assert "From the author" not in story(client, make_comment())


# New since the last visit


@pytest.fixture
def visited(client, make_comment, reader):
    """The one comment of a story when the reader last saw it, two hours ago."""
    first = make_comment()
    client.force_login(reader)
    with time_machine.travel(timezone.now() - datetime.timedelta(hours=2)):
        page(client, first.article.get_absolute_url())
    client.force_login(reader)
    return first


def test_first_visit_marks_nothing_and_the_next_marks_what_came(client, visited, make_comment):
    new = [make_comment(article=visited.article) for _ in range(2)]
    html = story(client, visited)
    assert "2 new</span> since your last visit" in html
    assert html.count('<span class="new">new</span>') == 2
    assert '<span class="new">new</span>' not in item(html, visited)
    assert f'<a href="#comment-{new[0].pk}">Go to the first</a>' in html
    assert f'href="#comment-{new[1].pk}">next new</a>' in item(html, new[0])
    assert "next new" not in item(html, new[1])


def test_own_and_muted_comments_are_never_new(client, visited, make_comment, reader, make_user):
    muted = make_user()
    Mute.objects.create(reader=reader, muted=muted)
    make_comment(article=visited.article, author=reader)
    make_comment(article=visited.article, author=muted)
    assert "since your last visit" not in story(client, visited)


def test_last_new_of_a_page_leads_to_those_elsewhere(client, visited, make_comment):
    here = make_comment(parent=visited)
    for _ in range(threads.THREADS_PER_PAGE + 1):
        make_comment(article=visited.article)
    seen = Visit.objects.get().latest
    html = story(client, visited)
    address = f"{visited.article.get_absolute_url()}comments/?since={seen}"
    assert f'href="{address}">next new</a>' in html
    assert "next new" in item(html, here)


def test_only_opening_the_page_is_a_visit(client, visited, make_comment):
    make_comment(article=visited.article)
    address = visited.article.get_absolute_url()
    before = Visit.objects.get().latest
    client.head(address)
    client.get(f"{address}comments/", headers={"HX-Request": "true"})
    client.get(f"{address}comments/latest/")
    client.get(f"/comments/{visited.pk}/replies/", headers={"HX-Request": "true"})
    assert Visit.objects.get().latest == before
    client.get(f"{address}comments/")
    assert Visit.objects.get().latest == before + 1


def test_anonymous_reading_is_not_recorded(client, make_comment):
    story(client, make_comment())
    assert not Visit.objects.exists()


# Further replies, and comments since


def test_more_replies_open_in_place_with_what_they_answer(client, long_thread, make_comment):
    root, last = long_thread
    early = root.replies.order_by("number").first()
    late = make_comment(parent=early)
    html = story(client, root)
    more = re.search(r'hx-get="([^"]*)"[^>]*data-more', html)[1].replace("&amp;", "&")
    fragment = page(client, more, **{"HX-Request": "true"})
    assert "<html" not in fragment
    assert f'id="comment-{root.pk}"' not in fragment
    assert f'id="comment-{last.pk}"' in fragment
    assert f"#{early.number} <bdi>" in item(fragment, late)
    shown = re.findall(r'id="(comment-\d+)"', html + fragment)
    assert len(shown) == len(set(shown)) == Comment.objects.visible().count()


def test_more_replies_are_a_page_without_a_script(client, long_thread):
    root, last = long_thread
    more = re.search(r'<a href="([^"]*)"[^>]*data-more', story(client, root, "?order=newest"))[1]
    html = page(client, more.replace("&amp;", "&"))
    assert f'id="comment-{last.pk}"' in html
    assert "<html" in html
    assert "?order=newest#comment-" in html
    assert client.get(f"/comments/{root.pk}/replies/?after=3").text.count("<html") == 1


def test_five_hundred_replies_are_opened_step_by_step(client, make_conversation):
    article = make_conversation(500)
    root = article.comments.get(number=1)
    article.comments.filter(number__gt=1).update(root=root, parent=root, depth=1)
    article.comments.filter(number=1).update(visible_replies=499)
    html = page(client, article.get_absolute_url())
    shown = set(re.findall(r'id="(comment-\d+)"', html))
    while more := re.search(r'hx-get="([^"]*)"[^>]*data-more[^>]*>([\d,]+) more', html):
        assert int(more[2]) == 500 - len(shown)
        html = page(client, more[1].replace("&amp;", "&"), **{"HX-Request": "true"})
        fresh = set(re.findall(r'id="(comment-\d+)"', html))
        assert fresh
        assert not fresh & shown
        shown |= fresh
    assert len(shown) == 500


def test_fragment_of_replies_costs_the_same(client, make_conversation, django_assert_num_queries):
    for size in (100, 600):
        article = make_conversation(size)
        root = article.comments.get(number=1)
        article.comments.filter(number__gt=1).update(root=root, parent=root, depth=1)
        article.comments.filter(number=1).update(visible_replies=size - 1)
        # The comment, the story's bylines, the replies, how many are left.
        with django_assert_num_queries(4):
            page(client, f"/comments/{root.pk}/replies/?after=11", **{"HX-Request": "true"})


@pytest.mark.parametrize("after", ["x", "-1", "٣", "9" * 30, ""])
def test_broken_cursor_gives_the_first_replies(client, make_comment, after):
    root = make_comment()
    reply = make_comment(parent=root)
    html = page(client, f"/comments/{root.pk}/replies/?after={after}", **{"HX-Request": "true"})
    assert f'id="comment-{reply.pk}"' in html


def test_replies_of_what_is_hidden_are_not_found(client, make_comment, make_user):
    held = make_comment(status=Comment.Status.PENDING)
    address = f"/comments/{held.pk}/replies/"
    assert client.get(address).status_code == 404
    client.force_login(make_user())
    assert client.get(address).status_code == 404
    client.force_login(held.author)
    assert client.get(address).status_code == 200


def test_comments_since_a_number_stand_flat_each_with_what_it_answers(client, make_comment):
    root = make_comment(body="The first of all.")
    reply = make_comment(parent=root, body="An answer.")
    deep = make_comment(parent=reply, body="An answer to that.")
    address = f"{root.article.get_absolute_url()}comments/"
    html = page(client, f"{address}?since=1")
    assert "The first of all." not in html
    assert html.index("An answer.") < html.index("An answer to that.")
    assert f'in reply to <a href="/comments/{reply.pk}/">#2 <bdi>' in item(html, deep)
    assert "Nothing new since #3." in page(client, f"{address}?since=3")
    assert "The first of all." in page(client, f"{address}?since=")
    assert "The first of all." in page(client, f"{address}?since=x")


def test_many_comments_since_are_paged(client, make_conversation):
    article = make_conversation(200)
    address = f"{article.get_absolute_url()}comments/?since="
    html, shown = page(client, f"{address}10"), set()
    for _ in range(4):
        shown |= set(re.findall(r'id="(comment-\d+)"', html))
        following = re.search(r'\?since=(\d+)">More new', html)
        if following:
            html = page(client, address + following[1])
    assert len(shown) == 190


# New ones, offered


def test_latest_is_one_query_for_everybody_and_kept_by_caches(
    client, make_comment, reader, django_assert_num_queries
):
    first = make_comment()
    gone = make_comment()
    gone.remove(by=gone.author)
    address = f"{first.article.get_absolute_url()}comments/latest/"
    for login in (False, True):
        if login:
            client.force_login(reader)
        with django_assert_num_queries(1):
            answer = client.get(address)
        last = Article.objects.get(pk=first.article_id).last_number
        assert answer.json() == {"last": last, "count": Comment.objects.visible().count()}
        assert "public" in answer["Cache-Control"]
        assert "s-maxage=10" in answer["Cache-Control"]
        assert "stale-while-revalidate" in answer["Cache-Control"]
        assert "Vary" not in answer
        assert not answer.cookies
    again = client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    make_comment()
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 200


def test_latest_of_what_readers_do_not_see_is_not_found(client, make_article):
    hidden = make_article(comment_policy=Article.CommentPolicy.HIDDEN)
    draft = make_article(
        status=Article.Status.SCHEDULED, published_at=timezone.now() + datetime.timedelta(hours=1)
    )
    for article in (hidden, draft):
        assert client.get(f"{article.get_absolute_url()}comments/latest/").status_code == 404


def test_page_of_a_closed_conversation_does_not_ask(client, make_comment):
    comment = make_comment()
    assert "data-last=" in story(client, comment)
    Article.objects.update(comment_policy=Article.CommentPolicy.CLOSED)
    html = story(client, comment)
    assert "data-last=" not in html
    assert "New since" not in html


def test_page_links_to_what_came_since_without_a_script(client, make_comment):
    comment = make_comment()
    address = f"{comment.article.get_absolute_url()}comments/?since=1"
    assert f'href="{address}" rel="nofollow">New since #1</a>' in story(client, comment)


# Muting


def test_what_the_muted_say_and_the_replies_to_it_fold(
    client, make_comment, make_user, reader, django_assert_num_queries
):
    muted = make_user("loud")
    said = make_comment(author=muted, body="Loud words.")
    make_comment(parent=said, body="An answer to them.")
    folded = '<details class="fold muted"><summary>A comment by somebody you muted, and 1 reply'
    client.force_login(reader)
    assert folded not in story(client, said)
    Mute.objects.create(reader=reader, muted=muted)
    html = story(client, said)
    assert folded in html
    assert html.index(folded) < html.index("Loud words.") < html.index("An answer to them.")
    client.logout()
    assert folded not in story(client, said)


def test_permalink_of_a_muted_comment_stands_open(client, make_comment, make_user, reader):
    muted = make_user("loud")
    Mute.objects.create(reader=reader, muted=muted)
    said = make_comment(author=muted)
    client.force_login(reader)
    html = page(client, said.get_absolute_url())
    assert "fold muted" not in html
    assert html.count("<details") == html.count("</details>")


def test_every_fold_that_opens_closes(client, make_comment, make_user, reader, moderator):
    muted = make_user("loud")
    Mute.objects.create(reader=reader, muted=muted)
    comment = make_comment(author=muted)
    for number in range(9):
        comment = make_comment(parent=comment, author=muted if number % 2 else None)
    comment.parent.reject(by=moderator, reason="attack")
    client.force_login(reader)
    html = story(client, comment)
    for tag in ("details", "ol", "li", "article", "ul"):
        assert len(re.findall(rf"<{tag}\b", html)) == html.count(f"</{tag}>"), tag


# Quotations


def quoting(comment, quote, source, version):
    Comment.objects.filter(pk=comment.pk).update(
        quote=quote, quote_source=source, quote_version=version
    )


def test_quote_says_whether_it_still_stands_in_the_story(client, make_comment):
    comment = make_comment()
    quoting(comment, "The river rose at <four>.", "story", comment.article.version)
    html = item(story(client, comment), comment)
    assert '<blockquote class="passage" dir="auto">The river rose at &lt;four&gt;.' in html
    assert "The text has changed since." not in html
    quoting(comment, "The river rose at four.", "story", 0)
    assert "The text has changed since." not in story(client, comment)
    quoting(comment, "The river rose at five.", "story", 0)
    assert "The text has changed since." in story(client, comment)


def test_quote_of_a_comment_goes_with_it(client, make_comment, moderator):
    root = make_comment(body="The pump was never switched on.")
    reply = make_comment(parent=root)
    quoting(reply, "The pump was never switched on.", "comment", root.version)
    assert "never switched on.</blockquote>" in story(client, reply)
    root.reject(by=moderator, reason="defamation")
    html = story(client, reply)
    assert "never switched on" not in html
    assert "It quotes a comment that is not shown any more." in html


# One's own that waits


def test_own_held_comment_says_the_usual_wait_and_is_shown_once(
    client, make_comment, newcomer, monkeypatch
):
    monkeypatch.setattr("comments.waits.usual_wait", lambda: datetime.timedelta(minutes=40))
    root = make_comment()
    held = make_comment(
        parent=root, author=newcomer, status=Comment.Status.PENDING, body="Hold me."
    )
    client.force_login(newcomer)
    html = story(client, root)
    assert "Waiting for a moderator, usually 40 minutes." in html
    assert html.count("Hold me.") == 1
    assert html.count(f'id="comment-{held.pk}"') == 1


def test_own_comment_that_readers_reported_stands_in_place_for_its_author_alone(
    client, make_comment, reader
):
    held = make_comment(author=reader, body="Reported words.")
    make_comment(parent=held)
    held._become(Comment.Status.PENDING, rule="reports")
    assert "Reported words." not in story(client, held)
    client.force_login(reader)
    html = story(client, held)
    assert html.count("Reported words.") == 1
    assert html.count(f'id="comment-{held.pk}"') == 1
    assert "Hidden until a moderator has looked at it." in html


def test_own_edit_that_waits_is_said_to_its_author_alone(client, make_comment, reader):
    own = make_comment(author=reader)
    Revision.objects.create(comment=own, body="x", body_html="<p>x</p>")
    words = "Your change waits for a moderator."
    assert words not in story(client, own)
    client.force_login(reader)
    assert words in item(story(client, own), own)


def test_edited_leads_to_the_history_where_there_is_one(client, make_comment):
    quick, late = make_comment(), make_comment()
    Comment.objects.filter(pk__in=[quick.pk, late.pk]).update(edited_at=timezone.now())
    Revision.objects.create(comment=late, body="x", body_html="<p>x</p>", status="approved")
    html = story(client, quick)
    assert f'href="/comments/{late.pk}/history/">edited</a>' in item(html, late)
    assert '<span class="edited">edited</span>' in item(html, quick)


# What it costs, what machines see


@pytest.mark.parametrize("size", [2, 200])
def test_page_of_a_reader_costs_the_same_at_any_length(
    client, make_conversation, make_comment, reader, size, django_assert_num_queries
):
    article = make_conversation(size)
    Follow.objects.create(reader=reader, article=article)
    Mute.objects.create(reader=reader, muted=article.comments.first().author)
    make_comment(article=article, author=reader, status=Comment.Status.PENDING)
    make_comment(parent=article.comments.get(number=1), author=reader)
    Visit.objects.create(
        reader=reader, article=article, seen=1, latest=1,
        at=timezone.now() - datetime.timedelta(days=2),
    )  # fmt: skip
    client.force_login(reader)
    page(client, article.get_absolute_url())
    # The story, threads, replies; session and account, held ones, what its reader did, the visit,
    # how many are new, and the unread notices. The story's own part is kept.
    with django_assert_num_queries(10):
        page(client, article.get_absolute_url())


def test_snippets_of_search_engines_are_not_taken_from_comments(client, make_comment):
    comment = make_comment(body="See https://example.org/ for more.")
    html = story(client, comment)
    assert html.index("data-nosnippet") < html.index(f'id="comment-{comment.pk}"')
    assert 'rel="nofollow ugc noopener"' in html
    for address in (comment.get_absolute_url(), f"{comment.article.get_absolute_url()}comments/"):
        assert "data-nosnippet" in page(client, address)
        assert '<meta name="robots" content="noindex">' in page(client, address)
