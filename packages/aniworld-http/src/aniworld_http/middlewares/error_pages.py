"""Errors that a person meets in the browser are shown as pages, not as documents."""

from collections.abc import Callable
from typing import Final

import attrs
from aiohttp import web

from aniworld_http.errors import PROBLEM_JSON
from aniworld_http.operations import operation_of, path_below_base


@attrs.frozen
class ErrorPages:
    """Makes the page for a status."""

    make: Callable[[web.Request, int], web.Response]


#: Set by whoever has the pages.
ERROR_PAGES: Final = web.AppKey("ERROR_PAGES", ErrorPages)

_KEPT: Final = ("Allow", "Retry-After")
_MACHINES: Final = ("/api/", "/ws/", "/static/")


def shown_as_page(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Give browsers a page instead of a problem document, where a page was asked for."""
    if response.content_type != PROBLEM_JSON or not _is_for_people(request):
        return response
    page = request.app[ERROR_PAGES].make(request, response.status)
    for name in _KEPT:
        if name in response.headers:
            page.headers[name] = response.headers[name]
    return page


def _is_for_people(request: web.Request) -> bool:
    path = path_below_base(request)
    return (
        operation_of(request) is None
        and not path.startswith(_MACHINES)
        and "text/html" in request.headers.get("Accept", "")
        and ERROR_PAGES in request.app
    )
