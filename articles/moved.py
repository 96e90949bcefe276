"""Addresses that moved: a request that found nothing is looked up among the old addresses."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from articles.models import Article, MovedAddress


class MovedAddressMiddleware:
    """Answers 301 where a 404 would come and the address was published once.

    It asks the database only for requests that found nothing, so that it costs readers nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        found_nothing = response.status_code == 404 and request.method in {"GET", "HEAD"}
        if found_nothing and (article := find(request.get_full_path())):
            return HttpResponsePermanentRedirect(article.get_absolute_url())
        return response


def find(path: str) -> Article | None:
    """Return the readable article that ``path`` led to once, with or without its last slash."""
    if len(path) > 500:
        return None
    ways = {path, path.rstrip("/") + "/", path.rstrip("/"), path.partition("?")[0]}
    moved = (
        MovedAddress.objects.filter(path__in=ways, article__in=Article.objects.published())
        .select_related("article")
        .first()
    )
    return moved.article if moved else None
