"""Loader: the adapter of one catalogue."""

import enum
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from aniworld_core.domain.catalogue import (
    BrowseEntry,
    BrowseListName,
    ListPreview,
    ListRules,
    Series,
    SeriesMatch,
)
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.media import Language, MediaSource
from aniworld_core.errors import AniworldError, BrowseListNotFoundError
from aniworld_core.messages import Message
from aniworld_core.ports.context import AdapterContext


class Breadth(enum.IntEnum):
    """Which links a catalogue takes; narrower catalogues are asked first."""

    SITE = 0  #: links of its own site or servers
    FORMAT = 1  #: links of any site to one format, such as feeds
    ANY = 2  #: links of any site


class Loader(ABC):
    """Search one catalogue and read its series, episodes and sources.

    Every method that makes requests may raise `ProviderUnavailableError`, `NeedsPersonError`,
    `ProviderChangedError` (naming the missing part), `ProviderDeniedError` and
    `RestrictedError`. A loader never retries a refusal and never tries to bypass it.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """Return its name in the configuration, such as `archive`."""

    @property
    @abstractmethod
    def site(self) -> str:
        """Return the public name of the catalogue, such as `archive.org`."""

    @abstractmethod
    def owns(self, link: str) -> bool:
        """Return whether the link belongs to this catalogue; never raises, no I/O."""

    @property
    def breadth(self) -> Breadth:
        """Return which links it takes."""
        return Breadth.SITE

    @property
    def is_fallback(self) -> bool:
        """Return whether it takes links of any site, after the catalogues of one site.

        The key of a link that such a loader has not read yet is provisional: `get_series` returns
        the final one, which `key_from_link` then returns for the link of that series.
        """
        return self.breadth is not Breadth.SITE

    async def recognises(self, link: str) -> bool:
        """Return whether it takes a link, after asking its server if the link does not show it.

        Sends at most one request, and returns False if there is no answer. A recognised link is
        owned from then on. The default asks nobody.
        """
        return self.owns(link)

    @abstractmethod
    def key_from_link(self, link: str) -> SeriesKey:
        """Return the key of a link to a series, season or episode; no I/O.

        Raises:
            InvalidLinkError: If the link is foreign or names no series.
        """

    @property
    def can_search(self) -> bool:
        """Return whether `search` asks a site; no I/O.

        A loader without a configured server, or one that finds only what it has read before,
        returns false: its empty result does not say that nothing exists.
        """
        return True

    @abstractmethod
    async def search(self, query: str) -> Sequence[SeriesMatch]:
        """Return the search results, best first; may be empty."""

    @abstractmethod
    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        """Return the series with every episode the catalogue lists, announced ones included.

        `downloaded`, `file` and `added_at` have their defaults; the folder is a suggestion. A
        series without a season has no episodes. The returned key differs from *key* only if the
        site redirects to another key.

        Args:
            key: Key of the series.
            ref: The loader's own identifier (`Series.provider_ref` or a link), if known.

        Raises:
            SeriesNotFoundError: If the catalogue has none with this key, or it was removed.
        """

    async def refresh(self, known: Series) -> Series:
        """Return the current series with as few requests as needed to find changes.

        The result is that of `get_series`, except that slowly changing parts may be taken from
        *known*. A loader without a cheaper way requests everything.

        Args:
            known: The stored series, with the key of the catalogue.

        Raises:
            SeriesNotFoundError: If the catalogue has none with this key, or it was removed.
        """
        return await self.get_series(known.key, known.provider_ref or known.link)

    @abstractmethod
    async def get_episodes(self, key: SeriesKey) -> Mapping[int, Sequence[int]]:
        """Return season → ascending episode numbers; announced episodes are left out.

        Raises:
            SeriesNotFoundError: If the catalogue has none with this key.
        """

    @abstractmethod
    async def get_sources(
        self, episode: EpisodeRef, language: Language, ref: str = ""
    ) -> Sequence[MediaSource]:
        """Return the sources of the episode in this language, preferred first.

        Sources of unknown language come last. Empty if there is no source in this language yet.

        Raises:
            SeriesNotFoundError: If the catalogue has none with this key.
            EpisodeNotFoundError: If the series has no such episode.
        """

    @property
    def cover_reach(self) -> frozenset[str]:
        """Return host and port, joined by a colon, of its own servers that covers come from.

        They may be reached besides the public internet and the configured addresses.
        """
        return frozenset()

    @property
    def browse_lists(self) -> frozenset[BrowseListName]:
        """Return the names of its browse lists; none by default."""
        return frozenset()

    async def browse(self, browse_list: BrowseListName) -> Sequence[BrowseEntry]:
        """Return the entries of a browse list, in the order that `BrowseListName` documents.

        No entry appears twice: several languages of an episode are one entry. The list has all
        entries of the catalogue; an unreadable list is an error, not an empty list. Times are
        never invented.

        Raises:
            BrowseListNotFoundError: If it has no such list.
        """
        raise BrowseListNotFoundError(self.name, browse_list)


class ListLoader(Loader):
    """Loader whose series are lists without fixed numbers, such as channels and feeds.

    The rules of a series decide which entries of its list are episodes (`Series.list_rules`), and
    how entries are numbered. A number once given stays with its entry, whatever the rules are
    later; the number of an entry does not depend on the filters. `refresh` obeys the rules of the
    known series. If the loader's own record of a list is lost, `refresh` gives the episodes of the
    known series the numbers that they have there (`Episode.catalogue_id`).
    """

    @abstractmethod
    async def get_list(self, key: SeriesKey, ref: str, rules: ListRules) -> Series:
        """Return the series as `get_series` does, with the episodes that the rules take.

        Raises:
            SeriesNotFoundError: If the catalogue has none with this key, or it was removed.
        """

    @abstractmethod
    async def peek(self, key: SeriesKey, ref: str, rules: ListRules) -> Series:
        """Return the series as `get_list` does, and store nothing: no entry keeps its number.

        Raises:
            SeriesNotFoundError: If the catalogue has none with this key, or it was removed.
        """

    @abstractmethod
    async def choose(self, known: Series) -> Series:
        """Return a known series with the episodes that its rules take.

        No request is sent, unless the loader's own record of the list is lost.

        Args:
            known: The stored series, with the key of the catalogue.
        """

    @abstractmethod
    async def preview(self, link: str, rules: ListRules, *, limit: int) -> ListPreview:
        """Return what rules would take from the list of a link; no number is given by it.

        Args:
            link: Link of the list, in the library or not.
            rules: The rules.
            limit: Most entries to return.

        Raises:
            InvalidLinkError: If the link leads to no list.
            SeriesNotFoundError: If the list does not exist.
        """

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        """Return the series with every entry of its list."""
        return await self.get_list(key, ref, ListRules())

    async def note_refusal(self, episode: EpisodeRef, error: AniworldError) -> Message | None:
        """Record that the download of an episode failed, and return why it is not available now.

        A site may list a video that it then shows only to members, to adults or in some countries.
        The state is kept through later refreshes until the video is worth another attempt, so
        that nobody downloads it again in vain. The default records nothing.

        Args:
            episode: The episode, with the key of the catalogue.
            error: The error of its sources.

        Returns:
            The reason; `None` if the error does not describe this video.
        """
        return None


#: Open a loader with its context.
LoaderFactory: TypeAlias = Callable[[AdapterContext], AbstractAsyncContextManager[Loader]]
