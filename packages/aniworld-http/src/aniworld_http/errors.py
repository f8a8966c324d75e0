"""Errors as problem documents (RFC 9457): one table from error class to status."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

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
    NotSetUpError,
    RateLimitedError,
    SetupError,
    StorageFullError,
    UnavailableError,
    UnusableError,
    WeakPasswordError,
    WrongPasswordError,
)

PROBLEM_JSON: Final = "application/problem+json"

#: The first class that fits decides: the exceptions first, then the seven bases.
STATUSES: Final[Mapping[type[AniworldError], int]] = {
    BadCredentialsError: 401,
    InvalidTokenError: 401,
    RateLimitedError: 429,
    DiskFullError: 507,
    StorageFullError: 507,
    # Nothing is broken; the owner only has not named a folder yet.
    LibraryNotSetError: 409,
    InvalidInputError: 422,
    NotFoundError: 404,
    ConflictError: 409,
    DeniedError: 403,
    UnavailableError: 503,
    UnusableError: 502,
    SetupError: 500,
}
#: Names of kinds that the interface description gives otherwise.
_KINDS: Final[Mapping[type[AniworldError], str]] = {NotSetUpError: "setup_required"}


@attrs.frozen(kw_only=True)
class FieldProblem:
    """What is wrong with one field; *pointer* is a JSON pointer into the body or query."""

    pointer: str
    detail: str


@attrs.frozen(kw_only=True)
class Problem:
    """What went wrong (RFC 9457).

    Attributes:
        type: Always `about:blank`: the status says what kind of problem it is.
        title: The status in words.
        detail: What happened, for people.
        kind: What happened, for machines.
        hint: What a person can do about it.
        errors: One entry for each bad field.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    kind: str
    hint: str | None = None
    errors: tuple[FieldProblem, ...] = ()


def status_of(error: AniworldError) -> int:
    """Return the status an error is answered with."""
    return next(status for kind, status in STATUSES.items() if isinstance(error, kind))


def problem_of(error: AniworldError) -> Problem:
    """Describe an error of ours."""
    status = status_of(error)
    return Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=_clean(str(error)),
        kind=_KINDS.get(type(error), error.kind),
        hint=_clean(error.hint) if error.hint else None,
        errors=_fields_of(error),
    )


def problem_response(error: AniworldError) -> web.Response:
    """Answer with an error of ours, and with the headers its status asks for."""
    headers: dict[str, str] = {}
    if isinstance(error, RateLimitedError | UnavailableError) and error.retry_after is not None:
        # Rounded up: who comes back at that second is not too early.
        headers["Retry-After"] = str(max(1, -int(-error.retry_after.total_seconds() // 1)))
    if isinstance(error, InvalidTokenError):
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    elif isinstance(error, BadCredentialsError):
        headers["WWW-Authenticate"] = "Bearer"
    return render(problem_of(error), headers)


def http_problem_response(error: web.HTTPException) -> web.Response:
    """Answer with an error of the server's own, such as an unknown path."""
    phrase = HTTPStatus(error.status).phrase
    text = error.text or ""
    detail = phrase if text == f"{error.status}: {error.reason}" else text
    kept = ("Allow", "Retry-After", "WWW-Authenticate")
    return render(
        Problem(
            title=phrase,
            status=error.status,
            detail=_clean(detail),
            kind=re.sub(r"[^a-z]+", "_", phrase.lower()),
        ),
        {name: error.headers[name] for name in kept if name in error.headers},
    )


def render(problem: Problem, headers: Mapping[str, str] | None = None) -> web.Response:
    """Answer with a problem document."""
    return web.Response(
        body=msgspec.json.encode(problem),
        status=problem.status,
        headers=headers,
        content_type=PROBLEM_JSON,
    )


@contextmanager
def blame(pointer: str) -> Iterator[None]:
    """Say which field of the body wrong input inside is about."""
    try:
        yield
    except WeakPasswordError as error:
        raise InvalidFieldsError([(pointer, rule) for rule in error.violations]) from error
    except (InvalidConfigError, InvalidFieldsError):
        raise  # these name their fields themselves
    except InvalidInputError as error:
        blamed = InvalidFieldsError([(pointer, str(error))])
        blamed.hint = error.hint
        raise blamed from error


def _fields_of(error: AniworldError) -> tuple[FieldProblem, ...]:
    if isinstance(error, WrongPasswordError):
        # Every body that confirms a change with the password has it in this field.
        return (FieldProblem(pointer="/current_password", detail=str(error)),)
    if not isinstance(error, InvalidConfigError | InvalidFieldsError):
        return ()
    return tuple(
        FieldProblem(pointer=_clean(pointer), detail=_clean(detail))
        for pointer, detail in error.problems
    )


def _clean(text: str) -> str:
    """Replace what no JSON text may hold; it came with the request."""
    return text.encode("utf-8", "replace").decode()
