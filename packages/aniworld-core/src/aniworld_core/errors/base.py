"""Base of every error, and the part of a link that errors, logs and progress lines show."""

import re
from collections.abc import Mapping
from typing import ClassVar

from aniworld_core.messages import Message, Value, fill


class AniworldError(Exception):
    """Base of every error raised on purpose.

    Args:
        detail: What happened, for a class that has no template of its own.
        values: Values of the template's placeholders.

    Attributes:
        hint: What a person can do about it; `None` if the message already says it.
        values: What the message is built from.
    """

    #: The English message, with placeholders for `values` (see `messages.fill`).
    template: ClassVar[str] = "{detail}"
    #: Whether the same attempt may succeed later without anybody doing anything.
    retryable: ClassVar[bool] = False

    hint: str | None = None
    values: Mapping[str, Value]

    def __init__(self, detail: str = "", /, **values: Value) -> None:
        if detail:
            values["detail"] = detail
        elif not values and "{detail}" in self.template:
            values["detail"] = ""
        self.values = values
        super().__init__(fill(self.template, self.values))

    @property
    def kind(self) -> str:
        """Name the error for machines: the class name in snake case without its suffix."""
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__.removesuffix("Error"))
        return words.lower()

    @property
    def message(self) -> Message:
        """The message with its kind and values, to be used as the value of another."""
        return Message.of(self.kind, str(self), self.values)


def shown_link(link: str) -> str:
    """Return a link without user, password, query and fragment, cut to 200 characters.

    Everything that errors, logs and progress lines show of a link goes through this.
    """
    shown = without_user(link.strip()[:2048].partition("?")[0].partition("#")[0])
    return shown if len(shown) <= 200 else shown[:197] + "..."


def without_user(link: str) -> str:
    """Return a link without the user and password in front of its host."""
    plain, mark, behind = _split_before(link.strip(), "?#")
    scheme, colon, rest = plain.partition("://") if "://" in plain else ("", "", plain)
    authority, slash, path = rest.partition("/")
    port = authority.rpartition(":")[2]
    if ":" in authority and "@" not in authority and "]" not in authority and not port.isdigit():
        # A password with a slash in it: parsers disagree where the host begins.
        authority, slash, path = rest.rpartition("@")[2].partition("/")
    return f"{scheme}{colon}{authority.rpartition('@')[2]}{slash}{path}{mark}{behind}"


def _split_before(text: str, marks: str) -> tuple[str, str, str]:
    """Split *text* at the first of *marks*."""
    at = min((place for mark in marks if (place := text.find(mark)) >= 0), default=len(text))
    return text[:at], text[at : at + 1], text[at + 1 :]
