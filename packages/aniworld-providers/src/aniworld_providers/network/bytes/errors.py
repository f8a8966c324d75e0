"""Map errors of the aiohttp client to errors of this project, with what was observed."""

import os
from typing import Final

import aiohttp
from aiohttp.http_exceptions import LineTooLong

from aniworld_core.errors import (
    AddressRefusedError,
    AniworldError,
    FetchInterruptedError,
    InvalidLinkError,
    UnsupportedSourceError,
)
from aniworld_core.messages import Message

_LONGEST: Final = 200
#: Reasons of OpenSSL for an answer that is no TLS.
_NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"})


class RefusedSocketError(OSError):
    """A socket that the guard refused. An OSError, because aiohttp then tries the next address."""

    def __init__(self, error: AddressRefusedError) -> None:
        super().__init__(str(error))
        self.error = error


def client_error(exc: Exception, place: str) -> AniworldError:
    """Return the error for a request that failed without a response.

    Args:
        exc: The error of aiohttp.
        place: Host and port of the server.
    """
    cause: BaseException | None = exc
    while cause is not None:
        if isinstance(cause, RefusedSocketError):
            return cause.error
        cause = getattr(cause, "os_error", None) or cause.__cause__
    if isinstance(exc, aiohttp.ClientConnectorCertificateError):
        reason = getattr(exc.certificate_error, "verify_message", "") or Message("no_reason_given")
        return UnsupportedSourceError(place, Message("certificate_untrusted", reason=reason))
    if isinstance(exc, aiohttp.ClientSSLError):
        return UnsupportedSourceError(place, _tls_failure(exc.os_error))
    if isinstance(exc, aiohttp.InvalidURL):
        return InvalidLinkError(str(exc.url), Message("not_a_link"))
    if isinstance(exc, aiohttp.ClientResponseError):
        return FetchInterruptedError(_bad_answer(exc, place))
    if isinstance(exc, aiohttp.ServerTimeoutError):
        return FetchInterruptedError(Message("no_answer_in_time", host=place))
    if isinstance(exc, aiohttp.ClientConnectorDNSError):
        return FetchInterruptedError(Message("host_unknown", host=exc.host))
    if isinstance(exc, aiohttp.ClientConnectorError):
        return FetchInterruptedError(
            Message("cannot_connect", host=place, reason=os_reason(exc.os_error))
        )
    if isinstance(exc, aiohttp.ServerDisconnectedError):
        return FetchInterruptedError(Message("closed_without_answer", host=place))
    return FetchInterruptedError(
        Message("host_connection_broke", host=place, reason=os_reason(exc))
    )


def os_reason(exc: BaseException) -> str:
    """Return the operating system's message for an error, in one short line."""
    number = getattr(exc, "errno", None)
    if isinstance(number, int) and number > 0:
        return os.strerror(number)
    return str(exc)[:_LONGEST] or type(exc).__name__


def _bad_answer(exc: BaseException, host: str) -> Message:
    # Messages of aiohttp quote received bytes, which may be a megabyte of a film.
    cause: BaseException | None = exc
    while cause is not None:
        if isinstance(cause, LineTooLong):
            return Message("header_too_long", host=host)
        if "Too many headers" in str(cause):
            return Message("too_many_headers", host=host)
        rule, found, _ = str(getattr(cause, "message", "")).partition(":\n\n")
        if found and rule.isprintable() and len(rule) <= _LONGEST:
            return Message("no_http_response", host=host, detail=rule)
        cause = cause.__cause__
    return Message("no_http_response", host=host, detail=None)


def _tls_failure(error: OSError) -> Message:
    reason = getattr(error, "reason", None) or error
    if reason in _NO_TLS:
        return Message("tls_not_there")
    return Message("tls_failed", reason=str(reason)[:_LONGEST])
