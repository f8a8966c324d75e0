"""Stored lists: one JSON file per series in the data folder, and an index of their links.

The links, states and numbers of the entries come from past listings.
"""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar

import attrs
from anyio import to_thread

from aniworld_core.domain.catalogue import SeriesMatch
from aniworld_core.domain.identity import SeriesKey, parse_series_key
from aniworld_core.errors import (
    InvalidKeyError,
    ProviderUnavailableError,
    SeriesNotFoundError,
)
from aniworld_core.messages import Message, os_reason

_INDEX: Final = "index.json"


class StoredList(Protocol):
    """A stored list."""

    @property
    def key(self) -> SeriesKey:
        """Return the key of its series."""

    @property
    def name(self) -> str:
        """Return its name."""

    @property
    def link(self) -> str:
        """Return its link."""


T = TypeVar("T", bound=StoredList)


@attrs.define(eq=False)
class ListingStorage(Generic[T]):
    """Stored lists by key.

    Attributes:
        names: Key → name of every stored series.
        links: Key → canonical link.
    """

    _folder: Path
    _to_json: Callable[[T], Mapping[str, Any]]
    _from_json: Callable[[dict[str, Any]], T]
    names: dict[SeriesKey, str] = attrs.field(factory=dict)
    links: dict[SeriesKey, str] = attrs.field(factory=dict)

    def key_of(self, link: str) -> SeriesKey | None:
        """Return the key of a stored link."""
        return next((key for key, known in self.links.items() if known == link), None)

    def search(self, query: str, *, site: str, provider: str) -> list[SeriesMatch]:
        """Return the stored series whose names have every word of a query, by name."""
        words = query.casefold().split()
        return [
            SeriesMatch(key=key, name=name, site=site, provider=provider, link=self.links[key])
            for key, name in sorted(self.names.items(), key=lambda pair: pair[1])
            if words and all(word in name.casefold() for word in words)
        ]

    async def load_index(self) -> None:
        """Load names and links of stored series; an unreadable index is ignored."""
        document = await to_thread.run_sync(_read_json, self._folder / _INDEX)
        for raw, facts in document.items() if isinstance(document, dict) else ():
            with suppress(InvalidKeyError, KeyError, TypeError):
                key = parse_series_key(raw)
                self.names[key], self.links[key] = str(facts["name"]), str(facts["link"])

    async def load(self, key: SeriesKey) -> T | None:
        """Return a stored list; `None` if there is none or its file is damaged."""
        document = await to_thread.run_sync(_read_json, self._folder / f"{key}.json")
        try:
            return self._from_json(document)
        except (AttributeError, KeyError, TypeError, ValueError):
            return None

    async def require(self, key: SeriesKey, link: str, *, provider: str, site: str) -> T:
        """Return a stored list: only it knows which entry has which number.

        Args:
            key: Key of the series.
            link: Its link; empty if unknown.
            provider: Name of the catalogue.
            site: Public name of the catalogue.

        Raises:
            SeriesNotFoundError: If there is no list with this key.
            ProviderUnavailableError: If its file is lost; a refresh of the series replaces it.
        """
        stored = await self.load(key)
        if stored is not None:
            return stored
        if link or key in self.links:
            raise ProviderUnavailableError(provider, Message("list_numbers_lost"))
        raise SeriesNotFoundError(key, where=site)

    async def save(self, stored: T) -> None:
        """Store a list.

        Raises:
            ProviderUnavailableError: If it cannot be written.
        """
        self.names[stored.key], self.links[stored.key] = stored.name, stored.link
        index = {key: {"name": self.names[key], "link": self.links[key]} for key in self.names}
        document = dict(self._to_json(stored))
        try:
            await to_thread.run_sync(_save, self._folder, stored.key, document, index)
        except OSError as error:
            reason = Message("cannot_be_written", reason=os_reason(error))
            raise ProviderUnavailableError(self._folder.name, reason) from error


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _save(
    folder: Path, key: SeriesKey, document: object, index: Mapping[SeriesKey, object]
) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _replace(folder / f"{key}.json", document)
    stored = _read_json(folder / _INDEX)
    _replace(folder / _INDEX, {**(stored if isinstance(stored, dict) else {}), **index})


def _replace(path: Path, document: object) -> None:
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        fresh.write_text(json.dumps(document), encoding="ascii")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
