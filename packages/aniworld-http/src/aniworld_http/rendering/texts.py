"""Texts of the pages, and the choice of their language."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

DEFAULT_LANGUAGE: Final = "en"
LANGUAGES: Final = {"de": "Deutsch", "en": "English"}
#: Language ranges read from a header; browsers send fewer.
_MAX_RANGES: Final = 20


@attrs.frozen
class Texts:
    """All texts of one language by their dotted names."""

    language: str
    _by_name: Mapping[str, str] = attrs.field(repr=False)

    def has(self, name: str) -> bool:
        """Return whether there is a text of this name."""
        return name in self._by_name

    def __call__(self, name: str, **values: object) -> str:
        """Return a text with its `{placeholders}` replaced.

        Raises:
            KeyError: If there is no such text.
        """
        text = self._by_name[name]
        for place, value in values.items():
            text = text.replace(f"{{{place}}}", str(value))
        return text


def load_texts(folder: Path) -> Mapping[str, Texts]:
    """Read every language."""
    return {
        language: Texts(language, json.loads((folder / f"{language}.json").read_bytes()))
        for language in LANGUAGES
    }


def choose_language(remembered: str | None, accepted: str) -> str:
    """Return the language to show.

    Args:
        remembered: Language that the visitor chose before; ignored if there is no such language.
        accepted: The browser's `Accept-Language` (RFC 9110 section 12.5.4).
    """
    if remembered in LANGUAGES:
        return remembered
    best, found = 0.0, DEFAULT_LANGUAGE
    for part in accepted.split(",")[:_MAX_RANGES]:
        tag, _, parameter = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        if language in LANGUAGES and weight > best:
            best, found = weight, language
    return found


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
