"""Metadata of TVmaze (REST, https://www.tvmaze.com/api).

The limit is 20 requests per 10 seconds and address; no key is needed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from aniworld_core.domain.catalogue import (
    AirDate,
    EpisodeDetails,
    MetadataDetails,
    MetadataEntry,
    SeasonDetails,
)
from aniworld_core.errors import MetadataNotFoundError, ProviderChangedError
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.metadata import MetadataSource
from aniworld_providers.metadata import fields
from aniworld_providers.metadata.opening import opener
from aniworld_providers.metadata.pace import RequestPace
from aniworld_providers.network.pages import PageClient

NAME: Final = "tvmaze"
_BASE: Final = "https://api.tvmaze.com"
_PER_MINUTE: Final = 120
_STATUSES: Final = {
    "running": "releasing",
    "ended": "finished",
    "in_development": "not_yet_released",
}
_MOST_EPISODES: Final = 5000
_MOST_SEASONS: Final = 200
#: Most characters of the description of a season or an episode.
_MOST_CHARACTERS: Final = 1000


@attrs.define(eq=False, kw_only=True)
class TvMaze(MetadataSource):
    """Shows of TVmaze; each has all its seasons."""

    base: str
    _pages: PageClient
    _pace: RequestPace
    _clock: Clock

    @property
    def name(self) -> str:
        return NAME

    async def search(self, title: str) -> Sequence[MetadataEntry]:
        answer = await self._ask("/search/shows", [("q", title[:200])])
        if not isinstance(answer, list):
            raise ProviderChangedError(NAME, Message("piece_shows"))
        shows = [fields.record(each.get("show")) for each in fields.records(answer)[:20]]
        return [entry for show in shows if (entry := self._entry(show)) is not None]

    async def get(self, entry_id: str) -> MetadataEntry:
        entry = await self._show(entry_id) if fields.is_id(entry_id) else None
        if entry is None:
            raise MetadataNotFoundError(NAME, entry_id)
        return entry

    async def find(self, external_ids: Mapping[str, str]) -> MetadataEntry | None:
        own = external_ids.get(NAME, "")
        if fields.is_id(own) and (entry := await self._show(own)) is not None:
            return entry
        for database, parameter in (("tvdb", "thetvdb"), ("imdb", "imdb")):
            value = external_ids.get(database, "")
            if not fields.is_id(value.removeprefix("tt").lstrip("0")):
                continue
            # The site redirects to the show; its answer has no episodes.
            brief = fields.record(await self._ask("/lookup/shows", [(parameter, value)]))
            number = fields.whole(brief.get("id"))
            if number is not None:
                return await self._show(str(number))
        return None

    async def _show(self, entry_id: str) -> MetadataEntry | None:
        embedded = [("embed[]", part) for part in ("episodes", "seasons", "akas")]
        answer = await self._ask(f"/shows/{entry_id}", embedded)
        return None if answer is None else self._entry(fields.record(answer))

    async def _ask(self, path: str, params: Sequence[tuple[str, str]]) -> object | None:
        """Return an answer; `None` if there is no such show."""
        await self._pace.wait()
        page = await self._pages.ask("GET", self.base + path, params=params, accepts={404, 429})
        self._pace.check(page)
        return None if page.status == 404 else self._pages.read_json(page)

    def _entry(self, show: Mapping[str, Any]) -> MetadataEntry | None:
        """Return the entry of a show; `None` without id or name."""
        number, title = fields.whole(show.get("id")), fields.name(show.get("name"))
        if number is None or not title:
            return None
        embedded = fields.record(show.get("_embedded"))
        akas = (fields.name(aka.get("name")) for aka in fields.records(embedded.get("akas")))
        status = fields.word(show.get("status"))
        premiered = fields.moment(show.get("premiered"))
        places = (fields.record(show.get("network")), fields.record(show.get("webChannel")))
        episodes = fields.records(embedded.get("episodes"))[:_MOST_EPISODES]
        return MetadataEntry(
            source=NAME,
            id=str(number),
            title=title,
            link=fields.link(show.get("url")) or f"https://www.tvmaze.com/shows/{number}",
            fetched_at=self._clock.now(),
            aliases=fields.unique(akas),
            kind=fields.word(show.get("type")),
            status=_STATUSES.get(status, status),
            year=premiered.year if premiered else None,
            episode_count=sum(fields.whole(e.get("number")) is not None for e in episodes) or None,
            air_dates=_air_dates(episodes),
            genres=fields.names(show.get("genres")),
            studios=fields.unique(fields.name(place.get("name")) for place in places),
            description=fields.description(show.get("summary")),
            external_ids=_external_ids(number, fields.record(show.get("externals"))),
            poster_url=_picture(show),
            details=MetadataDetails(
                seasons=_seasons(fields.records(embedded.get("seasons"))[:_MOST_SEASONS]),
                episodes=_episodes(episodes),
            ),
        )


def _external_ids(number: int, externals: Mapping[str, Any]) -> tuple[str, ...]:
    found = [f"{NAME}-{number}"]
    if (tvdb := fields.whole(externals.get("thetvdb"))) is not None:
        found.append(f"tvdb-{tvdb}")
    imdb = fields.name(externals.get("imdb"))
    if imdb.startswith("tt") and imdb[2:].isascii() and imdb[2:].isdigit() and len(imdb) <= 12:
        found.append(f"imdb-{imdb}")
    return tuple(found)


def _air_dates(episodes: Sequence[Mapping[str, Any]]) -> tuple[AirDate, ...]:
    found: dict[tuple[int, int], AirDate] = {}
    for each in episodes:
        season, number = fields.whole(each.get("season")), fields.whole(each.get("number"))
        at = fields.aired_at(each.get("airstamp")) or fields.aired_at(each.get("airdate"))
        if season is not None and number is not None and at is not None:
            found[season, number] = AirDate(season=season, number=number, at=at)
    return tuple(found[place] for place in sorted(found))


def _seasons(seasons: Sequence[Mapping[str, Any]]) -> tuple[SeasonDetails, ...]:
    found = {
        number: SeasonDetails(
            number=number,
            title=fields.name(each.get("name")),
            description=fields.description(each.get("summary"))[:_MOST_CHARACTERS],
            poster_url=_picture(each),
        )
        for each in seasons
        if (number := fields.whole(each.get("number"))) is not None
    }
    return tuple(found[number] for number in sorted(found))


def _episodes(episodes: Sequence[Mapping[str, Any]]) -> tuple[EpisodeDetails, ...]:
    found: dict[tuple[int, int], EpisodeDetails] = {}
    for each in episodes:
        season, number = fields.whole(each.get("season")), fields.whole(each.get("number"))
        if season is None or number is None:
            continue
        own_id = fields.whole(each.get("id"))
        found[season, number] = EpisodeDetails(
            season=season,
            number=number,
            title=fields.name(each.get("name")),
            description=fields.description(each.get("summary"))[:_MOST_CHARACTERS],
            minutes=fields.whole(each.get("runtime")),
            picture_url=_picture(each),
            external_id="" if own_id is None else f"{NAME}-{own_id}",
        )
    return tuple(found[place] for place in sorted(found))


def _picture(item: Mapping[str, Any]) -> str | None:
    pictures = fields.record(item.get("image"))
    return fields.link(pictures.get("original")) or fields.link(pictures.get("medium"))


open_tvmaze = opener(TvMaze, NAME, site="tvmaze.com", base=_BASE, per_minute=_PER_MINUTE)
