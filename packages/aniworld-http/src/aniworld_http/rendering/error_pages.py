"""Errors as pages for people; programs get problem documents."""

from typing import Final

import msgspec
from aiohttp import web

from aniworld_http.errors import PROBLEM_JSON, Problem
from aniworld_http.keys import REQUEST_ID
from aniworld_http.operations import Kind, policy_of
from aniworld_http.rendering.templates import TEMPLATES, render_template

_KEPT: Final = ("Allow", "Retry-After")
#: Statuses with a text of their own; all others share one text.
_EXPLAINED: Final = frozenset({403, 404, 421, 500, 503})


def shown_as_page(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Replace a problem document by a page, if a browser requested a page."""
    if response.content_type != PROBLEM_JSON or not isinstance(response, web.Response):
        return response
    if not _is_for_people(request):
        return response
    page = render_error_page(request, msgspec.json.decode(response.text or "", type=Problem))
    for name in _KEPT:
        if name in response.headers:
            page.headers[name] = response.headers[name]
    return page


def render_error_page(request: web.Request, problem: Problem) -> web.Response:
    """Return the page for an error.

    Its details name the error and the request, and repeat nothing that the request contains.
    """
    status = problem.status
    explained = status if status in _EXPLAINED else 500 if status >= 500 else 400
    details = "\n".join(
        (
            f"HTTP {status} {problem.title}",
            problem.kind,
            f"X-Request-Id: {request.get(REQUEST_ID, '-')}",
            f"Aniworld {request.app[TEMPLATES].version}",
        )
    )
    context = {"code": status, "said": explained, "details": details}
    return render_template("error", request, context, status=status, is_cached=False)


def _is_for_people(request: web.Request) -> bool:
    is_page = policy_of(request).kind is Kind.PAGE
    return is_page and "text/html" in request.headers.get("Accept", "")
