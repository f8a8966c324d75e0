"""Exceptions as problem documents (RFC 9457), or as pages for people."""

import logging
from typing import Final

from aiohttp import web

from aniworld_core.errors import AniworldError, SetupError
from aniworld_core.messages import Message
from aniworld_http.errors import Problem, http_problem_response, problem_response, render
from aniworld_http.keys import REQUEST_ID
from aniworld_http.middlewares.access_log import logged_path
from aniworld_http.operations import Handler
from aniworld_http.rendering import shown_as_page

logger: Final = logging.getLogger(__name__)


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Return a problem document, or a page for a browser, when the handler raises."""
    try:
        response = await handler(request)
    except AniworldError as error:
        if isinstance(error, SetupError):
            logger.warning("%s %s: %s", request.method, logged_path(request), error)
        response = problem_response(error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = http_problem_response(error)
    except Exception as error:
        # Unexpected error: the traceback is logged, the response names the request id only.
        if _is_gone(request) and isinstance(error, ConnectionError | RuntimeError):
            # aiohttp raises either of them when the connection ended during the request.
            logger.info(
                "%s %s: the client closed the connection", request.method, logged_path(request)
            )
        else:
            logger.exception("%s %s failed", request.method, logged_path(request))
        said = Message("internal_server_error", request_id=request.get(REQUEST_ID, "-"))
        response = render(
            Problem(
                title="Internal Server Error",
                status=500,
                detail=str(said),
                kind=said.kind,
                values=dict(said.values),
            )
        )
    return shown_as_page(request, response)


def _is_gone(request: web.Request) -> bool:
    transport = request.transport
    return transport is None or transport.is_closing()
