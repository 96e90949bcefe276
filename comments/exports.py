"""The record at the desk, to take away as tables."""

from collections.abc import Iterable

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from comments import export
from comments.desk import FOR_MODERATORS
from comments.views.transparency import bounds, period

FOR_ADMINISTRATORS = permission_required("comments.compare_decision", raise_exception=True)


@require_safe
@FOR_MODERATORS
def statements(request: HttpRequest) -> StreamingHttpResponse:
    """The statements of reasons of a time, in the shape of the Commission's database."""
    start, end = period(request)
    lines = export.lines(export.STATEMENT, export.statements(*bounds(start, end)))
    return csv_lines(lines, f"statements-{start}-{end}")


@require_safe
@FOR_ADMINISTRATORS
def log(request: HttpRequest) -> StreamingHttpResponse:
    """The whole sealed log, without what is not for everybody."""
    return csv_lines(export.lines(export.LOG, export.log()), "decisions")


def csv_response(rows: Iterable[Iterable[object]], name: str) -> StreamingHttpResponse:
    """Return rows as a file of that name, row by row."""
    return csv_lines(export.lines(None, rows), name)


def csv_lines(lines: Iterable[str], name: str) -> StreamingHttpResponse:
    """Return the lines of a table as a file of that name."""
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
