"""Access log: an id, a measurement and a log record for each request."""

import itertools
import logging
import re
import secrets
import time
from typing import Final

from aiohttp import web
from multidict import istr
from structlog.contextvars import bind_contextvars, reset_contextvars

from aniworld_http.checks import METRICS
from aniworld_http.keys import REQUEST_ID
from aniworld_http.operations import Handler, operation_of, policy_of
from aniworld_http.security.callers import CALLER
from aniworld_http.security.client_addresses import forwarded_client
from aniworld_http.security.connections import CONNECTIONS

logger: Final = logging.getLogger(__name__)

_HEADER: Final = istr("X-Request-Id")
#: Prefix of the ids of this process, so that ids of different runs differ; not secret.
_PROCESS: Final = secrets.token_hex(4)
_NUMBERS: Final = itertools.count(1)
#: Maximum length of a logged method or path, in characters.
_LONGEST: Final = 512
_ACCEPTABLE: Final = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


@web.middleware
async def log_access(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request an id, measure it, and log it when it is done.

    Changes by API keys, sign-ins and errors are logged at level INFO; successful reads, and changes
    by people who are signed in on the pages, at DEBUG.
    """
    given = request.headers.get(_HEADER, "")
    request_id = (
        given if given and _ACCEPTABLE.fullmatch(given) else f"{_PROCESS}{next(_NUMBERS):08x}"
    )
    request[REQUEST_ID] = request_id
    former = bind_contextvars(request_id=request_id)
    started = time.perf_counter()
    status = 500
    connections = request.app[CONNECTIONS]
    connections.request_started(request.protocol, forwarded_client(request))
    try:
        response = await handler(request)
        status = response.status
        if not response.prepared:
            response.headers[_HEADER] = request_id
        return response
    finally:
        connections.request_ended(request.protocol)
        _record(request, status, time.perf_counter() - started)
        reset_contextvars(**former)


def _record(request: web.Request, status: int, seconds: float) -> None:
    operation = operation_of(request)
    path = operation.path if operation is not None else "other"
    # A client may send any method; labels must not grow with the methods and paths it invents.
    method = request.method if operation is not None else "other"
    request.app[METRICS].observe(method, path, status, seconds)
    caller = request.get(CALLER)
    # What a person does on the pages is in the history.
    is_person = caller is not None and caller.session is not None
    is_read = request.method in {"GET", "HEAD", "OPTIONS"}
    is_quiet = status < 400 and (is_read or is_person)
    level = logging.DEBUG if is_quiet else logging.INFO
    if logger.isEnabledFor(level):
        logger.log(
            level,
            "%s %s %d %.1f ms by %s",
            request.method[:_LONGEST],
            logged_path(request),
            status,
            seconds * 1000,
            caller.id if caller is not None else "anonymous",
        )


def logged_path(request: web.Request) -> str:
    """Return the path without the query, which may contain secrets.

    For a secret endpoint, return the path template, because names in its path identify keys.
    """
    operation = operation_of(request)
    if operation is not None and policy_of(request).is_secret:
        return operation.path
    return request.path[:_LONGEST]
