"""The passage a comment speaks of: it stands where it is said to, or the form says so."""

import time

import pytest

from articles.models import Article
from comments import quoting
from comments.models import Comment, Draft

STORY = (
    "<p>“It’s a good front door,” said Wilf – twice.</p><h2>The cellar</h2>"
    "<p>But the house <em>has</em>\n a cellar.</p>"
)


@pytest.fixture
def story(make_article):
    return make_article(
        body=STORY, headline="The night it rose", standfirst="Slowly, like bread.", dateline="ARD"
    )


@pytest.mark.parametrize(
    "passage",
    [
        "But the house has a cellar.",
        "  but   the house\nhas a CELLAR. ",
        '"It\'s a good front door," said Wilf - twice.',
        "ARD – “It’s a good",
        "said Wilf – twice. The cellar But the house",
        "The night it rose",
        "Slowly, like bread.",
        "But the\u200b house",
    ],
)
def test_passage_is_found_however_it_was_copied_and_kept_as_it_stands(story, passage):
    found = quoting.find(passage, story, None)
    assert found.source == Comment.QuoteSource.STORY
    assert found.version == story.version
    plain = " ".join(quoting.plain_story(story).split())
    assert found.words in plain
    assert quoting.still_says(quoting.plain_story(story), found.words)


@pytest.mark.parametrize(
    "passage", ["The house has no cellar.", "But the house has a cellar, he lied.", "…", "<em>has"]
)
def test_words_that_do_not_stand_there_are_refused(story, passage):
    with pytest.raises(quoting.NotThere, match="do not stand in the story"):
        quoting.find(passage, story, None)


def test_passage_has_at_most_so_many_characters(make_article):
    long = make_article(body=f"<p>{'word ' * 400}</p>")
    assert quoting.find("word " * 120, long, None)
    with pytest.raises(quoting.NotThere, match="at most 600 characters; this one has 604"):
        quoting.find("word " * 121, long, None)


def test_passage_of_the_comment_answered_is_that_comments(story, make_comment):
    parent = make_comment(article=story, body="The *wall* was too low, and a cellar is a cellar.")
    found = quoting.find("the wall was too low", story, parent)
    assert (found.words, found.source) == ("The wall was too low", Comment.QuoteSource.COMMENT)
    assert quoting.find("But the house", story, parent).source == Comment.QuoteSource.STORY
    with pytest.raises(quoting.NotThere):
        quoting.find("The wall was too low", story, None)


def test_nobody_quotes_what_a_moderator_hid(story, make_comment, moderator):
    parent = make_comment(article=story, body="Something unkind.")
    parent.reject(by=moderator, reason="attack")
    with pytest.raises(quoting.NotThere):
        quoting.find("Something unkind.", story, parent)


def test_story_that_was_changed_says_it_no_more(story):
    assert quoting.still_says(quoting.plain_story(story), "has a cellar")
    story.set_body("<p>But the house has an attic.</p>")
    assert not quoting.still_says(quoting.plain_story(story), "has a cellar")
    assert not quoting.still_says("anything", "")


def test_long_story_is_searched_quickly():
    story = Article(headline="H", body="<p>" + "The river rose at four. " * 10_000 + "</p>")
    begun = time.monotonic()
    for _ in range(5):
        quoting.find("rose at four. The river", story, None)
    assert time.monotonic() - begun < 3


# From the form


def test_posted_comment_carries_its_passage_and_the_version_it_is_from(client, story, reader):
    client.force_login(reader)
    address = f"{story.get_absolute_url()}comments/"
    client.post(address, {"body": "Every house has.", "quote": "the house has a cellar"})
    comment = story.comments.get()
    assert comment.quote == "the house has a cellar"
    assert (comment.quote_source, comment.quote_version) == ("story", story.version)


def test_wrong_passage_is_an_error_beside_its_field_with_everything_kept(client, story, reader):
    client.force_login(reader)
    answer = client.post(
        f"{story.get_absolute_url()}comments/", {"body": "My words.", "quote": "Not <b>there"}
    )
    assert answer.status_code == 422
    assert 'href="#quote-new"' in answer.text
    assert 'value="Not &lt;b&gt;there"' in answer.text
    assert "My words.</textarea>" in answer.text
    assert not story.comments.exists()


def test_preview_shows_the_passage(client, story, reader):
    client.force_login(reader)
    answer = client.post(
        f"{story.get_absolute_url()}comments/",
        {"body": "Every house has.", "quote": "the house has a cellar", "preview": "1"},
    )
    assert '<blockquote class="passage" dir="auto">the house has a cellar</blockquote>' in (
        answer.text
    )


def test_same_words_of_another_passage_are_no_repetition(client, story, reader):
    client.force_login(reader)
    address = f"{story.get_absolute_url()}comments/"
    for quote in ("The cellar", "a good front door", "The cellar"):
        client.post(address, {"body": "I agree.", "quote": quote})
    assert story.comments.count() == 2


def test_passage_written_before_log_in_is_not_lost(client, story, reader):
    from tests.conftest import PASSWORD

    answer = client.post(
        f"{story.get_absolute_url()}comments/",
        {"body": "Every house has.", "quote": "the house has a cellar", "then": "login"},
    )
    client.post(answer["Location"], {"login": reader.email, "password": PASSWORD})
    comment = story.comments.get()
    assert (comment.quote, comment.body) == ("the house has a cellar", "Every house has.")


def test_passage_of_a_story_changed_before_log_in_stays_as_a_quotation(story, reader):
    draft = Draft.objects.create(article=story, body="> the house has a cellar\n\nEvery house has.")
    story.set_body("<p>It has an attic.</p>")
    story.save()
    draft.refresh_from_db()
    comment = draft.post(by=reader)
    assert comment.quote == ""
    assert comment.body == "> the house has a cellar\n\nEvery house has."


def test_text_that_is_all_quotation_stays_one(story):
    for body in ("> the house has a cellar", "> the house has a cellar\n\n", "No quotation."):
        assert quoting.lift(body, story, None) == (None, body)
