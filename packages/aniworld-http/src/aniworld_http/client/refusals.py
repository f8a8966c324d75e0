"""Problem documents of a server as errors: the same seven groups as everywhere."""

from datetime import timedelta
from typing import Final

import msgspec

from aniworld_core.errors import (
    AniworldError,
    ConflictError,
    DeniedError,
    InvalidInputError,
    NotFoundError,
    SetupError,
    UnavailableError,
    UnusableError,
)
from aniworld_http.errors import FieldProblem


class RemoteError(AniworldError):
    """What a server refused.

    Attributes:
        status: Its HTTP status.
        errors: What is wrong with each field.
        retry_after: When to come back, if the server says so.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        kind: str = "",
        hint: str | None = None,
        errors: tuple[FieldProblem, ...] = (),
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.hint = hint
        self.errors = errors
        self.retry_after = retry_after
        self._kind = kind

    @property
    def kind(self) -> str:
        """The kind the server gave."""
        return self._kind or super().kind


class RemoteInvalidInputError(RemoteError, InvalidInputError):
    """The server does not take what was sent."""


class RemoteNotFoundError(RemoteError, NotFoundError):
    """The server has no such thing."""


class RemoteConflictError(RemoteError, ConflictError):
    """The state of the server does not allow it."""


class RemoteDeniedError(RemoteError, DeniedError):
    """The server wants to know who is asking, or does not allow it, or not so often."""


class RemoteUnavailableError(RemoteError, UnavailableError):
    """The server cannot be reached, or cannot do it at the moment."""


class RemoteUnusableError(RemoteError, UnusableError):
    """What the server found is of no use, or the answer is none of an Aniworld server."""


class RemoteSetupError(RemoteError, SetupError):
    """The server is not in order."""


class _Document(msgspec.Struct):
    detail: str = ""
    kind: str = ""
    hint: str | None = None
    errors: tuple[FieldProblem, ...] = ()


_BY_STATUS: Final[dict[int, type[RemoteError]]] = {
    400: RemoteInvalidInputError,
    401: RemoteDeniedError,
    403: RemoteDeniedError,
    404: RemoteNotFoundError,
    409: RemoteConflictError,
    413: RemoteInvalidInputError,
    415: RemoteInvalidInputError,
    422: RemoteInvalidInputError,
    429: RemoteDeniedError,
    500: RemoteSetupError,
    502: RemoteUnusableError,
    503: RemoteUnavailableError,
    507: RemoteUnavailableError,
}


def refusal(status: int, body: bytes, retry_after: str | None) -> RemoteError:
    """Return the error that an answer of this status stands for."""
    try:
        document = msgspec.json.decode(body, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError):
        document = _Document()
    seconds = int(retry_after) if retry_after and retry_after.isdecimal() else None
    kind = _BY_STATUS.get(status, RemoteUnusableError)
    return kind(
        document.detail or f"the server answered with status {status}",
        status=status,
        kind=document.kind,
        hint=document.hint,
        errors=document.errors,
        retry_after=None if seconds is None else timedelta(seconds=seconds),
    )
