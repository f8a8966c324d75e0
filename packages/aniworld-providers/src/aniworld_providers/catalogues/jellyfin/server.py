"""One Jellyfin server: its series and their episodes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

import attrs

from aniworld_core.errors import SeriesNotFoundError
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_providers.catalogues.jellyfin.answers import (
    Item,
    SeriesItem,
    read_list,
    read_series,
)
from aniworld_providers.catalogues.jellyfin.episodes import (
    JellyfinEpisode,
    lacks_season,
    number_episodes,
    read_seasons,
)
from aniworld_providers.catalogues.jellyfin.links import JellyfinLinks, item_id_of
from aniworld_providers.catalogues.jellyfin.session import JellyfinSession
from aniworld_providers.network.pages import PageMissingError

T = TypeVar("T")

_SERIES_FIELDS: Final = "Overview,Genres,OriginalTitle"
_EPISODE_FIELDS: Final = "MediaSources,MediaStreams,CanDownload"
_HITS = 50
_PAGE = 250
#: Most series, or episodes of one series; an endless list ends here.
_MOST = 20_000
#: Time to reuse episodes for further requests.
_REMEMBERED_FOR = timedelta(minutes=5)
_REMEMBERED = 64
#: Time to reuse names and years, which rarely change; a rescan only requests the episodes.
_DESCRIBED_FOR = timedelta(hours=12)
_DESCRIBED = 2_000


@attrs.define(eq=False, kw_only=True)
class JellyfinServer:
    """Query one server; methods raise what its session raises.

    Attributes:
        reach: Its configured `host:port`.
    """

    reach: str
    session: JellyfinSession
    _clock: Clock
    _episodes: dict[str, tuple[datetime, tuple[JellyfinEpisode, ...]]] = attrs.field(
        init=False, factory=dict
    )
    _described: dict[str, tuple[datetime, SeriesItem]] = attrs.field(init=False, factory=dict)

    @property
    def name(self) -> str:
        """Its configured name."""
        return self.session.server.name

    @property
    def links(self) -> JellyfinLinks:
        """Its links."""
        return self.session.links

    async def search(self, query: str) -> Sequence[SeriesItem]:
        """Return the series that match, best first."""
        asked = {"searchTerm": query, "Fields": _SERIES_FIELDS, "Limit": str(_HITS)}
        items, _ = await self._list("/Items", _ANY_SERIES | asked | {"StartIndex": "0"})
        return [series for series in map(read_series, items) if series is not None]

    async def newest(self) -> Sequence[SeriesItem]:
        """Return the series that were added last, newest first."""
        asked = {"SortBy": "DateCreated", "SortOrder": "Descending", "Limit": str(_HITS)}
        asked["Fields"] = f"{_SERIES_FIELDS},DateCreated"
        items, _ = await self._list("/Items", _ANY_SERIES | asked | {"StartIndex": "0"})
        return [series for series in map(read_series, items) if series is not None]

    async def all_series(self) -> Sequence[SeriesItem]:
        """Return every series, with id and name only."""
        items = await self._all("/Items", _ANY_SERIES)
        return [series for series in map(read_series, items) if series is not None]

    async def series(self, item_id: str) -> SeriesItem | None:
        """Return the series of an item: the item itself, or the series of a season or episode.

        The result may be some hours old.
        """
        kept = self._described.get(item_id)
        if kept is not None and self._clock.now() - kept[0] < _DESCRIBED_FOR:
            return kept[1]
        item = await self._item(item_id)
        owner = item_id_of(item.get("SeriesId")) if item is not None else ""
        if item is not None and owner and item.get("Type") in {"Season", "Episode"}:
            item = await self._item(owner)
        series = read_series(item) if item is not None else None
        if series is not None:
            _remember(self._described, series.id, (self._clock.now(), series), most=_DESCRIBED)
        return series

    async def episodes(self, series_id: str, *, remembered: bool) -> tuple[JellyfinEpisode, ...]:
        """Return the episodes of a series, ordered; from a recent answer if *remembered*."""
        kept = self._episodes.get(series_id)
        if remembered and kept is not None and self._clock.now() - kept[0] < _REMEMBERED_FOR:
            return kept[1]
        try:
            items = await self._all(f"/Shows/{series_id}/Episodes", {"fields": _EPISODE_FIELDS})
        except PageMissingError as error:
            self._described.pop(series_id, None)
            raise SeriesNotFoundError(series_id, where=self.name) from error
        seasons: Mapping[str, int] = {}
        if lacks_season(items):
            seasons = read_seasons((await self._list(f"/Shows/{series_id}/Seasons", {}))[0])
        episodes = number_episodes(items, seasons)
        _remember(self._episodes, series_id, (self._clock.now(), episodes), most=_REMEMBERED)
        return episodes

    async def _item(self, item_id: str) -> Item | None:
        asked = {"ids": item_id, "Fields": _SERIES_FIELDS}
        items, _ = await self._list("/Items", asked)
        return next((item for item in items if item_id_of(item.get("Id")) == item_id), None)

    async def _all(self, path: str, params: Mapping[str, str]) -> Sequence[Item]:
        """Return a whole list, page by page."""
        found: dict[str, Item] = {}
        start = 0
        while start < _MOST:
            window = {"startIndex": str(start), "limit": str(_PAGE)}
            items, total = await self._list(path, {**params, **window})
            known = len(found)
            found.update((str(item.get("Id")), item) for item in items)
            start += len(items)
            has_all = start >= total if total is not None else len(items) < _PAGE
            # A server that ignores the start index sends the same page again and again.
            if has_all or len(found) == known:
                break
        return list(found.values())

    async def _list(
        self, path: str, params: Mapping[str, str]
    ) -> tuple[Sequence[Item], int | None]:
        answer = await self.session.get_json(path, params)
        return read_list(answer, Message("piece_list_at", path=path, server=self.name))


_ANY_SERIES: Final = {"IncludeItemTypes": "Series", "Recursive": "true"}


def _remember(kept: dict[str, T], name: str, value: T, *, most: int) -> None:
    """Store a value as the newest; drop the oldest ones above the limit."""
    kept.pop(name, None)
    kept[name] = value
    while len(kept) > most:
        del kept[next(iter(kept))]
