"""A page of the search: which stories stand on it, and why."""

from typing import Any

from articles import excerpts, lists, search, spelling
from articles.models import Article
from articles.search_form import SearchForm


def of(form: SearchForm, number: str) -> dict[str, Any]:
    """Return what a page of results shows: ``page``, of hits, and how the words were ``mended``.

    Where nothing was found, whether the words are too common, and the day of the ``newest`` story.
    Raises ``search.TooSlow``, and ``Http404`` for a page that is not there.
    """
    query, narrowed = form.cleaned_data.get("q", ""), form.narrowed
    asked = search.Asked.of(query)
    mended = ""
    if asked:
        found: Any = search.find(asked, narrowed)
        # By a whole query, since a word alone says less of what was meant.
        if not found and (mended := spelling.mend(query)):
            asked = search.Asked.of(mended)
            found = search.find(asked, narrowed)
    elif narrowed and not query:
        found = search.browse(narrowed).values_list("pk", flat=True)
    else:
        found = []
    page = lists.page_of(found, number)
    cards = Article.objects.listed().for_cards().in_bulk(page.items) if page.items else {}
    # A story withdrawn between the two questions is not among the cards.
    stories = [cards[pk] for pk in page.items if pk in cards]
    page.items = excerpts.hits(asked, stories)
    if stories or not (asked or narrowed):
        return {"page": page, "mended": mended}
    newest = Article.objects.listed().values_list("published_on", flat=True).first()
    return {"page": page, "is_common": search.is_common(asked), "newest": newest}
