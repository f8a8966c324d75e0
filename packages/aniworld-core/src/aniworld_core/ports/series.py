"""Where series are kept."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from aniworld_core.domain.catalogue import Page, Series, SeriesQuery, SeriesSummary
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.domain.media import Language


class SeriesRepository(ABC):
    """Keeps series as whole aggregates, episodes included. Every call is one transaction.

    Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def add(self, series: Series) -> None:
        """Keep a new series. A removed series with the same key is replaced.

        Raises:
            SeriesExistsError: If the key is taken; nothing changes.
        """

    @abstractmethod
    async def get(self, key: SeriesKey) -> Series:
        """Return the series with all its episodes.

        Raises:
            SeriesNotFoundError: If there is none, or it was removed.
        """

    @abstractmethod
    async def find(self, *, missing_only: bool = False) -> Sequence[Series]:
        """Return all series, ordered by name (ignoring case), then key.

        Args:
            missing_only: Only those with an available episode that is not downloaded.
        """

    @abstractmethod
    async def summaries(self, query: SeriesQuery) -> Page[SeriesSummary]:
        """Return one page of counted series without loading episodes one by one.

        Each summary equals `summarise` of the stored series; the order is that of
        `SeriesSort`, ties by key; the total counts all matches before limit and offset.
        `search` matches a part of the name literally, ignoring case.
        """

    async def folders(self) -> Mapping[SeriesKey, FolderName]:
        """Return the folder of every series; adapters make it cheaper than `summaries`."""
        page = await self.summaries(SeriesQuery())
        return {summary.key: summary.folder for summary in page.items}

    @abstractmethod
    async def revision(self) -> str:
        """Return a mark of what is stored: as long as it is the same, so is every answer.

        It differs after each change, also one by another process, and may differ without one.
        Much cheaper than asking for what is stored.
        """

    @abstractmethod
    async def save(self, series: Series) -> None:
        """Replace the stored aggregate, episodes included.

        Raises:
            SeriesNotFoundError: If there is none with this key; nothing changes.
        """

    @abstractmethod
    async def mark_downloaded(
        self, episode: EpisodeRef, file: str, language: Language | None
    ) -> None:
        """Note that the library holds *file* of the episode. Idempotent.

        Raises:
            SeriesNotFoundError: If the series is unknown.
            EpisodeNotFoundError: If the series has no such episode.
        """

    @abstractmethod
    async def remove(self, key: SeriesKey) -> None:
        """Take the series out of every list; its data are kept for a later `add`.

        Raises:
            SeriesNotFoundError: If there is none.
        """
