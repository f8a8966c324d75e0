"""Errors as pages for people; programs get problem documents."""

from typing import Final

from aiohttp import web

from aniworld_http.errors import PROBLEM_JSON
from aniworld_http.operations import Kind, policy_of
from aniworld_http.rendering.templates import render_template

_KEPT: Final = ("Allow", "Retry-After")
#: Statuses with a text of their own; all others share one text.
_EXPLAINED: Final = frozenset({404, 421, 500, 503})


def shown_as_page(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Replace a problem document by a page, if a browser requested a page."""
    if response.content_type != PROBLEM_JSON or not _is_for_people(request):
        return response
    page = render_error_page(request, response.status)
    for name in _KEPT:
        if name in response.headers:
            page.headers[name] = response.headers[name]
    return page


def render_error_page(request: web.Request, status: int) -> web.Response:
    """Return the page for an error."""
    explained = status if status in _EXPLAINED else 500 if status >= 500 else 400
    return render_template("error", request, {"code": status, "said": explained}, status=status)


def _is_for_people(request: web.Request) -> bool:
    is_page = policy_of(request).kind is Kind.PAGE
    return is_page and "text/html" in request.headers.get("Accept", "")
