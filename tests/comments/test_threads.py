"""What a page of threads holds."""

from articles.models import Article
from comments import threads
from comments.models import Comment


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
    levels = [line.node.level for line in page.lines if line.opens]
    assert levels == [0, 1, 2, 3, 4, 4, 4, 4, 4]
    last = [line.node for line in page.lines if line.opens][-1]
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
        with django_assert_num_queries(2):
            list(threads.load(article).lines)


def test_next_page_begins_where_this_one_ends(make_comment, make_article):
    article = make_article()
    made = [make_comment(article=article) for _ in range(threads.THREADS_PER_PAGE + 5)]
    for order, expected in (("oldest", made), ("newest", made[::-1]), ("respected", made)):
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
