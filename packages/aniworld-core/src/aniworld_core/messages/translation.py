"""Messages in the languages of pages and command; their texts are in `locale`."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from aniworld_core.messages.message import Message, Value, bytes_text, fill, placeholders

_FOLDER: Final = Path(__file__).parent / "locale"
#: Kinds of tracks in languages other than English; any other track is a position or a name.
_TRACKS: Final = {"de": {"video": "Bild", "audio": "Ton", "subtitle": "Untertitel"}}
_BRACKETS: Final = re.compile(r"[\[\]]")
_NO_TEXTS: Final[Mapping[str, str]] = {}


@cache
def message_texts(language: str) -> Mapping[str, str]:
    """Return the template of every kind of message in a language, `de` or `en`."""
    texts: Mapping[str, str] = json.loads((_FOLDER / f"{language}.json").read_bytes())
    return texts


def translation(text: str, language: str, own: Mapping[str, str] = _NO_TEXTS) -> str:
    """Return a message in a language, like pages show it.

    Text that is no message, and messages whose kind or values are not known there, stay as they
    are.

    Args:
        text: The message.
        language: `de` or `en`.
        own: Templates that a program has in place of those of the pages, by kind.
    """
    if not isinstance(text, Message):
        return text
    template = own.get(text.kind) or message_texts(language).get(text.kind)
    if template is None:
        return str(text)
    values = text.values
    names = placeholders(_BRACKETS.sub("", template))
    if not names <= values.keys():
        return str(text)
    return fill(template, {name: _shown(name, values[name], language) for name in names})


def _shown(name: str, value: Value, language: str) -> Value:
    """Format a value by its type and by the end of its name; see the rules of `messages`."""
    if isinstance(value, str):
        if name == "track":
            return _TRACKS.get(language, {}).get(value, value)
        if name.endswith("_at"):
            return value.replace("T", " ").replace("Z", " UTC")
        return translation(value, language)
    if isinstance(value, Sequence):
        has_messages = any(isinstance(each, Message) for each in value)
        shown = [str(_shown(name, each, language)) for each in value]
        return ("; " if has_messages else ", ").join(shown)
    if value is None:
        return None
    if name.endswith("_bytes"):
        return _decimal(bytes_text(value), language)
    if name.endswith("_seconds"):
        return _duration(value, language)
    return value


def _duration(seconds: float, language: str) -> str:
    if seconds < 60:
        return _decimal(f"{round(seconds, 1):g} s", language)
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _decimal(text: str, language: str) -> str:
    return text.replace(".", ",") if language == "de" else text
