"""The demo newsroom's paper: sections, authors, pictures and stories, read from the files beside.

Stories are dated back from the day the demo is filled, save the one that was republished, whose
dates are its own. Nothing here is random, so that two machines make the same paper.
"""

import datetime
import multiprocessing
import os
import re
import signal
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import django
from django.db import transaction
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import slugify

from accounts.models import User
from articles import pictures
from articles.demo.pictures import draw, thumbnail_portrait
from articles.models import (
    Article,
    Author,
    Byline,
    Image,
    Policy,
    RelatedStory,
    Section,
    Series,
    Slot,
    Topic,
)

FOLDER = Path(__file__).parent
# What the demo made carries a key, by which a second run knows it.
KEY = "demo:"
PORTRAIT = "portrait of "

SECTIONS = {
    "town": ("Town", "The council, the trams, the schools, and what the neighbours say."),
    "environment": ("Environment", "The river, the harbour, the weather and whatever lives there."),
    "economy": ("Economy", "Work and trade between the fish quay and the Ropewalk."),
    "culture": ("Culture", "What is played, sung, staged, lent and rung in Pellworth."),
    "sport": ("Sport", "Quay Lane, the sea pool, and every pitch with a slope."),
}
TOPICS = {
    "trams": ("Trams", "Line 2, its rails, and what lies under them."),
    "council": ("Council", "Decisions, and how they were reached."),
    "flooding": ("Flooding", "The river Ard when it leaves its bed."),
    "harbour": ("Harbour", "Boats, fish, tides and the Strand."),
    "schools": ("Schools", "Ardside, the primaries, and learning after dark."),
    "housing": ("Housing", "Where people live, and what it costs them."),
    "wildlife": ("Wildlife", "Otter Point, the estuary and the trees on the hill."),
    "football": ("Football", "Rovers, and the leagues around them."),
    "music": ("Music", "Organ, brass and bells."),
    "theatre": ("Theatre", "On stage in the Corn Hall and elsewhere."),
    "library": ("Library", "What the Corn Hall lends."),
    "work": ("Work", "How people here earn their living."),
    "health": ("Health", "The hospital, and keeping well."),
    "allotments": ("Allotments", "Gallows Hill, its plots and its queue."),
}
# A series in its parts' order: its address, its name and what it is about.
SERIES = ("after-the-flood", "After the flood", "One night of the river Ard, and what it left.")
PARTS = [
    "the-night-the-river-came-through-the-floorboards",
    "what-the-tide-gauge-says",
    "flood-insurance-postcode-by-postcode",
]
# What the editors pinned: on which front, at which place, and for how many days from now.
PINS = [
    ("", 3, "oyster-beds-reopen-after-nine-years", None),
    ("environment", 1, "eel-passes-work-say-volunteers-who-counted-every-night", 5),
]
# When in the day the stories that name no time of their own came out, in turn.
HOURS = ("07:05", "11:20", "16:10", "06:30", "13:45", "09:50", "17:25", "12:15")
# A day's last thread must have been written before anybody reads it: until this much of the day
# has passed, the newest story is yesterday's.
DAY_BEGINS_AFTER = datetime.timedelta(hours=11)
FIGURE = re.compile(r"<figure((?: data-[a-z]+=\"[^\"]*\")+)></figure>")

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Story:
    """One file of the folder ``stories``."""

    slug: str
    body: str
    headline: str
    standfirst: str
    section: str
    label: str
    authors: list[str]
    topics: list[str]
    scene: str
    alt: str
    caption: str
    credit: str
    days_ago: int = 0
    days_ahead: int = 0
    date: str = ""
    time: str = ""
    dateline: str = ""
    featured: bool = False
    update_note: str = ""
    state: str = "published"
    notice: str = ""
    comments: str = Article.CommentPolicy.OPEN
    slow_mode: int = 0  # seconds
    shows_rules: bool = True
    corrections: list[dict[str, Any]] = field(default_factory=list)
    source: dict[str, str] = field(default_factory=dict)
    related: list[str] = field(default_factory=list)

    def figures(self) -> list[dict[str, str]]:
        """Return the pictures inside the text: scene, alt, caption and credit of each."""
        return [_figure_data(match[1]) for match in FIGURE.finditer(self.body)]

    def published_at(self, newest: datetime.date, place: int) -> datetime.datetime:
        """Return when it came out, or will; ``place`` is where it stands among the stories."""
        day = newest - datetime.timedelta(days=self.days_ago - self.days_ahead)
        if self.date:
            day = datetime.date.fromisoformat(self.date)
        hour = datetime.time.fromisoformat(self.time or HOURS[place % len(HOURS)])
        return timezone.make_aware(datetime.datetime.combine(day, hour))


def _figure_data(attributes: str) -> dict[str, str]:
    found = re.findall(r'data-([a-z]+)="([^"]*)"', attributes)
    return {name: unescape(value) for name, value in found}


def read_story(path: Path) -> Story:
    """Return the story in a file: TOML between two lines of ``+++``, then the text as HTML."""
    _, front, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    return Story(slug=path.stem, body=body.strip(), **tomllib.loads(front))


def stories() -> list[Story]:
    """Return every story of the paper, newest first; what is not out yet stands at the end."""
    found = [read_story(path) for path in sorted((FOLDER / "stories").glob("*.html"))]
    return sorted(found, key=lambda story: (story.state in {"draft", "scheduled"}, story.days_ago))


def authors() -> list[dict[str, Any]]:
    """Return the names above the stories, as the file has them."""
    return tomllib.loads((FOLDER / "authors.toml").read_text(encoding="utf-8"))["authors"]


def newest_day(now: datetime.datetime) -> datetime.date:
    """Return the day of the newest story when the demo is filled at ``now``."""
    return timezone.localdate(now - DAY_BEGINS_AFTER)


def is_loaded() -> bool:
    """Tell whether the demo newsroom is here already, whole."""
    return Article.objects.filter(import_key__startswith=KEY).exists()


# Pictures. They take the time, so they come first and outside the stories' transaction: what was
# drawn before a run was broken off need not be drawn again.


def load_pictures(progress: Progress) -> dict[str, Image]:
    """Draw every picture that has no file yet, on all cores. Returns them by scene or name.

    ``progress`` is called with how many of how many are drawn.
    """
    library = {}
    for name, texts in _captions().items():
        library[name], _ = Image.objects.get_or_create(import_key=KEY + name, defaults=texts)
    waiting = {image.pk: name for name, image in library.items() if not image.has_file}
    done = len(library) - len(waiting)
    for image in drawn(waiting):
        image.save(update_fields=["width", "height", "digest", "widths"])
        library[waiting[image.pk]] = image
        done += 1
        progress(done, len(library))
    return {name: Image.objects.get(pk=image.pk) for name, image in library.items()}


def _captions() -> dict[str, dict[str, str]]:
    """Return what the library says of each picture; a story that leads with it has the word."""
    texts: dict[str, dict[str, str]] = {}
    for story in stories():
        texts[story.scene] = {
            "title": story.scene.replace("-", " ").capitalize(),
            "alt": story.alt,
            "caption": story.caption,
            **_credit(story.credit),
        }
    for story in stories():
        for figure in story.figures():
            texts.setdefault(
                figure["scene"],
                {
                    "title": figure["scene"].replace("-", " ").capitalize(),
                    "alt": figure["alt"],
                    "caption": figure["caption"],
                    **_credit(figure["credit"]),
                },
            )
    for author in authors():
        texts[f"{PORTRAIT}{author['name']}"] = {
            "title": author["name"],
            "alt": f"Drawn portrait of {author['name']}.",
            "credit": "Courier graphics",
        }
    return texts


def _credit(line: str) -> dict[str, str]:
    """Return a credit line as the library keeps it: the photographer, and whose picture it is."""
    photographer, _, agency = line.partition(" / ")
    return {"credit": photographer, "agency": agency}


def drawn(waiting: dict[int, str]) -> Iterator[Image]:
    """Yield images with these ids and pictures, each as soon as its files are written."""
    if not waiting:
        return
    faces = {f"{PORTRAIT}{author['name']}": author.get("face", {}) for author in authors()}
    texts = _captions()  # the files carry them
    # Spawned, not forked: this process may hold the threads of a connection pool.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(os.cpu_count(), context, initializer=django.setup)
    # Its helpers are born deaf to Ctrl-C: that means this process, which then ends them.
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        tasks = [
            pool.submit(draw_one, pk, name, faces.get(name), texts[name])
            for pk, name in waiting.items()
        ]
        signal.signal(signal.SIGINT, heard)
        for task in as_completed(tasks):
            yield task.result()
    finally:
        signal.signal(signal.SIGINT, heard)
        pool.shutdown(cancel_futures=True)


def draw_one(pk: int, name: str, face: dict[str, Any] | None, texts: dict[str, str]) -> Image:
    """Write the files of one picture: a scene, or with a ``face`` somebody's portrait."""
    image = Image(pk=pk, **texts)
    if face is None:
        pictures.store(image, draw(name))
    else:
        pictures.store(image, thumbnail_portrait(name.removeprefix(PORTRAIT), **face))
    return image


# Stories


@transaction.atomic
def load_stories(
    now: datetime.datetime, library: dict[str, Image], staff: dict[str, User]
) -> dict[str, Article]:
    """Write and publish every story, each through its life's own steps. Returns them by slug."""
    sections = {
        slug: Section.objects.create(slug=slug, name=name, description=description, position=place)
        for place, (slug, (name, description)) in enumerate(SECTIONS.items())
    }
    topics = {
        slug: Topic.objects.create(slug=slug, name=name, description=description)
        for slug, (name, description) in TOPICS.items()
    }
    bylines = {
        author["key"]: Author.objects.create(
            name=author["name"],
            slug=slugify(author["name"]),
            user=staff.get(author["key"]),
            outlet=author.get("outlet", ""),
            beat=author["beat"],
            bio=author["bio"],
            contact="" if "outlet" in author else staff[author["key"]].email,
            portrait=library[f"{PORTRAIT}{author['name']}"],
        )
        for author in authors()
    }
    # Whoever logs in as the reporter writes under a name of their own.
    newcomer = staff["reporter"]
    Author.objects.create(
        name=newcomer.name, slug=slugify(newcomer.name), user=newcomer, beat="The council"
    )
    made = {}
    # Oldest first, as a paper is written.
    for place, story in reversed(list(enumerate(stories()))):
        article = Article(
            slug=story.slug,
            headline=story.headline,
            standfirst=story.standfirst,
            label=story.label,
            section=sections[story.section],
            dateline=story.dateline,
            lead_image=library[story.scene],
            comment_policy=story.comments,
            slow_mode=story.slow_mode,
            shows_rules=story.shows_rules,
            is_featured=story.featured,
            import_key=KEY + story.slug,
            # A draft belongs to whoever works on it: the reporter who logs in finds this one.
            created_by=staff["reporter"] if story.state == "draft" else _writer(story, staff),
        )
        if story.source:
            article.source_outlet = story.source["outlet"]
            article.source_outlet_url = story.source["outlet_url"]
            article.source_url = story.source["url"]
            article.originally_published = datetime.date.fromisoformat(story.source["date"])
            article.source_licence = story.source["licence"]
            article.source_permission = story.source["permission"]
        article.set_body(FIGURE.sub(lambda match: _figure(match[1], library), story.body))
        article.save()
        article.note_pictures()
        article.topics.set([topics[slug] for slug in story.topics])
        for position, key in enumerate(story.authors):
            Byline.objects.create(article=article, author=bylines[key], position=position)
        _live(article, story, story.published_at(newest_day(now), place), now, staff["marsh"])
        made[story.slug] = article
    _put_in_place(made, sections, now, staff["marsh"])
    _write_policies(staff["marsh"], now)
    return made


def _put_in_place(
    made: dict[str, Article], sections: dict[str, Section], now: datetime.datetime, editor: User
) -> None:
    """Put stories beside each other, in their series, and where the editors pinned them."""
    for story in stories():
        for position, slug in enumerate(story.related):
            RelatedStory.objects.create(
                article=made[story.slug], related=made[slug], position=position
            )
    slug, name, description = SERIES
    series = Series.objects.create(slug=slug, name=name, description=description)
    series.arrange([made[part].pk for part in PARTS], [])
    for front, position, story_slug, days in PINS:
        section = sections[front] if front else None
        until = now + datetime.timedelta(days=days) if days else None
        slot = Slot(article_id=made[story_slug].pk, position=position, until=until)
        Slot.arrange(section, [slot], Slot.objects.of(section).mark(), editor)


def _write_policies(editor: User, now: datetime.datetime) -> None:
    """Write what the paper says of itself, each from the file that bears its kind's name."""
    for path in sorted((FOLDER / "policies").glob("*.html")):
        policy = Policy(kind=path.stem, body=path.read_text(encoding="utf-8"))
        policy.save_edit(editor, None)
    Policy.objects.update(updated_at=now - datetime.timedelta(days=90))


def _writer(story: Story, staff: dict[str, User]) -> User:
    return staff.get(story.authors[0]) or staff["marsh"]


def _figure(attributes: str, library: dict[str, Image]) -> str:
    data = _figure_data(attributes)
    return format_html(
        '<figure><img src="{}" alt="{}"><figcaption>{}</figcaption></figure>',
        library[data["scene"]].largest_url,
        data["alt"],
        data["caption"],
    )


def _live(
    article: Article,
    story: Story,
    at: datetime.datetime,
    now: datetime.datetime,
    editor: User,
) -> None:
    """Take the article through the steps of its life, each at its time."""
    Article.objects.filter(pk=article.pk).update(created_at=at - datetime.timedelta(hours=5))
    if story.state == "draft":
        yesterday = now - datetime.timedelta(hours=26)
        Article.objects.filter(pk=article.pk).update(created_at=yesterday)
    elif story.state == "scheduled":
        article.schedule(editor, at)
        Article.objects.filter(pk=article.pk).update(created_at=now - datetime.timedelta(hours=4))
    else:
        article.publish(editor)
        _date_back(article, at, published_at=at, published_on=timezone.localdate(at))
        _correct(article, story, at, now, editor)
    if story.state == "withdrawn":
        article.withdraw(editor, story.notice)
        _date_back(article, at + datetime.timedelta(hours=20))
    article.refresh_from_db()


def _date_back(article: Article, at: datetime.datetime, **changes: Any) -> None:
    """Move the article's last step to ``at``: verbs take their time from the clock."""
    step = article.steps.order_by("-pk")[0]
    step.at = at
    if changes:
        step.published_from = at
        Article.objects.filter(pk=article.pk).update(**changes)
        article.refresh_from_db()
    step.save()


def _correct(
    article: Article, story: Story, at: datetime.datetime, now: datetime.datetime, editor: User
) -> None:
    """Add what was put right since, and the time of the last of it."""
    notes = [
        (at + datetime.timedelta(days=note["days_after"], hours=1), note["kind"], note["text"])
        for note in story.corrections
    ]
    if story.update_note:
        notes.append((at + datetime.timedelta(hours=3), "update", story.update_note))
    for time, kind, text in sorted(notes):
        article.corrections.create(at=min(time, now), kind=kind, text=text, by=editor)
    if notes:
        last = article.corrections.latest("at", "pk")
        # Each of them changed the text too.
        Article.objects.filter(pk=article.pk).update(
            updated_at=last.at, version=article.version + len(notes)
        )
