"""Full refresh log: when all seasons of each series were read last, across processes.

The episodes themselves are in the library. The log only shows how long they can be trusted, so that
a scan requests the newest season of a series instead of all.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import attrs
from anyio import to_thread

from aniworld_core.domain.identity import SeriesKey, parse_series_key
from aniworld_core.errors import InvalidKeyError

#: Shortest time before the finished seasons of a series are read again.
SEASONS_MAX_AGE: Final = timedelta(hours=24)
_HOURS_APART: Final = 24
_MOST: Final = 10_000
_MOST_BYTES: Final = 4 * 1024**2
#: Entries that may be lost when the process is killed; losing them only costs requests.
_UNSAVED: Final = 20


@attrs.frozen(kw_only=True)
class FullRefresh:
    """Result of a full refresh of a series.

    Attributes:
        at: When all of its seasons had been read.
        rows: Number of episodes of each season, 0 for films.
    """

    at: datetime
    rows: Mapping[int, int]


@attrs.define(eq=False)
class RefreshLog:
    """Full refreshes of all series, stored in a small file."""

    _path: Path
    _refreshes: dict[SeriesKey, FullRefresh] = attrs.field(init=False, factory=dict)
    _gone: set[SeriesKey] = attrs.field(init=False, factory=set)
    _is_loaded: bool = attrs.field(init=False, default=False)
    _unsaved: int = attrs.field(init=False, default=0)

    async def recent(self, key: SeriesKey, now: datetime) -> FullRefresh | None:
        """Return the last full refresh of a series if it is still recent enough.

        It stays valid for one to two days, depending on the key, so that series refreshed together
        are not due together.
        """
        await self._load()
        refresh = self._refreshes.get(key)
        if refresh is None:
            return None
        holds = SEASONS_MAX_AGE + timedelta(hours=crc32(key.encode()) % _HOURS_APART)
        return refresh if timedelta() <= now - refresh.at < holds else None

    async def note(self, key: SeriesKey, refresh: FullRefresh) -> None:
        """Record a full refresh."""
        await self._load()
        self._refreshes.pop(key, None)
        self._refreshes[key] = refresh
        self._gone.discard(key)
        await self._changed()

    async def forget(self, key: SeriesKey) -> None:
        """Remove the entry of a series that is gone or may have changed."""
        await self._load()
        if self._refreshes.pop(key, None) is not None:
            self._gone.add(key)
            await self._changed()

    async def save(self) -> None:
        """Write changes to the file."""
        if self._unsaved:
            self._unsaved = 0
            await to_thread.run_sync(self._write, dict(self._refreshes), frozenset(self._gone))

    async def _changed(self) -> None:
        self._unsaved += 1
        if self._unsaved >= _UNSAVED:
            await self.save()

    async def _load(self) -> None:
        if not self._is_loaded:
            kept = await to_thread.run_sync(lambda: dict(_kept(self._path)))
            self._refreshes = kept | self._refreshes
            self._is_loaded = True

    def _write(
        self, refreshes: Mapping[SeriesKey, FullRefresh], gone: frozenset[SeriesKey]
    ) -> None:
        # The log is an optimisation: if it cannot be written, later scans make more requests.
        with suppress(OSError):
            merged = {key: refresh for key, refresh in _kept(self._path) if key not in gone}
            for key, refresh in refreshes.items():
                other = merged.pop(key, refresh)
                merged[key] = max(refresh, other, key=lambda each: each.at)
            newest = sorted(merged.items(), key=lambda pair: pair[1].at)[-_MOST:]
            document = {
                key: {
                    "at": refresh.at.isoformat(),
                    "rows": {str(s): n for s, n in refresh.rows.items()},
                }
                for key, refresh in newest
            }
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_name(f"{self._path.name}.new")
            fresh.write_text(json.dumps(document), encoding="ascii")
            fresh.replace(self._path)


def _kept(path: Path) -> Iterator[tuple[SeriesKey, FullRefresh]]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return
    for key, entry in document.items() if isinstance(document, dict) else ():
        with suppress(InvalidKeyError, ValueError, TypeError, KeyError, AttributeError):
            yield parse_series_key(key), _full_refresh(entry)


def _full_refresh(entry: Any) -> FullRefresh:
    at = datetime.fromisoformat(entry["at"])
    return FullRefresh(
        at=at.astimezone(UTC), rows={int(s): int(n) for s, n in entry["rows"].items()}
    )
