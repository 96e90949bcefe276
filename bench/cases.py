"""The cases: what is asked of the site, and in what state it is asked.

Needs Django set up with the environment of the site, and a database filled by ``seed_scale``.
"""

import itertools
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench import visitors
from bench.load import WrongAnswer
from bench.visitors import Visitor, Words, get, post

READING, WRITING = 16, 1  # connections at once
UNSEEN = 300  # comments that a story has at least, for its first page to be full
STORIES = 200  # that are posted to in turn, so that none is under pressure
MOST_COLD = 300  # requests, each sent by itself
A_SECOND = 500  # requests that are prepared for one of writing
MOST_TEXTS = 10_000  # of a run that may write no more than one comment
CODINGS = {"plain": "identity", "gzip": "gzip", "br": "gzip, deflate, br, zstd"}


@dataclass(frozen=True)
class Case:
    """What is asked, how often, and what has to come back."""

    name: str
    title: str
    requests: Sequence[bytes]
    status: int = 200
    connections: int = READING
    # One after the other, for so many requests; done before each of them.
    count: int = 0
    before: Callable[[], None] | None = None
    # Asked of the site where few comments wait.
    few: bool = False

    @property
    def is_list(self) -> bool:
        return len(self.requests) > 1


class Cases:
    """Makes the cases for a seeded site."""

    def __init__(self, guide: dict[str, Any], seconds: float, run: Callable[[str], None]) -> None:
        """``run`` executes a statement that is not counted."""
        self.guide, self.seconds, self.run = guide, seconds, run

    def reading(self, etag: str) -> Iterator[Case]:
        """Yield the pages of readers. ``etag`` is that of the reference page."""
        page, reader = self.guide["reference"], visitors.named(self.guide["reader"])
        for name, accepted in CODINGS.items():
            yield Case(
                f"warm-{name}", f"Article page, warm, {name}", [get(page, Accept_Encoding=accepted)]
            )
        yield Case(
            "unchanged", "Conditional request, unchanged",
            [get(page, Accept_Encoding="gzip", If_None_Match=etag)], status=304,
        )  # fmt: skip
        yield self._cold("cold", "Cold render", page)
        yield Case(
            "unseen", "Cold render, a story not seen before",
            [get(path, Accept_Encoding="gzip") for path in self._unseen()], count=MOST_COLD,
        )  # fmt: skip
        yield Case(
            "logged-in", "Logged-in article page",
            [get(page, Accept_Encoding="gzip", **reader.headers)], connections=4,
        )  # fmt: skip
        yield Case("home", "Front page", [get("/", Accept_Encoding="gzip")])
        yield Case("search", "Search, stories", [get("/search/?q=lighthouse")], connections=4)
        yield Case(
            "search-comments", "Search, comments",
            [get("/search/?tab=comments&q=lighthouse+Amberley")], connections=4,
        )  # fmt: skip
        biggest, most = self.guide["biggest"], self.guide["count"]
        middle = f"{biggest}?after={most // 2}"
        yield Case(
            "deep", f"Deep page of a thread of {most:,}", [get(middle, Accept_Encoding="gzip")]
        )
        yield self._cold("deep-cold", "The same, cold", middle, biggest)
        for size, path in self._sizes():
            words = f"{int(self.guide['count'] if size == 'biggest' else size):,} comments"
            yield Case(
                f"warm-gzip-{size}", f"Article page, warm, gzip, {words}",
                [get(path, Accept_Encoding="gzip")],
            )  # fmt: skip
            yield self._cold(f"cold-{size}", f"Cold render, {words}", path)
            yield Case(
                f"logged-in-{size}", f"Logged-in article page, {words}",
                [get(path, Accept_Encoding="gzip", **reader.headers)], connections=4,
            )  # fmt: skip

    def behind_nginx(self) -> Iterator[Case]:
        """Yield the article page as it comes out of the cache of ``deploy/nginx``."""
        for name, accepted in CODINGS.items():
            yield Case(
                f"nginx-{name}", f"Article page behind nginx’s micro-cache, {name}",
                [get(self.guide["reference"], Accept_Encoding=accepted)],
            )  # fmt: skip

    def writing(self) -> Iterator[Case]:
        """Yield what readers and moderators do."""
        many = int(A_SECOND * self.seconds)
        readers = visitors.trusted_readers(3 * many)
        third = max(1, len(readers) // 3)
        stories = self._stories()
        self._calm_down()
        before = self._newest()
        self.words = Words(start=before * MOST_TEXTS)
        yield Case(
            "post", "Post a comment",
            self._posts(readers[:third], itertools.cycle(stories)), 303, WRITING,
        )  # fmt: skip
        for place, which in ((1, "small"), (2, "biggest")):
            path = self.guide[which]
            some = readers[place * third : (place + 1) * third]
            size = "10" if which == "small" else f"{self.guide['count']:,}"
            yield Case(
                f"post-{which}", f"Post a comment to a story of {size}",
                self._posts(some, itertools.repeat(path)), 303, WRITING,
            )  # fmt: skip
        self._none_was_held(before)
        yield Case("respect", "Respect a comment", self._respects(readers, many), 303, WRITING)

    def _newest(self) -> int:
        from comments.models import Comment

        return Comment.objects.latest("pk").pk

    def _none_was_held(self, before: int) -> None:
        """Raise ``WrongAnswer`` if a comment posted since waits: that would be another case."""
        from comments.models import Comment

        held = Comment.objects.pending().filter(pk__gt=before).first()
        if held is not None:
            reasons = "; ".join(held.findings.values_list("reason", flat=True))
            raise WrongAnswer(f"A comment that was posted was held: {reasons}")

    def deciding(self) -> Iterator[Case]:
        """Yield what moderators do."""
        from comments.models import Comment

        moderator = visitors.named(self.guide["moderator"])
        many = int(A_SECOND * self.seconds)
        waiting = list(Comment.objects.pending().values_list("pk", "version")[: 2 * many])
        half = len(waiting) // 2
        for name, title, some in (
            ("approve", "Decision: approve", waiting[:half]),
            ("reject", "Decision: reject", waiting[half:]),
        ):
            data = {"action": name, "reason": "off-topic" if name == "reject" else ""}
            requests = [
                post(
                    f"/admin/comments/comment/{pk}/decide/", moderator,
                    data | {"version": str(version)}, HX_Request="true",
                )
                for pk, version in some
            ]  # fmt: skip
            yield Case(name, title, requests, 200, WRITING)

    def desk(self, waiting: int, few: bool = False) -> Case:
        """Return the desk's first page, with so many comments waiting."""
        moderator = visitors.named(self.guide["moderator"], "few" if few else "default")
        page = get("/admin/comments/comment/desk/", Accept_Encoding="gzip", **moderator.headers)
        name = "desk-few" if few else "desk"
        return Case(name, f"Desk, {waiting:,} waiting", [page], connections=4, few=few)

    def _cold(self, name: str, title: str, path: str, of: str = "") -> Case:
        """Return the rendering of a page whose version moves before each request."""
        number = int((of or path).rstrip("/").rpartition("-")[2])
        statement = (
            f"UPDATE articles_article SET page_version = page_version + 1 WHERE id = {number}"  # noqa: S608
        )

        return Case(
            name, title, [get(path, Accept_Encoding="gzip")], count=MOST_COLD,
            before=lambda: self.run(statement),
        )  # fmt: skip

    def _sizes(self) -> list[tuple[str, str]]:
        pages = {size: path for size, path in self.guide["pages"].items() if int(size) > 200}
        biggest = self.guide["biggest"]
        return [
            ("biggest" if path == biggest and size not in {"10000", "100000"} else size, path)
            for size, path in pages.items()
        ]

    def _unseen(self) -> list[str]:
        from articles.models import Article

        known = [int(path.rstrip("/").rpartition("-")[2]) for path in self.guide["pages"].values()]
        long = Article.objects.listed().filter(comment_count__gte=UNSEEN).exclude(pk__in=known)
        return [article.get_absolute_url() for article in long.order_by("pk")[:MOST_COLD]]

    def _stories(self) -> list[str]:
        from articles.models import Article

        known = [int(path.rstrip("/").rpartition("-")[2]) for path in self.guide["pages"].values()]
        others = Article.objects.listed().exclude(pk__in=known).order_by("-comment_count")
        return [article.get_absolute_url() for article in others[:STORIES]]

    def _calm_down(self) -> None:
        """Have two stories take as much as the desk can set, before they are moderated first."""
        from articles.models import Article
        from comments.models import CheckRule
        from comments.surge import MOST_ROWS

        for which in ("small", "biggest"):
            article = Article.objects.get(slug=self.guide[which].rstrip("/").rpartition("/")[2])
            CheckRule.objects.update_or_create(
                article=article, check_name="surge",
                defaults={"threshold": MOST_ROWS, "sample": MOST_ROWS},
            )  # fmt: skip

    def _posts(self, readers: Sequence[Visitor], stories: Iterator[str]) -> list[bytes]:
        return [
            post(f"{path}comments/", reader, {"body": self.words.say(), "key": str(uuid.uuid4())})
            for reader, path in zip(readers, stories, strict=False)
        ]

    def _respects(self, readers: Sequence[Visitor], count: int) -> list[bytes]:
        from comments.models import Comment

        shown = Comment.objects.visible().order_by("-pk").values_list("pk", "author__username")
        return [
            post(f"/comments/{pk}/respect/", reader, {"wanted": "yes"})
            for (pk, author), reader in zip(shown[:count], itertools.cycle(readers), strict=False)
            if author != reader.username
        ]
