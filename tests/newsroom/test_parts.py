"""Parts of pages: kept in memory within bounds, and put in at the end where they are long."""

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.safestring import mark_safe

from newsroom import splice
from newsroom.memory import Memory, fragments


def test_longest_unused_goes_first_when_the_room_is_full():
    memory = Memory(100)
    memory.put("a", "A", 40)
    memory.put("b", "B", 40)
    assert memory.get("a") == "A"
    memory.put("c", "C", 40)
    assert memory.get("b") is None
    assert memory.get("a") == "A"
    assert memory.get("c") == "C"


def test_what_takes_the_place_of_another_takes_its_room_too():
    memory = Memory(100)
    for size in (60, 70, 80):
        memory.put("a", size, size)
    memory.put("b", "B", 20)
    assert memory.get("a") == 80
    memory.put("a", "too large", 101)
    assert memory.get("a") is None


def rendered(source, request=None, **values):
    request = request or RequestFactory().get("/")
    return Template(source).render(Context({"request": request, **values}))


def test_part_is_kept_for_its_values_and_its_host():
    fragments.clear()
    source = '{% kept "x" pk %}{{ words }}{% endkept %}'
    assert rendered(source, pk=1, words="first") == "first"
    assert rendered(source, pk=1, words="second") == "first"
    assert rendered(source, pk=2, words="second") == "second"
    other = RequestFactory(headers={"Host": "localhost"}).get("/")
    assert rendered(source, other, pk=1, words="third") == "third"


@pytest.mark.parametrize("missing", [{}, {"pk": None}])
def test_part_of_which_a_value_is_missing_is_not_kept(missing):
    source = '{% kept "x" pk %}{{ words }}{% endkept %}'
    assert rendered(source, words="first", **missing) == "first"
    assert rendered(source, words="second", **missing) == "second"


def test_what_a_part_needs_is_brought_only_where_it_is_rendered():
    fragments.clear()
    brought = []
    source = '{% kept "x" pk bring=bring %}{{ words }}{% endkept %}'
    for _ in range(2):
        rendered(source, pk=1, words="first", bring=lambda: brought.append(1))
    assert brought == [1]


def test_values_in_a_part_are_escaped():
    fragments.clear()
    source = '{% kept "x" pk %}{{ words }}{% endkept %}'
    for _ in range(2):
        assert rendered(source, pk=1, words="<b>") == "&lt;b&gt;"


def test_long_part_comes_in_where_its_mark_stood(monkeypatch):
    request = RequestFactory().get("/")

    def render_to_string(template, context, request):
        first = splice.later(request, [b"<li>1</li>", "<li>\u201c2\u201d</li>".encode()])
        return mark_safe(f"<ol>{first}</ol>{splice.later(request, [])}.")

    monkeypatch.setattr(splice, "render_to_string", render_to_string)
    response = splice.render(request, "any.html", {})
    assert response.text == "<ol><li>1</li><li>\u201c2\u201d</li></ol>."


def test_long_part_stands_in_its_place_on_a_page_rendered_otherwise():
    assert splice.later(RequestFactory().get("/"), [b"<li>", b"</li>"]) == "<li></li>"
