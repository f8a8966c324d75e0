"""Texts of the command in the reader's language.

The English text stands in the code and names the German one in `locale/de.json`. Output translates
texts without values by itself; those with values are built with `tr`. JSON is never translated.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from aniworld_core.messages import Value

ENGLISH: Final = "en"
GERMAN: Final = "de"
#: Variables that name the language, the first with a value decides (POSIX, chapter 8.2).
_VARIABLES: Final = ("ANIWORLD_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")

#: Ends the language in names such as `de_DE.UTF-8`, `de-AT` and `de@euro`.
_TAG: Final = re.compile(r"[-_.@]")

_LANGUAGE: ContextVar[str] = ContextVar("language", default=ENGLISH)


def chosen_language() -> str:
    """Return the language of the environment: German if it says so, else English."""
    # Not through the settings, because help and their own errors have a language too.
    environ = os.environ  # noqa: TID251
    chosen = next((environ[name] for name in _VARIABLES if environ.get(name)), "")
    return GERMAN if _TAG.split(chosen.lower())[0] == GERMAN else ENGLISH


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Use a language within the context."""
    token = _LANGUAGE.set(language)
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


def language() -> str:
    """Return the language in use."""
    return _LANGUAGE.get()


def tr(english: str, **values: "Value") -> str:
    """Return a text in the reader's language, with its placeholders filled like a message.

    Args:
        english: The English template; see `aniworld_core.messages.fill`.
        values: What the text says; messages are translated too, and whole numbers are grouped.
    """
    template = translated(english)
    if not values:
        return template
    from aniworld_core.messages import fill

    return fill(template, {name: _shown(value) for name, value in values.items()})


def translated(english: str) -> str:
    """Return the translation of a text without values; other texts stay as they are."""
    return english if language() == ENGLISH else _german().get(english, english)


def said(text: str) -> str:
    """Return a message of the core or a text without values in the reader's language."""
    if language() == ENGLISH:
        return str(text)
    from aniworld_core.messages import Message
    from aniworld_core.messages.translation import translation

    if not isinstance(text, Message):
        return translated(text)
    # A wrong use is a message with the text of this command.
    return translated(translation(text, language(), _german_messages()))


def decimal(text: str) -> str:
    """Return a number with the reader's decimal mark: `1.2 MB`, in German `1,2 MB`."""
    return text if language() == ENGLISH else text.replace(".", ",")


class _Grouped(int):
    """A number that is written with separators: `17,065`, in German `17.065`."""

    def __str__(self) -> str:
        text = f"{int(self):,}"
        return text if language() == ENGLISH else text.replace(",", ".")


def _shown(value: "Value") -> "Value":
    if isinstance(value, str):
        # Other texts are names, which are never translated.
        return said(value) if hasattr(value, "kind") else value
    return _Grouped(value) if isinstance(value, int) else value


@cache
def _german_messages() -> Mapping[str, str]:
    """Return the texts of messages that name a command where the pages name a page."""
    path = Path(__file__).parent / "locale" / "messages.de.json"
    texts: Mapping[str, str] = json.loads(path.read_bytes())
    return texts


@cache
def _german() -> Mapping[str, str]:
    path = Path(__file__).parent / "locale" / "de.json"
    texts: Mapping[str, str] = json.loads(path.read_bytes())
    return texts
