"""A catalogue of series."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.media import Language, MediaSource
from aniworld_core.domain.series import Series, SeriesMatch
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


#: Opens a loader in its surroundings.
LoaderFactory: TypeAlias = Callable[[AdapterContext], AbstractAsyncContextManager[Loader]]
