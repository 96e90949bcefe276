"""What tests of the conversation share: a moderator at the desk, a comment that is not sent yet."""

from collections.abc import Iterator

import pytest

from articles.models import Image
from comments.models import Comment


@pytest.fixture
def at_desk(client, moderator):
    client.force_login(moderator)
    return client


@pytest.fixture
def write(article, reader, settings):
    """Gives an unsent comment, of a reader whom no check knows anything against."""
    settings.LIMITS = False

    def make(body="The wall was too low.", author=None, parent=None, on=None, **fields):
        comment = Comment(article=on or article, author=author or reader, **fields)
        comment.answer_to(parent)
        comment.set_body(body)
        return comment

    return make


def undrawn(waiting: dict[int, str]) -> Iterator[Image]:
    """Stands for the drawing: pictures of a digest, without files."""
    for pk in waiting:
        yield Image(pk=pk, width=1600, height=1067, digest="0" * 12, widths=[480, 960, 1600])
