"""Stored listings: one JSON file per series in the data folder, and an index of their links.

The links, states and numbers of the entries come from past listings. Without its file a series is
listed again from its link.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import attrs
from anyio import to_thread

from aniworld_core.domain.identity import (
    MAX_KEY_LENGTH,
    SeriesKey,
    key_from_name,
    parse_series_key,
)
from aniworld_core.errors import InvalidKeyError
from aniworld_providers.catalogues.ytdlp.numbering import StoredEntry
from aniworld_providers.ytdlp import EntryState, ListedEntry

_INDEX: Final = "index.json"


@attrs.frozen(kw_only=True)
class StoredListing:
    """A series as its listings gave it.

    Attributes:
        link: Canonical link.
        read_whole_at: Time of the last complete listing.
        by_year: Whether entries without numbers are divided by year.
        grows_at_end: Whether new entries come last in the list.
        entries: Ordered by season and number.
    """

    key: SeriesKey
    link: str
    name: str
    description: str
    cover_url: str | None
    read_whole_at: datetime
    by_year: bool
    grows_at_end: bool
    entries: tuple[StoredEntry, ...]


@attrs.define(eq=False)
class ListingStorage:
    """Stored listings by key.

    Attributes:
        names: Key → name of every stored series.
        links: Key → canonical link.
    """

    _folder: Path
    names: dict[SeriesKey, str] = attrs.field(factory=dict)
    links: dict[SeriesKey, str] = attrs.field(factory=dict)

    def key_of(self, link: str) -> SeriesKey:
        """Return the key of a stored link, or a provisional key made of the link."""
        for key, known in self.links.items():
            if known == link:
                return key
        return SeriesKey(f"link-{hashlib.sha256(link.encode('utf-8', 'replace')).hexdigest()[:16]}")

    async def load_index(self) -> None:
        """Load names and links of stored series; an unreadable index is ignored."""
        document = await to_thread.run_sync(_read_json, self._folder / _INDEX)
        for raw, facts in document.items() if isinstance(document, dict) else ():
            with suppress(InvalidKeyError, KeyError, TypeError):
                key = parse_series_key(raw)
                self.names[key], self.links[key] = str(facts["name"]), str(facts["link"])

    async def load(self, key: SeriesKey) -> StoredListing | None:
        """Return a stored series; `None` if there is none or its file is damaged."""
        return await to_thread.run_sync(_load, self._folder / f"{key}.json")

    async def save(self, listing: StoredListing) -> None:
        """Store a series.

        Raises:
            OSError: If it cannot be written.
        """
        self.names[listing.key], self.links[listing.key] = listing.name, listing.link
        index = {key: {"name": self.names[key], "link": self.links[key]} for key in self.names}
        await to_thread.run_sync(_save, self._folder, listing, index)


def key_of_list(extractor: str, list_id: str) -> SeriesKey:
    """Return the key of a list: extractor and id.

    Ids can differ only in case or punctuation, which a key cannot hold; a digest of the id is
    appended to those.
    """
    text = f"{extractor.lower()}-{list_id}"
    slug = key_from_name(text)
    if slug == text:
        return slug
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
    return SeriesKey(f"{(slug or 'list')[: MAX_KEY_LENGTH - 9].rstrip('-')}-{digest}")


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _load(path: Path) -> StoredListing | None:
    document = _read_json(path)
    try:
        entries = tuple(_entry(raw) for raw in document.pop("entries"))
        read = datetime.fromisoformat(document.pop("read_whole_at"))
        return StoredListing(**document, read_whole_at=read, entries=entries)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _entry(raw: Mapping[str, Any]) -> StoredEntry:
    facts = dict(raw["entry"])
    state = EntryState(facts.pop("state"))
    return StoredEntry(
        entry=ListedEntry(**facts, state=state),
        season=int(raw["season"]),
        number=int(raw["number"]),
        is_listed=bool(raw["is_listed"]),
    )


def _save(folder: Path, listing: StoredListing, index: Mapping[SeriesKey, object]) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    document = attrs.asdict(listing) | {"read_whole_at": listing.read_whole_at.isoformat()}
    _replace(folder / f"{listing.key}.json", document)
    stored = _read_json(folder / _INDEX)
    _replace(folder / _INDEX, {**(stored if isinstance(stored, dict) else {}), **index})


def _replace(path: Path, document: object) -> None:
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        fresh.write_text(json.dumps(document), encoding="ascii")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
