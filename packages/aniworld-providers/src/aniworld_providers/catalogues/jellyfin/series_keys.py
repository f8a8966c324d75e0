"""Keys of the series on Jellyfin servers.

A link to a series contains only its id, but its key should contain its name. So known pairs are
stored, and a link copied from a search gives the same key in the next process.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import attrs
from anyio import to_thread

from aniworld_core.domain.identity import (
    MAX_KEY_LENGTH,
    SeriesKey,
    key_from_name,
    parse_series_key,
)
from aniworld_core.errors import InvalidKeyError
from aniworld_providers.catalogues.jellyfin.links import item_id_of

_SHORT = 8
_ENDS_IN_SHORT = re.compile(r".*-([0-9a-f]{8})")
#: Most series to remember.
_MOST = 20_000
_MOST_BYTES = 8 * 1024**2


@attrs.define(eq=False)
class SeriesKeys:
    """Keys of series by id; the first key of a series stays."""

    _path: Path
    _keys: dict[str, SeriesKey] = attrs.field(factory=dict)
    _ids: dict[SeriesKey, str] = attrs.field(factory=dict)
    _is_changed: bool = False

    def key_for(self, item_id: str, name: str) -> SeriesKey:
        """Return the key of a series; make one of its name and id if it has none yet."""
        known = self._keys.get(item_id)
        if known is not None:
            return known
        slug = key_from_name(name) or "series"
        key = SeriesKey(f"{slug[: MAX_KEY_LENGTH - _SHORT - 1].rstrip('-')}-{item_id[:_SHORT]}")
        self.assign(item_id, key)
        return self._keys.get(item_id, key)

    def assign(self, item_id: str, key: SeriesKey) -> None:
        """Assign a key to a series, unless either is already assigned."""
        if len(self._keys) >= _MOST or item_id in self._keys:
            return
        # Two series have the same name and the same start of the id: the second gets its whole id.
        own = SeriesKey(item_id) if key in self._ids else key
        self._keys[item_id] = own
        self._ids[own] = item_id
        self._is_changed = True

    def key_of(self, item_id: str) -> SeriesKey:
        """Return the key of an id, or the id itself if it has none."""
        return self._keys.get(item_id, SeriesKey(item_id))

    def id_of(self, key: SeriesKey) -> str:
        """Return the id of a key, or an empty text if it is unknown."""
        return self._ids.get(key) or item_id_of(key)

    async def load(self) -> None:
        """Load the pairs of earlier processes; an unreadable file is ignored."""
        for item_id, key in await to_thread.run_sync(lambda: list(_noted(self._path))):
            self.assign(item_id, key)
        self._is_changed = False

    async def save(self) -> None:
        """Store all pairs for later processes if any is new."""
        if self._is_changed:
            self._is_changed = False
            await to_thread.run_sync(self._write, dict(self._keys))

    def _write(self, keys: dict[str, SeriesKey]) -> None:
        # Only an optimisation: if the file cannot be written, links lead to longer keys.
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            merged = keys | dict(_noted(self._path))
            fresh = self._path.with_name(f"{self._path.name}.new")
            fresh.write_text(json.dumps(merged, indent=0), encoding="ascii")
            fresh.replace(self._path)


def short_id_in(key: SeriesKey) -> str:
    """Return the start of an id that a key ends in, or an empty text."""
    match = _ENDS_IN_SHORT.fullmatch(key)
    return match[1] if match else ""


def _noted(path: Path) -> Iterator[tuple[str, SeriesKey]]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return
        pairs = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return
    for item_id, key in pairs.items() if isinstance(pairs, dict) else ():
        with suppress(InvalidKeyError):
            if item_id_of(item_id) == item_id and isinstance(key, str):
                yield item_id, parse_series_key(key)
