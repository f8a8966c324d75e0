"""Hiding secrets of the configuration, and taking a hidden view back without losing them."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

#: What stands in place of a secret in every view.
REDACTED: Final = "********"

_SECRET_NAME = re.compile(r"password|passwd|secret|token|api_?key|hash|credential", re.IGNORECASE)
_SECRET_LISTS = {("notifications", "urls"), ("notifications", "webhooks")}
_USER_INFO = re.compile(r"(?<=://)[^/?#@\s]+(?=@)")


def redacted(document: Mapping[str, object]) -> dict[str, object]:
    """Return a copy without secrets: passwords, tokens, hashes, notification addresses.

    User names and passwords inside other addresses are hidden as well. An empty secret stays
    empty, so that one can see whether it is set.
    """
    return {name: _hidden(value, (name,)) for name, value in document.items()}


def restored_secrets(
    document: Mapping[str, object], stored: Mapping[str, object]
) -> dict[str, object]:
    """Put back the stored secrets where a document still shows them hidden.

    So a view can be changed and sent back as a whole. Servers are recognised by their names.
    """
    hidden = redacted(stored)
    return {
        name: _restored(value, hidden.get(name), stored.get(name))
        for name, value in document.items()
    }


def _hidden(value: object, path: tuple[str, ...]) -> object:
    if isinstance(value, Mapping):
        return {name: _hidden(inner, (*path, str(name))) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        if path in _SECRET_LISTS or _SECRET_NAME.search(path[-1]):
            return [REDACTED for _ in value]
        return [_hidden(inner, path) for inner in value]
    if _SECRET_NAME.search(path[-1]):
        return REDACTED if value else value
    return _USER_INFO.sub(REDACTED, value) if isinstance(value, str) else value


def _restored(value: object, hidden: object, stored: object) -> object:
    if isinstance(value, Mapping) and isinstance(hidden, Mapping) and isinstance(stored, Mapping):
        return {
            name: _restored(inner, hidden.get(name), stored.get(name))
            for name, inner in value.items()
        }
    if isinstance(value, list) and isinstance(hidden, list) and isinstance(stored, Sequence):
        pairs = [_partner(inner, index, hidden, stored) for index, inner in enumerate(value)]
        return [_restored(inner, *pair) for inner, pair in zip(value, pairs, strict=True)]
    is_hidden = isinstance(value, str) and REDACTED in value
    return stored if is_hidden and value == hidden else value


def _partner(
    value: object, index: int, hidden: Sequence[object], stored: Sequence[object]
) -> tuple[object, object]:
    """Find the stored element that a shown element stands for: by name, else by place."""
    if isinstance(value, Mapping):
        for shown, kept in zip(hidden, stored, strict=True):
            if isinstance(shown, Mapping) and shown.get("name") == value.get("name"):
                return shown, kept
        return None, None
    return (hidden[index], stored[index]) if index < len(hidden) else (None, None)
