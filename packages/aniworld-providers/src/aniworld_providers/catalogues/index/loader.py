"""Loader for folders on web servers; the top folders are series."""

import hashlib
import logging
import re
import unicodedata
from collections.abc import Mapping, Sequence

import anyio
import attrs

from aniworld_core.domain.catalogue import Series, SeriesMatch
from aniworld_core.domain.identity import (
    MAX_KEY_LENGTH,
    EpisodeRef,
    FolderName,
    SeriesKey,
    key_from_name,
)
from aniworld_core.domain.library import safe_component
from aniworld_core.domain.media import Language, MediaSource, StreamKind
from aniworld_core.errors import (
    AniworldError,
    EpisodeNotFoundError,
    InvalidLinkError,
    SeriesNotFoundError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.index.episodes import (
    IndexEpisode,
    IndexFile,
    number_episodes,
)
from aniworld_providers.catalogues.index.links import encoded_name, shown_name
from aniworld_providers.catalogues.index.listing import NAME, SITE
from aniworld_providers.catalogues.index.server import IndexServer
from aniworld_providers.network.pages import PageMissingError

logger: logging.Logger = logging.getLogger(__name__)

_BETWEEN = "|"
_YEAR = re.compile(r"(?<![\s._])[\s._]*+[(\[]((?:19|20)\d\d)(?:\s*+-\s*+(?:(?:19|20)\d\d)?)?[)\]]")
_REMARK = re.compile(r"(?<!\s)\s*+\[[^\[\]]*+\]\s*+$")


@attrs.define(eq=False, kw_only=True)
class IndexLoader(Loader):
    """Loader for the folders of all configured servers."""

    _servers: Sequence[IndexServer]

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
        top = server.links.top_folder_in(link)
        if not top:
            hint = Message("link_form.hint", example=f"{server.links.folder()}<folder>/")
            raise InvalidLinkError(link, Message("link_names_no_folder"), hint=hint)
        return key_of(shown_name(top))

    @property
    def can_search(self) -> bool:
        return bool(self._servers)

    async def search(self, query: str) -> Sequence[SeriesMatch]:
        words = _folded(query).split()
        if not words:
            return []
        answers, failures = await self._ask_all()
        if failures and len(failures) == len(self._servers):
            raise failures[0]
        hits: dict[SeriesKey, tuple[tuple[bool, str], SeriesMatch]] = {}
        for server, folders in answers:
            for top in folders:
                match = _match(server, top)
                text = f"{_folded(shown_name(top))} {match.key.replace('-', ' ')}"
                if all(word in text for word in words):
                    rank = (not text.startswith(" ".join(words)), text)
                    hits.setdefault(match.key, (rank, match))
        return [match for _, match in sorted(hits.values(), key=lambda hit: hit[0])]

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        server, top = await self._find(key, ref)
        episodes = await self._episodes(server, key, top, remembered=False)
        return attrs.evolve(
            _described(server, top, key), episodes=tuple(episode.listed() for episode in episodes)
        )

    async def get_episodes(self, key: SeriesKey) -> Mapping[int, Sequence[int]]:
        server, top = await self._find(key, "")
        seasons: dict[int, list[int]] = {}
        for episode in await self._episodes(server, key, top, remembered=True):
            seasons.setdefault(episode.season, []).append(episode.number)
        return seasons

    async def get_sources(
        self, episode: EpisodeRef, language: Language, ref: str = ""
    ) -> Sequence[MediaSource]:
        server, top = await self._find(episode.series_key, ref)
        for candidate in await self._episodes(server, episode.series_key, top, remembered=True):
            last = candidate.last_number or candidate.number
            is_season = candidate.season == episode.season
            if is_season and candidate.number <= episode.number <= last:
                files = [f for f in candidate.files if f.language in {None, language}]
                files.sort(key=lambda file: file.language is None)
                return [await _source(server, top, file) for file in files]
        raise EpisodeNotFoundError(episode.series_key, episode.code)

    def _owner(self, link: str) -> IndexServer | None:
        owners = [server for server in self._servers if server.links.owns(link)]
        # One base URL may lie below another.
        return max(owners, key=lambda server: len(server.links.base), default=None)

    async def _ask_all(
        self,
    ) -> tuple[Sequence[tuple[IndexServer, Sequence[str]]], Sequence[AniworldError]]:
        """List the top folders of all servers at once; a failing one does not fail the rest."""
        found: dict[int, Sequence[str]] = {}
        failures: list[AniworldError] = []

        async def ask(place: int, server: IndexServer) -> None:
            try:
                found[place] = [entry.encoded for entry in await server.series_folders()]
            except AniworldError as error:
                logger.warning("cannot list the folders of %s: %s", server.name, error)
                failures.append(error)

        async with anyio.create_task_group() as tasks:
            for place, server in enumerate(self._servers):
                tasks.start_soon(ask, place, server)
        return [(self._servers[place], found[place]) for place in sorted(found)], failures

    async def _find(self, key: SeriesKey, ref: str) -> tuple[IndexServer, str]:
        """Return server and folder of a series; send requests only if *ref* names none."""
        owner = self._owner(ref)
        if owner is not None and owner.links.top_folder_in(ref):
            return owner, owner.links.top_folder_in(ref)
        name, _, named = ref.rpartition(_BETWEEN)
        top = encoded_name(named)
        for server in self._servers:
            if top and server.name == name:
                return server, top
        # The server may have been renamed in the configuration; its folders are the same.
        answers, failures = await self._ask_all()
        for server, folders in answers:
            for folder in folders:
                if folder == top or (not top and key_of(shown_name(folder)) == key):
                    return server, folder
        if failures:
            raise failures[0]
        raise SeriesNotFoundError(key, where=SITE)

    async def _episodes(
        self, server: IndexServer, key: SeriesKey, top: str, *, remembered: bool
    ) -> Sequence[IndexEpisode]:
        try:
            films = await server.films(top, remembered=remembered)
        except PageMissingError as error:
            raise SeriesNotFoundError(key, where=server.name) from error
        return number_episodes(films, _name_and_year(shown_name(top))[0])


def key_of(name: str) -> SeriesKey:
    """Return the key of a folder; add a digest if a letter of the name cannot be in a key."""
    slug = key_from_name(name)
    if slug is not None and all(key_from_name(c) for c in set(name) if c.isalnum()):
        return slug
    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
    return SeriesKey(f"{(slug or 'folder')[: MAX_KEY_LENGTH - 9].rstrip('-')}-{digest}")


def _folded(text: str) -> str:
    """Fold case, remove accents and replace punctuation by spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = (c for c in decomposed if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())


def _name_and_year(folder: str) -> tuple[str, int | None]:
    """Parse a folder name such as `Name (2013) [remark]` or `Name.of.it`."""
    match = _YEAR.search(folder)
    year = int(match[1]) if match else None
    name = folder[: match.start()] if match else _REMARK.sub("", folder)
    name = " ".join(name.split())
    if " " not in name:
        name = " ".join(name.replace("_", " ").replace(".", " ").split())
    return name or folder, year


def _match(server: IndexServer, top: str) -> SeriesMatch:
    name, year = _name_and_year(shown_name(top))
    return SeriesMatch(
        key=key_of(shown_name(top)),
        name=name,
        site=SITE,
        provider=NAME,
        link=server.links.folder(top),
        year=year,
    )


def _described(server: IndexServer, top: str, key: SeriesKey) -> Series:
    name, year = _name_and_year(shown_name(top))
    return Series(
        key=key,
        name=name,
        site=SITE,
        provider=NAME,
        folder=FolderName(safe_component(shown_name(top), fallback=key)),
        link=server.links.folder(top),
        provider_ref=f"{server.name}{_BETWEEN}{top}",
        year=year,
    )


async def _source(server: IndexServer, top: str, file: IndexFile) -> MediaSource:
    url = server.links.file(top, *file.film.path)
    return MediaSource(
        provider=NAME,
        hoster=server.name,
        url=url,
        language=file.language,
        kind=StreamKind.DIRECT,
        headers=await server.headers_for(url),
        height=file.height,
        size=file.film.size,
        reach=frozenset({server.reach}),
    )
