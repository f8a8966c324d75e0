"""HTTP errors of requests, with their reasons as messages."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from aniworld_core.messages import Message

#: Where an HTTP error keeps its reason.
REASON: Final = web.ResponseKey("reason", Message)
#: Kind of the message by status.
_KINDS: Final[Mapping[int, str]] = {
    400: "bad_request",
    408: "request_timeout",
    415: "unsupported_media_type",
    421: "misdirected_request",
    503: "service_unavailable",
}


def refused(status: type[web.HTTPException], reason: Message) -> web.HTTPException:
    """Return the HTTP error of a request, with its reason as a message.

    Args:
        status: Class of the error; `_KINDS` has its status.
        reason: What is wrong with the request.
    """
    error = status(text=str(reason))
    error[REASON] = Message(_KINDS[error.status], detail=reason)
    return error
