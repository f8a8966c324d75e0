"""Loader for Jellyfin servers.

Paths and formats follow the API description of Jellyfin 10.9 to 12.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

import anyio
import attrs

from aniworld_core.domain.catalogue import (
    BrowseEntry,
    BrowseListName,
    Series,
    SeriesMatch,
    arranged,
)
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.domain.library import safe_component
from aniworld_core.domain.media import Language, MediaSource, StreamKind
from aniworld_core.domain.subtitles import Subtitle
from aniworld_core.errors import (
    AniworldError,
    BrowseListNotFoundError,
    EpisodeNotFoundError,
    InvalidLinkError,
    RestrictedError,
    SeriesNotFoundError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.jellyfin.answers import NAME, SITE, SeriesItem
from aniworld_providers.catalogues.jellyfin.episodes import JellyfinEpisode, JellyfinFile
from aniworld_providers.catalogues.jellyfin.links import item_id_of
from aniworld_providers.catalogues.jellyfin.series_keys import SeriesKeys, short_id_in
from aniworld_providers.catalogues.jellyfin.server import JellyfinServer

logger: logging.Logger = logging.getLogger(__name__)

_BETWEEN = "|"


@attrs.define(eq=False, kw_only=True)
class JellyfinLoader(Loader):
    """Loader for the series of all configured servers."""

    _servers: Sequence[JellyfinServer]
    _keys: SeriesKeys

    @property
    def name(self) -> str:
        return NAME

    @property
    def site(self) -> str:
        return SITE

    def owns(self, link: str) -> bool:
        return self._owner(link) is not None

    def key_from_link(self, link: str) -> SeriesKey:
        server = self._owner(link)
        if server is None:
            raise InvalidLinkError(link, Message("link_to_no_server"))
        item_id = server.links.id_in(link)
        if not item_id:
            hint = Message("link_form.hint", example=server.links.details("<id>"))
            raise InvalidLinkError(link, Message("link_names_no_series"), hint=hint)
        return self._keys.key_of(item_id)

    @property
    def can_search(self) -> bool:
        return bool(self._servers)

    async def search(self, query: str) -> Sequence[SeriesMatch]:
        hits: dict[SeriesKey, SeriesMatch] = {}
        if query.strip():
            for server, found in await self._ask_all(lambda server: server.search(query)):
                for item in found:
                    match = self._match(server, item)
                    hits.setdefault(match.key, match)
            await self._keys.save()
        return list(hits.values())

    @property
    def browse_lists(self) -> frozenset[BrowseListName]:
        return frozenset({BrowseListName.NEW})

    async def browse(self, browse_list: BrowseListName) -> Sequence[BrowseEntry]:
        if browse_list is not BrowseListName.NEW:
            raise BrowseListNotFoundError(NAME, browse_list)
        found: dict[SeriesKey, BrowseEntry] = {}
        for server, items in await self._ask_all(JellyfinServer.newest):
            for item in items:
                entry = BrowseEntry.of(self._match(server, item), item.created_at)
                found.setdefault(entry.key, entry)
        await self._keys.save()
        return arranged(browse_list, found.values())

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        server, item = await self._find(key, ref)
        episodes = await server.episodes(item.id, remembered=False)
        if key == item.id:
            # The series was added by link: keep the id as its key from now on.
            self._keys.assign(item.id, key)
        await self._keys.save()
        return attrs.evolve(
            self._described(server, item, self._own_key(key, ref, item)),
            episodes=tuple(episode.listed() for episode in episodes),
        )

    async def get_episodes(self, key: SeriesKey) -> Mapping[int, Sequence[int]]:
        server, item_id = await self._place(key, "")
        seasons: dict[int, list[int]] = {}
        for episode in await server.episodes(item_id, remembered=True):
            seasons.setdefault(episode.season, []).append(episode.number)
        return seasons

    async def get_sources(
        self, episode: EpisodeRef, language: Language, ref: str = ""
    ) -> Sequence[MediaSource]:
        server, item_id = await self._place(episode.series_key, ref)
        for candidate in await server.episodes(item_id, remembered=True):
            last = candidate.last_number or candidate.number
            is_season = candidate.season == episode.season
            if is_season and candidate.number <= episode.number <= last:
                return await _sources(server, candidate, language)
        raise EpisodeNotFoundError(episode.series_key, episode.code)

    def _owner(self, link: str) -> JellyfinServer | None:
        owners = [server for server in self._servers if server.links.owns(link)]
        # One server may run below the address of another.
        return max(owners, key=lambda server: len(server.links.base), default=None)

    async def _ask_all(
        self, question: Callable[[JellyfinServer], Awaitable[Sequence[SeriesItem]]]
    ) -> Sequence[tuple[JellyfinServer, Sequence[SeriesItem]]]:
        """Query all servers concurrently; a failing one does not fail the rest.

        Raises:
            AniworldError: The first error, if all servers fail.
        """
        found: dict[str, Sequence[SeriesItem]] = {}
        failures: list[AniworldError] = []

        async def ask(server: JellyfinServer) -> None:
            try:
                found[server.reach + server.name] = await question(server)
            except AniworldError as error:
                logger.warning("the server %s failed: %s", server.name, error)
                failures.append(error)

        async with anyio.create_task_group() as tasks:
            for server in self._servers:
                tasks.start_soon(ask, server)
        if failures and len(failures) == len(self._servers):
            raise failures[0]
        return [(s, found.get(s.reach + s.name, ())) for s in self._servers]

    # --- server and id ------------------------------------------------------------------------

    async def _place(self, key: SeriesKey, ref: str) -> tuple[JellyfinServer, str]:
        """Return server and id of a series; send a request only if *ref* does not name them."""
        server, item_id = self._named(ref)
        if server is not None and item_id and _BETWEEN in ref:
            return server, item_id
        server, item = await self._find(key, ref)
        return server, item.id

    def _named(self, ref: str) -> tuple[JellyfinServer | None, str]:
        owner = self._owner(ref)
        if owner is not None:
            return owner, owner.links.id_in(ref)
        name, _, named = ref.rpartition(_BETWEEN)
        server = next((server for server in self._servers if server.name == name), None)
        return server, item_id_of(named)

    async def _find(self, key: SeriesKey, ref: str) -> tuple[JellyfinServer, SeriesItem]:
        server, item_id = self._named(ref)
        # The server may have been renamed in the configuration; its ids are the same.
        asked = [server] if server is not None else list(self._servers)
        item_id = item_id or self._keys.id_of(key)
        short = "" if item_id else short_id_in(key)
        failure: AniworldError | None = None
        for candidate in asked if item_id or short else ():
            try:
                if item_id:
                    item = await candidate.series(item_id)
                else:
                    item = await self._look_up(candidate, key, short)
            except AniworldError as error:
                if len(asked) == 1:
                    raise
                failure = failure or error
            else:
                if item is not None:
                    return candidate, item
        if failure is not None:
            raise failure
        raise SeriesNotFoundError(key, where=SITE)

    async def _look_up(
        self, server: JellyfinServer, key: SeriesKey, short: str
    ) -> SeriesItem | None:
        """Return the series of a server whose key is *key*."""
        found = [item for item in await server.all_series() if item.id.startswith(short)]
        for item in found:
            if self._keys.key_for(item.id, item.name) == key:
                return await server.series(item.id)
        return None

    def _own_key(self, key: SeriesKey, ref: str, item: SeriesItem) -> SeriesKey:
        """Return *key*, unless a link led to a season or an episode of the series."""
        _, named = self._named(ref)
        if (named or self._keys.id_of(key) or item.id) == item.id:
            return key
        return self._keys.key_for(item.id, item.name)

    # --- values of the core -------------------------------------------------------------------

    def _match(self, server: JellyfinServer, item: SeriesItem) -> SeriesMatch:
        return SeriesMatch(
            key=self._keys.key_for(item.id, item.name),
            name=item.name,
            site=SITE,
            provider=NAME,
            link=server.links.details(item.id),
            cover_url=_cover(server, item),
            year=item.year,
            description=item.overview,
        )

    def _described(self, server: JellyfinServer, item: SeriesItem, key: SeriesKey) -> Series:
        folder = f"{item.name} ({item.year})" if item.year else item.name
        is_other = item.original_title.casefold() not in {"", item.name.casefold()}
        return Series(
            key=key,
            name=item.name,
            site=SITE,
            provider=NAME,
            folder=FolderName(safe_component(folder, fallback=key)),
            link=server.links.details(item.id),
            provider_ref=f"{server.name}{_BETWEEN}{item.id}",
            description=item.overview,
            year=item.year,
            end_year=item.end_year,
            genres=item.genres,
            alternative_titles=(item.original_title,) if is_other else (),
            cover_url=_cover(server, item),
        )


def _cover(server: JellyfinServer, item: SeriesItem) -> str | None:
    return server.links.cover(item.id, item.cover_tag) if item.cover_tag else None


async def _sources(
    server: JellyfinServer, episode: JellyfinEpisode, language: Language
) -> Sequence[MediaSource]:
    files = [f for f in episode.files if not f.languages or language in f.languages]
    if not files:
        return []
    if not episode.is_free:
        raise RestrictedError(server.name, Message("user_may_not_download"))
    await server.session.require_download(files[0].id)
    headers = (("Authorization", (await server.session.access()).header),)
    return [
        MediaSource(
            provider=NAME,
            hoster=server.name,
            url=server.links.download(file.id),
            language=language if file.languages else None,
            kind=StreamKind.DIRECT,
            headers=headers,
            height=file.height,
            size=file.size,
            duration=file.duration,
            reach=frozenset({server.reach}),
            subtitles=_subtitles(server, file, headers),
        )
        for file in sorted(files, key=lambda file: not file.languages)
    ]


def _subtitles(
    server: JellyfinServer, file: JellyfinFile, headers: tuple[tuple[str, str], ...]
) -> tuple[Subtitle, ...]:
    return tuple(
        Subtitle(
            url=server.links.subtitle(file.id, text.index, text.suffix),
            headers=headers,
            language=text.track.language,
            forced=text.track.forced,
            hearing_impaired=text.track.hearing_impaired,
        )
        for text in file.texts
    )
