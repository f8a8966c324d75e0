"""A catalogue of series."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from aniworld_core.domain.catalogue import BrowseEntry, BrowseListName, Series, SeriesMatch
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.media import Language, MediaSource
from aniworld_core.errors import BrowseListNotFoundError
from aniworld_core.ports.context import AdapterContext


class Loader(ABC):
    """Knows one catalogue.

    Every method that asks the site may raise `ProviderUnavailableError`, `NeedsPersonError`,
    `ProviderChangedError` (naming what is missing), `ProviderDeniedError` and
    `RestrictedError`. A loader never loops over a refusal and never tries to get around it.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """The name it is configured by, such as `archive`."""

    @property
    @abstractmethod
    def site(self) -> str:
        """The name people know it by, such as `archive.org`."""

    @abstractmethod
    def owns(self, link: str) -> bool:
        """Whether the link belongs to this catalogue; never raises, no I/O."""

    @abstractmethod
    def key_from_link(self, link: str) -> SeriesKey:
        """Return the key in a link to a series, season or episode; no I/O.

        Raises:
            InvalidLinkError: If the link is foreign or names no series.
        """

    @abstractmethod
    async def search(self, query: str) -> Sequence[SeriesMatch]:
        """Return what the catalogue finds, best first; empty if nothing."""

    @abstractmethod
    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        """Return the series with every episode the catalogue lists, announced ones included.

        `downloaded`, `file`, `added_at` and `folder_stamp` are left at their defaults; the
        folder is a suggestion. A series without any season yet has no episodes. The key of
        the answer differs from the one asked for only when the site leads to another key.

        Args:
            key: Which series.
            ref: The loader's own name for it (`Series.provider_ref` or a link) where known.

        Raises:
            SeriesNotFoundError: If the catalogue has none with this key, or it was removed.
        """

    async def refresh(self, known: Series) -> Series:
        """Return the series as it is now, asking no more than it takes to see what is new.

        The answer is that of `get_series`, except that what does not change from one day to the
        next may be as it is in *known*. A loader without a cheaper way asks for everything.

        Args:
            known: The series as the library has it, with the key of the catalogue.

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
        """Return where the episode can be had in this language, preferred first.

        Sources that say nothing about their language are included, last. Empty if the
        episode is not (yet) to be had in this language.

        Raises:
            SeriesNotFoundError: If the catalogue has none with this key.
            EpisodeNotFoundError: If the series has no such episode.
        """

    @property
    def cover_reach(self) -> frozenset[str]:
        """`host:port` pairs of its own making that covers come from.

        They may be reached besides the public internet and the addresses configured for it.
        """
        return frozenset()

    @property
    def browse_lists(self) -> frozenset[BrowseListName]:
        """What it puts on show before anybody searches; nothing, unless a loader says so."""
        return frozenset()

    async def browse(self, browse_list: BrowseListName) -> Sequence[BrowseEntry]:
        """Return what stands on one of its `browse_lists`, in the order of `BrowseListName`.

        No entry is there twice: several languages of an episode are one entry. The list is as
        long as the catalogue makes it, and never empty because it could not be read. Times that
        the catalogue does not say are not made up.

        Raises:
            BrowseListNotFoundError: If it has no such browse list.
        """
        raise BrowseListNotFoundError(self.name, browse_list)


#: Opens a loader in its surroundings.
LoaderFactory: TypeAlias = Callable[[AdapterContext], AbstractAsyncContextManager[Loader]]
