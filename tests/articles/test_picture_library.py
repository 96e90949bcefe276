"""The picture library: searched, narrowed, paged; several files taken in at once."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pixels

from articles.models import Author, Image, NotReady

LIBRARY = "/admin/articles/image/"
UPLOAD = "/admin/articles/image/upload/"


def photo(kind="JPEG", size=(64, 40), **options):
    buffer = io.BytesIO()
    Pixels.effect_noise(size, 60).convert("RGB").save(buffer, kind, **options)
    return buffer.getvalue()


def record(title, **fields):
    words = {"alt": "x", "credit": "A. B.", "digest": "abc", "widths": [480], "width": 480}
    return Image.objects.create(title=title, **words | {"height": 300} | fields)


def shown(answer):
    return [card["image"].title for card in answer.context["cards"]]


@pytest.fixture
def at_desk(client, editor):
    client.force_login(editor)
    return client


@pytest.mark.parametrize("field", ["title", "alt", "caption", "credit", "creator", "agency"])
def test_search_looks_at_every_word(at_desk, field):
    record("other")
    record("found", **({field: "The Ropewalk, Elsmouth"} if field != "title" else {}))
    if field == "title":
        Image.objects.filter(title="found").update(title="found at the ropewalk in elsmouth")
    answer = at_desk.get(LIBRARY, {"q": "elsmouth ROPEWALK"})
    assert len(shown(answer)) == 1
    assert shown(at_desk.get(LIBRARY, {"q": "ropewalk nowhere"})) == []


def test_the_library_is_narrowed_to_what_is_to_be_done(at_desk, editor, make_article, reporter):
    record("fine", uploaded_by=reporter)
    record("no alt", alt="")
    record("decorative", alt="", is_decorative=True)
    record("no credit", credit="")
    record("agency", credit="", agency="Coast")
    record("no permission", is_from_source=True)
    record("permitted", is_from_source=True, permission="By letter")
    record("mine", uploaded_by=editor)
    record("stale", has_stale_words=True)
    record("file missing", digest="")
    for show, titles in {
        "alt": ["no alt"],
        "credit": ["no credit"],
        "permission": ["no permission"],
        "mine": ["mine"],
        "stale": ["stale"],
        "record": ["file missing"],
    }.items():
        assert shown(at_desk.get(LIBRARY, {"show": show})) == titles, show
    assert len(shown(at_desk.get(LIBRARY, {"show": "nonsense"}))) == 10
    assert shown(at_desk.get(LIBRARY, {"show": "alt", "q": "credit"})) == []


def test_unused_pictures_are_those_no_story_and_no_author_shows(at_desk, make_article):
    used = [record(f"used {n}") for n in range(3)]
    record("unused")
    make_article(lead_image=used[0], status="draft")
    figure = f'<figure><img src="/media/images/{used[1].pk}/abc-480.jpeg"></figure><p>x</p>'
    make_article(body=figure)
    Author.objects.create(name="Ida Moe", slug="ida", portrait=used[2])
    assert shown(at_desk.get(LIBRARY, {"show": "unused"})) == ["unused"]


def test_pages_turn_both_ways_and_cost_the_same(at_desk, django_assert_num_queries):
    for number in range(60):
        record(f"Quay {number}")
    first = at_desk.get(LIBRARY, {"q": "quay"})
    assert shown(first)[0] == "Quay 59"
    second = at_desk.get(LIBRARY, {"q": "quay", "before": first.context["older"]})
    third = at_desk.get(LIBRARY, {"q": "quay", "before": second.context["older"]})
    assert shown(third)[-1] == "Quay 0"
    assert third.context["older"] is None
    back = at_desk.get(LIBRARY, {"q": "quay", "after": third.context["newer"]})
    assert shown(back) == shown(second)
    front = at_desk.get(LIBRARY, {"q": "quay", "after": back.context["newer"]})
    assert shown(front) == shown(first)
    assert front.context["newer"] is None


def test_the_library_asks_the_database_once_whatever_is_in_it(
    at_desk, django_assert_max_num_queries
):
    for number in range(30):
        record(f"Quay {number}")
    with django_assert_max_num_queries(9) as asked:
        at_desk.get(LIBRARY, {"show": "unused"})
    assert sum("articles_image" in query["sql"] for query in asked.captured_queries) == 1
    assert not any("COUNT(" in query["sql"] for query in asked.captured_queries)


def test_reporters_see_the_library_and_moderators_do_not(client, make_user):
    record("Quay")
    client.force_login(make_user(role="reporter"))
    assert shown(client.get(LIBRARY)) == ["Quay"]
    client.force_login(make_user(role="moderator"))
    assert client.get(LIBRARY).status_code == 403
    assert client.get(UPLOAD).status_code == 403
    assert client.post(UPLOAD).status_code == 403


def test_the_picker_narrows_as_the_library_does(at_desk):
    record("no alt", alt="")
    record("fine")
    record("no file", digest="")
    picker = "/admin/articles/image/picker/"
    assert shown(at_desk.get(picker, {"cards": "", "show": "alt"})) == ["no alt"]
    assert shown(at_desk.get(picker, {"cards": ""})) == ["fine", "no alt"]
    assert "Without alternative text" in at_desk.get(picker, {"cards": ""}).text


# Several at once


def test_several_files_become_pictures_and_each_bad_one_is_named(at_desk, editor):
    files = [
        SimpleUploadedFile("crane_at-dawn.jpg", photo()),
        SimpleUploadedFile("notes.jpg", b"These are notes."),
        SimpleUploadedFile("C:\\photos\\empty.png", b""),
        SimpleUploadedFile("pier.png", photo("PNG")),
    ]
    page = at_desk.post(UPLOAD, {"files": files, "credit": "A. B."}).text
    made = Image.objects.order_by("pk")
    assert [image.title for image in made] == ["crane at dawn", "pier"]
    assert {image.credit for image in made} == {"A. B."}
    assert {image.uploaded_by for image in made} == {editor}
    assert "<b>notes.jpg</b>: This file is not a picture we can read" in page
    assert "empty.png</b>" in page
    assert page.count('class="refused"') == 2
    assert "no alternative text" in page


def test_files_sent_one_by_one_are_answered_with_their_lines(at_desk):
    answer = at_desk.post(UPLOAD, {"files": [SimpleUploadedFile("a.jpg", photo())], "alone": "1"})
    assert "<html" not in answer.text
    assert 'class="taken"' in answer.text
    assert "Choose one file" in at_desk.post(UPLOAD, {"alone": "1"}).text


def test_a_picture_that_is_here_already_is_named(at_desk):
    raw = photo()
    at_desk.post(UPLOAD, {"files": [SimpleUploadedFile("a.jpg", raw)]})
    page = at_desk.post(UPLOAD, {"files": [SimpleUploadedFile("b.jpg", raw)]}).text
    assert "The library had this picture already: “a”." in page


# A republished story's pictures


def test_a_picture_that_came_with_a_story_needs_its_own_permission(make_article, editor):
    image = record("The quay", is_from_source=True)
    story = make_article(lead_image=image, status="draft")
    with pytest.raises(NotReady, match="permission to show the picture “The quay”"):
        story.publish(by=editor)
    Image.objects.update(permission="Ida Moe, by letter")
    story.refresh_from_db()
    story.publish(by=editor)
    assert story.is_live


def test_the_desk_is_told_of_the_permission_that_lacks(make_article):
    image = record("The quay", is_from_source=True)
    assert image.gaps == ["permission"]
    assert image.missing() == [
        "permission to show the picture “The quay”, which came with a republished story"
    ]
