"""What a page of threads holds."""

import pytest

from articles.models import Article
from comments import threads, waits
from comments.counters import recount
from comments.models import Comment
from comments.nodes import MAX_INDENT


def test_replies_stand_under_what_they_answer(make_comment):
    root = make_comment()
    reply = make_comment(parent=root)
    deep = make_comment(parent=reply)
    page = threads.load(root.article)
    assert [node.comment for node in page.nodes] == [root]
    assert page.nodes[0].replies[0].comment == reply
    assert page.nodes[0].replies[0].replies[0].comment == deep


def test_deep_replies_stand_flat_and_say_what_they_answer(make_comment):
    comment = make_comment()
    article = comment.article
    for _ in range(8):
        comment = make_comment(parent=comment)
    page = threads.load(article)
    levels = [node.level for node in page.in_order]
    assert levels == [0, 1, 2, 3, 4, 4, 4, 4, 4]
    last = page.in_order[-1]
    assert last.in_reply_to == comment.parent


def test_page_costs_the_same_for_two_and_for_many(
    make_comment, make_article, django_assert_num_queries
):
    small, large = make_article(), make_article()
    make_comment(parent=make_comment(article=small))
    for _ in range(30):
        root = make_comment(article=large)
        make_comment(parent=make_comment(parent=root))
    for made in (small, large):
        article = Article.objects.for_page().get(pk=made.pk)
        # Threads, replies, and who wrote the story.
        with django_assert_num_queries(3):
            list(threads.load(article).in_order)


def test_next_page_begins_where_this_one_ends(make_comment, make_article):
    article = make_article()
    made = [make_comment(article=article) for _ in range(threads.THREADS_PER_PAGE + 5)]
    orders = {"oldest": made, "newest": made[::-1], "respected": made, "picks": made}
    for order, expected in orders.items():
        first = threads.load(article, order)
        second = threads.load(article, order, first.next_after)
        seen = [node.comment for node in first.nodes + second.nodes]
        assert seen == expected, order
        assert second.next_after == ""


def test_rest_of_a_thread_is_counted(make_comment):
    root = make_comment()
    for _ in range(threads.REPLIES_PER_THREAD + 3):
        make_comment(parent=root)
    page = threads.load(root.article)
    assert page.nodes[0].more == 3


def test_held_comment_is_in_place_for_its_author_alone(make_comment, make_user):
    root = make_comment()
    author = make_user()
    held = make_comment(parent=root, author=author, status=Comment.Status.PENDING)
    own = threads.load(root.article, reader=author)
    assert own.nodes[0].replies[0].comment == held
    others = threads.load(root.article, reader=make_user())
    assert others.nodes[0].replies == []


def all_pages(article, order):
    """Return the pages of an article's threads, by following the cursors."""
    pages, after = [], ""
    while not pages or after:
        pages.append(threads.load(article, order, after))
        after = pages[-1].next_after
        assert len(pages) < 1000
    return pages


@pytest.mark.parametrize("size", [2, 200, 5000])
def test_page_costs_the_same_for_2_200_and_5000_comments(
    make_conversation, django_assert_num_queries, size
):
    article = Article.objects.for_page().get(pk=make_conversation(size).pk)
    article.bring_bylines()
    for order in threads.ORDERS:
        # The page of picks gathers them above, too.
        with django_assert_num_queries(3 if order == "picks" else 2):
            page = threads.load(article, order)
            for node in page.in_order:
                assert node.comment.author_name
        assert len(page.nodes) <= threads.THREADS_PER_PAGE


def test_page_costs_the_same_for_its_reader(
    make_conversation, make_comment, make_user, django_assert_num_queries
):
    author = make_user()
    for size in (2, 200):
        article = Article.objects.for_page().get(pk=make_conversation(size).pk)
        for _ in range(size // 2):
            make_comment(article=article, author=author, status=Comment.Status.PENDING)
        for _ in range(size // 20):
            make_comment(article=article, author=author)
        waits.usual_wait()  # kept for ten minutes
        # Threads, replies, own held ones, what its reader did, and who wrote the story.
        with django_assert_num_queries(5):
            list(threads.load(article, "newest", reader=author).in_order)


def test_permalink_of_a_long_thread_costs_the_same(make_conversation, django_assert_num_queries):
    for size in (3, 600):
        made = make_conversation(size)
        root = made.comments.order_by("number").first()
        Comment.objects.filter(article=made, number__gt=1).update(root=root, parent=root, depth=1)
        recount(made)
        article = Article.objects.for_page().get(pk=made.pk)
        comment = article.comments.with_people().get(pk=root.pk)
        comment.article = article
        with django_assert_num_queries(2):
            _, page = threads.conversation(comment)
            list(page.in_order)
        assert len(page.nodes[0].replies) == min(size - 1, threads.REPLIES_PER_PAGE)


@pytest.mark.parametrize("order", threads.ORDERS)
def test_every_thread_is_on_exactly_one_page(make_conversation, order):
    article = make_conversation(200)
    for number, respect in ((4, 7), (100, 7), (7, 3), (199, 9)):
        Comment.objects.filter(article=article, number=number).update(respect_count=respect)
    for number, picks in ((82, 1), (10, 2), (31, 1)):
        Comment.objects.filter(article=article, number=number).update(thread_picks=picks)
    shown = [node.comment.number for page in all_pages(article, order) for node in page.nodes]
    roots = list(range(1, 201, 3))
    expected = {
        "oldest": roots,
        "newest": roots[::-1],
        "respected": [199, 4, 100, 7, *(n for n in roots if n not in {199, 4, 100, 7})],
        "picks": [10, 31, 82, *(n for n in roots if n not in {10, 31, 82})],
    }
    assert shown == expected[order]


def test_page_stays_the_same_when_a_thread_is_hidden_or_added(
    make_conversation, make_comment, moderator
):
    article = make_conversation(200)
    first = threads.load(article)
    second = [node.comment for node in threads.load(article, after=first.next_after).nodes]
    hidden = first.nodes[0]
    for reply in hidden.replies:
        reply.comment.reject(by=moderator, reason="attack")
    hidden.comment.reject(by=moderator, reason="attack")
    make_comment(article=article)
    assert [n.comment for n in threads.load(article, after=first.next_after).nodes] == second


@pytest.mark.parametrize("order", [*threads.ORDERS, "unknown", "", "oldest'--"])
@pytest.mark.parametrize(
    "after",
    ["x", "-1", "1.", ".", "1.2.3", "9999999999", "1e5", "٣", "1 ", "\x00", "1'--", "0x10", "1.x"],
)
def test_broken_cursor_or_order_gives_the_beginning(make_comment, order, after):
    root = make_comment()
    page = threads.load(root.article, order, after)
    assert [node.comment for node in page.nodes] == [root]
    assert page.after == ""


def test_cursor_past_the_end_gives_an_empty_page(make_comment):
    page = threads.load(make_comment().article, "oldest", "999999999")
    assert page.nodes == []
    assert page.next_after == ""


def test_threads_link_leads_to_a_page_that_shows_it(make_conversation):
    article = make_conversation(200)
    for root in article.comments.filter(root__isnull=True):
        page = threads.load(article, after=threads.page_of(root))
        assert root in [node.comment for node in page.nodes]


def test_stub_keeps_its_place_while_visible_replies_hang_on_it(make_comment, moderator):
    root = make_comment()
    middle = make_comment(parent=root)
    last = make_comment(parent=make_comment(parent=middle))

    def shown():
        nodes = threads.load(root.article).in_order
        return [(node.comment.number, node.comment.is_visible) for node in nodes]

    middle.reject(by=moderator, reason="attack")
    root.remove(by=root.author)
    last.parent.mark_spam(by=moderator)
    assert shown() == [(1, False), (2, False), (3, False), (4, True)]
    last.reject(by=moderator, reason="attack")
    assert shown() == []
    last.approve(by=moderator)
    assert shown() == [(1, False), (2, False), (3, False), (4, True)]


def test_stub_of_a_removed_branch_vanishes_and_the_rest_stays(make_comment, moderator):
    root = make_comment()
    dead, alive = make_comment(parent=root), make_comment(parent=root)
    child = make_comment(parent=dead)
    dead.reject(by=moderator, reason="attack")
    child.remove(by=child.author)
    page = threads.load(root.article)
    assert [node.comment for node in page.nodes[0].replies] == [alive]
    assert page.nodes[0].more == 0


def test_thread_a_thousand_replies_deep_can_be_read_and_moderated(
    make_article, make_user, make_comment, moderator, django_assert_num_queries
):
    article, author = make_article(), make_user()
    above: list[Comment] = []
    for depth in range(1000):
        comment = Comment(
            article=article, author=author, number=depth + 1, status="approved", is_placed=True,
            body="x", body_html="<p>x</p>", visible_replies=999 - depth,
        )  # fmt: skip
        comment.pk = 10_000_000 + depth
        comment.answer_to(above[-1] if above else None)
        above.append(comment)
    Comment.objects.bulk_create(above, batch_size=500)
    Article.objects.filter(pk=article.pk).update(
        comment_count=1000, thread_count=1, last_number=1000
    )
    page = threads.load(article)
    shown = page.in_order
    assert len(shown) == 1 + threads.REPLIES_PER_THREAD
    assert max(node.level for node in shown) == MAX_INDENT
    assert page.nodes[0].more == 999 - threads.REPLIES_PER_THREAD

    # Downwards, page after page, nothing is lost or doubled.
    root, numbers, after = above[0], [], 0
    while True:
        _, page = threads.conversation(root, after)
        nodes = page.in_order
        assert max(node.level for node in nodes) <= MAX_INDENT
        numbers += [node.comment.number for node in nodes if node.comment != root]
        if not page.next_after:
            break
        after = int(page.next_after)
    assert numbers == list(range(2, 1001))

    # Upwards, the page stays bounded too.
    ancestors, page = threads.conversation(above[-1])
    assert ancestors == above[-1 - threads.ANCESTORS_PER_PAGE : -1]
    assert page.nodes[0].replies == []

    below = make_comment(parent=Comment.objects.get(pk=above[-1].pk))
    below.reject(by=moderator, reason="attack")
    assert recount(article) == []


def test_reply_whose_parent_is_on_an_earlier_page_says_what_it_answers(make_comment):
    root = make_comment()
    first = make_comment(parent=root)
    for _ in range(3):
        make_comment(parent=root)
    late = make_comment(parent=first)
    _, page = threads.conversation(root, after=first.number)
    node = page.nodes[0].replies[-1]
    assert node.comment == late
    assert node.level == 1
    assert node.in_reply_to == first


def test_indent_of_replies_to_one_that_stands_alone_follows_it(make_comment):
    root = make_comment()
    first = make_comment(parent=root)
    middle = make_comment(parent=make_comment(parent=first))
    deep = middle
    for _ in range(6):
        deep = make_comment(parent=deep)
    _, page = threads.conversation(first, after=middle.parent.number)
    levels = [node.level for node in page.in_order]
    assert levels == [0, 1, 2, 3, 4, 4, 4, 4]


def test_held_comment_is_shown_to_its_author_wherever_its_place_is(
    make_conversation, make_comment, make_user
):
    article, author = make_conversation(200), make_user()
    root = make_comment(article=article, author=author, status=Comment.Status.PENDING)
    far = article.comments.get(number=199)
    reply = make_comment(parent=far, author=author, status=Comment.Status.PENDING)
    first = threads.load(article, reader=author)
    assert [node.comment for node in first.waiting] == [root, reply]
    last = threads.load(article, after="190", reader=author)
    assert [node.comment for node in last.waiting] == [root]
    assert reply in [node.comment for node in last.in_order]
    assert threads.load(article, reader=make_user()).waiting == []
