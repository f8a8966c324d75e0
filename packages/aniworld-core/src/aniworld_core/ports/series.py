"""Storage of series."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence

from aniworld_core.domain.catalogue import (
    Page,
    Series,
    SeriesQuery,
    SeriesSummary,
    SeriesTotals,
)
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.domain.media import Language


class SeriesRepository(ABC):
    """Store series as whole aggregates with their episodes. Every call is one transaction.

    Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def add(self, series: Series) -> None:
        """Add a series. A removed series with the same key is replaced.

        Raises:
            SeriesExistsError: If the key is taken; nothing changes.
        """

    @abstractmethod
    async def get(self, key: SeriesKey) -> Series:
        """Return the series with all its episodes.

        Raises:
            SeriesNotFoundError: If there is no such series, or it was removed.
        """

    @abstractmethod
    async def find(self, *, missing_only: bool = False) -> Sequence[Series]:
        """Return all series, ordered by `sort_name`, then key.

        Args:
            missing_only: Only series with a missing episode.
        """

    @abstractmethod
    async def get_many(self, keys: Collection[SeriesKey]) -> Sequence[Series]:
        """Return these series with all their episodes, in the order of `find`.

        Unknown and removed series are left out.
        """

    @abstractmethod
    async def heads(self) -> Sequence[Series]:
        """Return all series without their episodes, in the order of `find`.

        It needs a small part of the time and memory of `find`.
        """

    @abstractmethod
    async def file_counts(self, roots: Collection[str]) -> Mapping[str, int]:
        """Return the number of downloaded episodes whose file is in each of these roots.

        Args:
            roots: Stored paths of roots: empty for the main root, otherwise absolute.
        """

    @abstractmethod
    async def files_of(self, keys: Collection[SeriesKey]) -> Mapping[SeriesKey, Sequence[str]]:
        """Return the files of the downloaded episodes of these series, sorted.

        Series without files are left out. No series is loaded.
        """

    @abstractmethod
    async def missing_count(self) -> int:
        """Return the number of missing episodes of all series."""

    @abstractmethod
    async def summaries(self, query: SeriesQuery) -> Page[SeriesSummary]:
        """Return one page of series with counts, without loading every episode.

        Each summary equals `summarise` of the stored series; the order is that of
        `SeriesSort`, ties by key; the total counts all matches before limit and offset.
        Each word of `search` must be part of the name or of an alternative title, literally and
        ignoring case.
        """

    @abstractmethod
    async def matching(self, query: SeriesQuery) -> Sequence[SeriesKey]:
        """Return the keys of all series that match, by name; limit and offset have no effect."""

    @abstractmethod
    async def totals(self, query: SeriesQuery) -> SeriesTotals:
        """Return the totals of all series that match; limit and offset have no effect.

        The letters are those of the order by name, whatever the order of the query.
        """

    async def folders(self) -> Mapping[SeriesKey, FolderName]:
        """Return the folder of every series; cheaper than `summaries`."""
        page = await self.summaries(SeriesQuery())
        return {summary.key: summary.folder for summary in page.items}

    @abstractmethod
    async def revision(self) -> str:
        """Return a value that is equal only while every result stays the same.

        It changes after each change, also by another process, and may change without one. Much
        cheaper than reading the stored series.
        """

    @abstractmethod
    async def save(self, series: Series) -> None:
        """Replace the stored aggregate, episodes included.

        Raises:
            SeriesNotFoundError: If there is no series with this key; nothing changes.
        """

    @abstractmethod
    async def save_many(self, changes: Collection[tuple[Series, Series]]) -> None:
        """Write the differences between two versions of several series.

        Fields and episodes that are equal in both versions keep their stored values, so that
        changes by others in the meantime survive. Series removed in the meantime are skipped.

        Args:
            changes: Pairs of the version that was read and the new version, with the same key.
        """

    @abstractmethod
    async def restore(self, key: SeriesKey) -> None:
        """Return a removed series to the library with its data. Idempotent.

        Raises:
            SeriesNotFoundError: If no series with this key was ever added.
        """

    @abstractmethod
    async def mark_downloaded(
        self, episode: EpisodeRef, file: str, language: Language | None
    ) -> None:
        """Record that the library has *file* of the episode. Idempotent.

        Raises:
            SeriesNotFoundError: If the series is unknown.
            EpisodeNotFoundError: If the series has no such episode.
        """

    @abstractmethod
    async def remove(self, key: SeriesKey) -> None:
        """Remove the series from every list; its data stay for a later `add`.

        Raises:
            SeriesNotFoundError: If there is none.
        """
