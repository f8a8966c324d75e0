"""The metadata source of NFO files."""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import attrs
from anyio import to_thread

from aniworld_core.domain.catalogue import AirDate, EpisodeDetails, MetadataEntry
from aniworld_core.errors import MetadataNotFoundError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.metadata import MetadataSource
from aniworld_providers.metadata.nfo.files import episode_files, read_foreign, series_files
from aniworld_providers.metadata.nfo.reading import NAME, read_episode_nfo, read_series_nfo

#: Time to use the list of files again, so that many series are identified with one walk.
_WALKED_FOR: Final = timedelta(minutes=1)


@attrs.frozen
class _Found:
    """An NFO file of a series with its entry, without the facts of episodes."""

    path: Path
    entry: MetadataEntry


@attrs.define(eq=False, kw_only=True)
class NfoFiles(MetadataSource):
    """Series with a `tvshow.nfo` of another program; the id is a digest of its folder."""

    _folders: Callable[[], Sequence[Path]]
    _clock: Clock
    _walked_at: datetime | None = attrs.field(default=None, init=False)
    _found: dict[str, _Found] = attrs.field(factory=dict, init=False)

    @property
    def name(self) -> str:
        return NAME

    @property
    def is_local(self) -> bool:
        return True

    async def search(self, title: str) -> Sequence[MetadataEntry]:
        words = _folded(title)
        found = (await self._current()).values()
        hits = [f.entry for f in found if words and _fits(words, f.entry)]
        return sorted(hits, key=lambda e: (_folded(e.title) != words, e.title))[:20]

    async def get(self, entry_id: str) -> MetadataEntry:
        found = (await self._current()).get(entry_id)
        if found is None:
            raise MetadataNotFoundError(NAME, entry_id)
        return await to_thread.run_sync(_whole, found)

    async def find(self, external_ids: Mapping[str, str]) -> MetadataEntry | None:
        wanted = {f"{database}-{value}" for database, value in external_ids.items()}
        for found in (await self._current()).values():
            if wanted & set(found.entry.external_ids):
                return await to_thread.run_sync(_whole, found)
        return None

    async def _current(self) -> Mapping[str, _Found]:
        now = self._clock.now()
        if self._walked_at is None or now - self._walked_at >= _WALKED_FOR:
            self._found = await to_thread.run_sync(_walk, tuple(self._folders()), now)
            self._walked_at = now
        return self._found


def _walk(folders: Sequence[Path], now: datetime) -> dict[str, _Found]:
    found: dict[str, _Found] = {}
    for folder in folders:
        for path in series_files(folder):
            place = path.parent.relative_to(folder).as_posix().encode("utf-8", "surrogateescape")
            entry_id = hashlib.sha256(place).hexdigest()[:16]
            entry = read_series_nfo(read_foreign(path), entry_id, now)
            if entry is not None:
                found.setdefault(entry_id, _Found(path, entry))
    return found


def _whole(found: _Found) -> MetadataEntry:
    """Return the entry with air dates and number of its episodes; blocks."""
    episodes: dict[tuple[int, int], tuple[EpisodeDetails, AirDate | None]] = {}
    for path in episode_files(found.path.parent):
        for details, date in read_episode_nfo(read_foreign(path)):
            episodes[details.season or 0, details.number] = details, date
    ordered = [episodes[place] for place in sorted(episodes)]
    return attrs.evolve(
        found.entry,
        air_dates=tuple(date for _, date in ordered if date is not None),
        episode_count=sum(season > 0 for season, _ in episodes) or None,
        details=attrs.evolve(found.entry.details, episodes=tuple(each for each, _ in ordered)),
    )


def _fits(words: str, entry: MetadataEntry) -> bool:
    titles = [_folded(title) for title in entry.all_titles]
    return any(words in title or title in words for title in titles if title)


def _folded(text: str) -> str:
    kept = "".join(c if c.isalnum() else " " for c in text.casefold())
    return " ".join(kept.split())


@asynccontextmanager
async def open_nfo(context: AdapterContext) -> AsyncIterator[NfoFiles]:
    """Open the source; no file is read before the first call."""
    yield NfoFiles(folders=context.library_folders, clock=context.clock)
