"""Metadata of AniList (GraphQL, https://docs.anilist.co).

The limit is 90 requests per minute, at times lowered to 30; the answers state it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from aniworld_core.domain.catalogue import (
    AirDate,
    EpisodeDetails,
    MetadataDetails,
    MetadataEntry,
    RelatedEntry,
)
from aniworld_core.errors import (
    MetadataNotFoundError,
    ProviderUnavailableError,
    UnusableAnswerError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.metadata import MetadataSource
from aniworld_providers.metadata import fields
from aniworld_providers.metadata.opening import opener
from aniworld_providers.metadata.pace import RequestPace
from aniworld_providers.network.pages import PageClient

NAME: Final = "anilist"
_BASE: Final = "https://graphql.anilist.co"
_PER_MINUTE: Final = 30
_MOST_EPISODES: Final = 2000
#: Title of an episode at a streaming site, such as `Episode 1 - To You, in 2000 Years`.
_STREAMED: Final = re.compile(r"Episode ([1-9]\d{0,3})(?: [-:] (.+))?$", re.ASCII)
_BRIEF: Final = """
id idMal siteUrl title { romaji english native } synonyms format status season seasonYear
startDate { year } episodes genres description(asHtml: false) coverImage { extraLarge large }
bannerImage
"""
_WHOLE: Final = (
    _BRIEF
    + """
studios(isMain: true) { nodes { name } }
aired: airingSchedule(notYetAired: false, perPage: 50) { nodes { episode airingAt } }
coming: airingSchedule(notYetAired: true, perPage: 50) { nodes { episode airingAt } }
nextAiringEpisode { episode airingAt }
streamingEpisodes { title thumbnail }
relations { edges { relationType node {
id type format title { romaji english native } episodes seasonYear startDate { year } } } }
"""
)
_SEARCH: Final = (
    "query ($search: String) { Page(perPage: 20) { media(search: $search, type: ANIME) {"
    + _BRIEF
    + "} } }"
)
_BY_ID: Final = "query ($id: Int) { Media(id: $id, type: ANIME) {" + _WHOLE + "} }"
_BY_MAL: Final = "query ($id: Int) { Media(idMal: $id, type: ANIME) {" + _WHOLE + "} }"


@attrs.define(eq=False, kw_only=True)
class AniList(MetadataSource):
    """Entries of AniList; each is one season of a series."""

    base: str
    _pages: PageClient
    _pace: RequestPace
    _clock: Clock

    @property
    def name(self) -> str:
        return NAME

    async def search(self, title: str) -> Sequence[MetadataEntry]:
        data = await self._ask(_SEARCH, {"search": title[:200]})
        found = fields.records(fields.record((data or {}).get("Page")).get("media"))
        return [entry for media in found[:20] if (entry := self._entry(media)) is not None]

    async def get(self, entry_id: str) -> MetadataEntry:
        entry = await self._by_id(_BY_ID, entry_id)
        if entry is None:
            raise MetadataNotFoundError(NAME, entry_id)
        return entry

    async def find(self, external_ids: Mapping[str, str]) -> MetadataEntry | None:
        for database, query in ((NAME, _BY_ID), ("mal", _BY_MAL)):
            entry = await self._by_id(query, external_ids.get(database, ""))
            if entry is not None:
                return entry
        return None

    async def _by_id(self, query: str, entry_id: str) -> MetadataEntry | None:
        if not fields.is_id(entry_id):
            return None
        data = await self._ask(query, {"id": int(entry_id)})
        media = (data or {}).get("Media")
        return self._entry(media) if isinstance(media, dict) else None

    async def _ask(self, query: str, variables: Mapping[str, object]) -> Mapping[str, Any] | None:
        """Return the data of an answer; `None` if there is no such entry."""
        await self._pace.wait()
        page = await self._pages.ask(
            "POST",
            self.base,
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            body=json.dumps({"query": query, "variables": variables}).encode(),
            accepts={400, 404, 429},
        )
        self._pace.check(page)
        answer = fields.record(self._pages.read_json(page))
        # Errors also come with status 200.
        errors = fields.records(answer.get("errors"))
        statuses = {fields.whole(error.get("status")) for error in errors}
        if 429 in statuses:
            raise self._pace.refused(page)
        if 404 in statuses or (page.status == 404 and not errors):
            return None
        if statuses & {500, 502, 503, 504}:
            raise ProviderUnavailableError(NAME, Message("http_status", status=500))
        data = answer.get("data")
        if errors or not isinstance(data, dict):
            said = fields.name(errors[0].get("message"))[:200] if errors else Message("no_data")
            raise UnusableAnswerError(NAME, Message("answer_reports", said=said))
        return data

    def _entry(self, media: Mapping[str, Any]) -> MetadataEntry | None:
        """Return the entry of a `Media` object; `None` without id or title."""
        number, titles = fields.whole(media.get("id")), _titles(media)
        title = next(iter(titles.values()), "")
        if number is None or not title:
            return None
        mal = fields.whole(media.get("idMal"))
        pictures = fields.record(media.get("coverImage"))
        poster = fields.link(pictures.get("extraLarge")) or fields.link(pictures.get("large"))
        studios = fields.records(fields.record(media.get("studios")).get("nodes"))
        return MetadataEntry(
            source=NAME,
            id=str(number),
            title=title,
            link=fields.link(media.get("siteUrl")) or f"https://anilist.co/anime/{number}",
            fetched_at=self._clock.now(),
            titles=titles,
            aliases=fields.names(media.get("synonyms")),
            kind=fields.word(media.get("format")),
            status=fields.word(media.get("status")),
            quarter=fields.word(media.get("season")),
            year=_year(media),
            episode_count=fields.whole(media.get("episodes")),
            air_dates=_air_dates(media),
            genres=fields.names(media.get("genres")),
            studios=fields.unique(fields.name(each.get("name")) for each in studios),
            description=fields.description(media.get("description")),
            external_ids=(f"{NAME}-{number}", *((f"mal-{mal}",) if mal else ())),
            poster_url=poster,
            banner_url=fields.link(media.get("bannerImage")),
            related=_related(media),
            details=MetadataDetails(episodes=_episodes(media)),
        )


def _titles(media: Mapping[str, Any]) -> dict[str, str]:
    given = fields.record(media.get("title"))
    tags = {"romaji": "ja-Latn", "english": "en", "native": "ja"}
    found = {tag: fields.name(given.get(key)) for key, tag in tags.items()}
    return {tag: title for tag, title in found.items() if title}


def _year(media: Mapping[str, Any]) -> int | None:
    start = fields.record(media.get("startDate"))
    return fields.year(start.get("year")) or fields.year(media.get("seasonYear"))


def _air_dates(media: Mapping[str, Any]) -> tuple[AirDate, ...]:
    nodes = [
        *fields.records(fields.record(media.get("aired")).get("nodes")),
        *fields.records(fields.record(media.get("coming")).get("nodes")),
        fields.record(media.get("nextAiringEpisode")),
    ]
    found: dict[int, AirDate] = {}
    for node in nodes:
        number, at = fields.whole(node.get("episode")), fields.moment(node.get("airingAt"))
        if number is not None and at is not None:
            found[number] = AirDate(number=number, at=at)
    return tuple(found[number] for number in sorted(found))


def _episodes(media: Mapping[str, Any]) -> tuple[EpisodeDetails, ...]:
    """Return title and picture of the episodes that streaming sites list; the first site counts."""
    found: dict[int, EpisodeDetails] = {}
    for each in fields.records(media.get("streamingEpisodes"))[:_MOST_EPISODES]:
        match = _STREAMED.match(fields.name(each.get("title")))
        if match is not None:
            number = int(match[1])
            details = EpisodeDetails(
                number=number, title=match[2] or "", picture_url=fields.link(each.get("thumbnail"))
            )
            found.setdefault(number, details)
    return tuple(found[number] for number in sorted(found))


def _related(media: Mapping[str, Any]) -> tuple[RelatedEntry, ...]:
    related = []
    for edge in fields.records(fields.record(media.get("relations")).get("edges"))[:50]:
        node = fields.record(edge.get("node"))
        number = fields.whole(node.get("id"))
        titles = fields.unique(_titles(node).values())
        if number is not None and titles and node.get("type") == "ANIME":
            related.append(
                RelatedEntry(
                    relation=fields.word(edge.get("relationType")),
                    id=str(number),
                    title=titles[0],
                    titles=titles,
                    kind=fields.word(node.get("format")),
                    year=_year(node),
                    episode_count=fields.whole(node.get("episodes")),
                )
            )
    return tuple(related)


open_anilist = opener(AniList, NAME, site="anilist.co", base=_BASE, per_minute=_PER_MINUTE)
