"""Errors as problem documents (RFC 9457): one table from error class to status."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final

import attrs
import msgspec
from aiohttp import web

from aniworld_core.errors import (
    AniworldError,
    BadCredentialsError,
    ConflictError,
    DeniedError,
    DiskFullError,
    InvalidConfigError,
    InvalidFieldsError,
    InvalidInputError,
    InvalidTokenError,
    LibraryNotSetError,
    NotFoundError,
    RateLimitedError,
    SetupError,
    StorageFullError,
    UnavailableError,
    UnusableError,
    WeakPasswordError,
    WrongPasswordError,
)
from aniworld_core.messages import Message, Value, kind_of, values_of, values_to_wire
from aniworld_http.refusals import REASON

PROBLEM_JSON: Final = "application/problem+json"

#: The first matching class decides: exceptions first, then the seven base classes.
STATUSES: Final[Mapping[type[AniworldError], int]] = {
    BadCredentialsError: 401,
    InvalidTokenError: 401,
    RateLimitedError: 429,
    DiskFullError: 507,
    StorageFullError: 507,
    # Not an error of the server: no library folder is set yet.
    LibraryNotSetError: 409,
    InvalidInputError: 422,
    NotFoundError: 404,
    ConflictError: 409,
    DeniedError: 403,
    UnavailableError: 503,
    UnusableError: 502,
    SetupError: 500,
}


@attrs.frozen(kw_only=True)
class FieldProblem:
    """Problem of one field.

    Attributes:
        pointer: JSON pointer into the body or query.
        detail: The problem, in English.
        kind: Kind of the problem for programs, if it has one.
        values: Values for the text of the kind.
    """

    pointer: str
    detail: str
    kind: str | None = None
    values: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Problem:
    """An error as a problem document (RFC 9457), with extension members.

    Attributes:
        type: Always `about:blank`: the status is the type of the problem.
        title: The status in words.
        detail: What happened, in English.
        kind: Kind of the error for programs.
        values: Values for the text of the kind.
        hint: How to fix it, in English.
        hint_kind: Kind of the hint for programs, if it has one.
        hint_values: Values for the text of the hint.
        errors: One entry for each invalid field.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    kind: str
    values: Mapping[str, Any] = attrs.field(factory=dict)
    hint: str | None = None
    hint_kind: str | None = None
    hint_values: Mapping[str, Any] = attrs.field(factory=dict)
    errors: tuple[FieldProblem, ...] = ()


def status_of(error: AniworldError) -> int:
    """Return the status for an error."""
    return next(status for kind, status in STATUSES.items() if isinstance(error, kind))


def problem_of(error: AniworldError) -> Problem:
    """Return the problem document of an error of the core."""
    status = status_of(error)
    return Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=_clean(str(error)),
        kind=error.kind,
        values=_clean_values(error.values),
        hint=_clean(error.hint) if error.hint else None,
        hint_kind=kind_of(error.hint),
        hint_values=values_of(error.hint),
        errors=_fields_of(error),
    )


def problem_response(error: AniworldError) -> web.Response:
    """Return the response for an error of the core, with the headers of its status."""
    headers: dict[str, str] = {}
    if isinstance(error, RateLimitedError | UnavailableError) and error.retry_after is not None:
        # Rounded up, so that a retry at that second is not too early.
        headers["Retry-After"] = str(max(1, -int(-error.retry_after.total_seconds() // 1)))
    if isinstance(error, InvalidTokenError):
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    elif isinstance(error, BadCredentialsError):
        headers["WWW-Authenticate"] = "Bearer"
    return render(problem_of(error), headers)


def http_problem_response(error: web.HTTPException) -> web.Response:
    """Return the response for an HTTP error of the server, such as an unknown path."""
    phrase = HTTPStatus(error.status).phrase
    reason = error.get(REASON)
    text = error.text or ""
    is_default = text == f"{error.status}: {error.reason}"
    kept = ("Allow", "Retry-After", "WWW-Authenticate")
    return render(
        Problem(
            title=phrase,
            status=error.status,
            detail=_clean(phrase if is_default else text),
            kind=reason.kind if reason else re.sub(r"[^a-z]+", "_", phrase.lower()),
            values=_clean_values(reason.values) if reason else {},
        ),
        {name: error.headers[name] for name in kept if name in error.headers},
    )


def render(problem: Problem, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return the response with a problem document."""
    return web.Response(
        body=msgspec.json.encode(problem),
        status=problem.status,
        headers=headers,
        content_type=PROBLEM_JSON,
    )


@contextmanager
def blame(pointer: str) -> Iterator[None]:
    """Assign errors raised inside the context to a field of the body."""
    try:
        yield
    except WeakPasswordError as error:
        raise InvalidFieldsError([(pointer, rule) for rule in error.violations]) from error
    except (InvalidConfigError, InvalidFieldsError):
        raise  # These errors contain their fields already.
    except InvalidInputError as error:
        blamed = InvalidFieldsError([(pointer, error.message)])
        blamed.hint = error.hint
        raise blamed from error


def _fields_of(error: AniworldError) -> tuple[FieldProblem, ...]:
    if isinstance(error, WrongPasswordError):
        # Every body that confirms a change with the password uses this field.
        return (_field("/current_password", error.message),)
    if not isinstance(error, InvalidConfigError | InvalidFieldsError):
        return ()
    return tuple(_field(pointer, detail) for pointer, detail in error.problems)


def _field(pointer: str, detail: str) -> FieldProblem:
    return FieldProblem(
        pointer=_clean(pointer),
        detail=_clean(detail),
        kind=kind_of(detail),
        values=_clean_values(detail.values) if isinstance(detail, Message) else {},
    )


def _clean_values(values: Mapping[str, Value]) -> Mapping[str, Any]:
    """Return values as JSON, without characters that JSON text must not contain."""
    return {name: _clean_value(value) for name, value in values_to_wire(values).items()}


def _clean_value(value: Any) -> Any:
    match value:
        case str():
            return _clean(value)
        case list():
            return [_clean_value(each) for each in value]
        case dict():
            return {name: _clean_value(each) for name, each in value.items()}
    return value


def _clean(text: str) -> str:
    """Replace characters that JSON text must not contain; they come from the request."""
    return text.encode("utf-8", "replace").decode()
