"""Parse the actions that clients send."""

from typing import Any, Final

import attrs
import msgspec

from aniworld_http.websocket.messages import Room

_LONGEST_NAME: Final = 40


class BadMessageError(Exception):
    """A client sent a message that is not a valid action.

    Attributes:
        code: The kind of the problem, for programs.
        message: The problem as a sentence.
    """

    def __init__(self, code: str, message: str) -> None:
        """Set code and message."""
        super().__init__(message)
        self.code = code
        self.message = message


@attrs.frozen(kw_only=True)
class Action:
    """An action of a client.

    Attributes:
        action: The name of the action.
        data: Its arguments.
        room: The room, for clients that do not put it into `data`.
    """

    action: str
    data: dict[str, Any] | None = attrs.field(default=None, repr=False)
    room: str | None = None


_decoder: Final = msgspec.json.Decoder(Action)


def read_action(text: str) -> Action:
    """Parse a message.

    Raises:
        BadMessageError: If it is not an action.
    """
    try:
        return _decoder.decode(text)
    except (msgspec.ValidationError, UnicodeError) as error:
        raise BadMessageError("bad_message", f"this is no action: {error}") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadMessageError("bad_json", "this is not JSON") from error


def token_of(action: Action) -> str:
    """Return the token of an `auth` action.

    Raises:
        BadMessageError: If it has none.
    """
    token = (action.data or {}).get("token")
    if not isinstance(token, str):
        raise BadMessageError("bad_message", "data.token must be a text")
    return token


def first_token_of(action: Action) -> str:
    """Return the token of the first message of a connection, which must be `auth`.

    Raises:
        BadMessageError: If it is another action.
    """
    if action.action != "auth":
        raise BadMessageError("not_signed_in", "the first message must be auth")
    return token_of(action)


def room_of(action: Action) -> Room:
    """Return the room that an action names.

    Raises:
        BadMessageError: If no such room exists.
    """
    name = (action.data or {}).get("room", action.room)
    if not isinstance(name, str):
        raise BadMessageError("bad_message", "data.room must be a text")
    try:
        return Room(name)
    except ValueError as error:
        known = ", ".join(Room)
        shown = name[:_LONGEST_NAME]
        raise BadMessageError("unknown_room", f"{shown!r} is none of: {known}") from error
