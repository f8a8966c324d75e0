"""What a client may send, read strictly."""

from typing import Any, Final

import attrs
import msgspec

from aniworld_http.websocket.messages import Room

_LONGEST_NAME: Final = 40


class BadMessageError(Exception):
    """A message that cannot be followed.

    Attributes:
        code: Names what is wrong, for machines.
        message: The same for people.
    """

    def __init__(self, code: str, message: str) -> None:
        """Say what is wrong."""
        super().__init__(message)
        self.code = code
        self.message = message


@attrs.frozen(kw_only=True)
class Action:
    """A wish of a client.

    Attributes:
        action: What it wants.
        data: What belongs to it.
        room: The room it is about, for clients that do not put it into `data`.
    """

    action: str
    data: dict[str, Any] | None = attrs.field(default=None, repr=False)
    room: str | None = None


_decoder: Final = msgspec.json.Decoder(Action)


def read_action(text: str) -> Action:
    """Read a message.

    Raises:
        BadMessageError: If it is no action.
    """
    try:
        return _decoder.decode(text)
    except (msgspec.ValidationError, UnicodeError) as error:
        raise BadMessageError("bad_message", f"this is no action: {error}") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadMessageError("bad_json", "this is not JSON") from error


def token_of(action: Action) -> str:
    """Return the token a client signs in with.

    Raises:
        BadMessageError: If there is none.
    """
    token = (action.data or {}).get("token")
    if not isinstance(token, str):
        raise BadMessageError("bad_message", "data.token must be a text")
    return token


def first_token_of(action: Action) -> str:
    """Return the token of the message with which a connection has to begin.

    Raises:
        BadMessageError: If it is another message.
    """
    if action.action != "auth":
        raise BadMessageError("not_signed_in", "the first message must be auth")
    return token_of(action)


def room_of(action: Action) -> Room:
    """Return the room a client names.

    Raises:
        BadMessageError: If there is no such room.
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
