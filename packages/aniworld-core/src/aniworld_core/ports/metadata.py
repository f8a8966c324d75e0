"""Metadata sources, and the storage of the entries of series."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from aniworld_core.domain.catalogue import MetadataDetails, MetadataEntry, SeriesMetadata
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.ports.context import AdapterContext


class MetadataSource(ABC):
    """Facts about series: titles, ids, air dates.

    Every method that makes requests may raise `ProviderUnavailableError` (with `retry_after` when
    the rate limit of the source is reached), `NeedsPersonError` and `ProviderChangedError`. A
    source keeps to its documented rate limit. Texts are plain text of bounded length.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """Return its name in the configuration, such as `anilist`."""

    @property
    def is_local(self) -> bool:
        """Return whether it asks no server. Local sources come first: their ids help the others."""
        return False

    @abstractmethod
    async def search(self, title: str) -> Sequence[MetadataEntry]:
        """Return entries with a title like this, best first; at most 20.

        They may lack slow parts, such as air dates.
        """

    @abstractmethod
    async def get(self, entry_id: str) -> MetadataEntry:
        """Return the whole entry with this id.

        Raises:
            MetadataNotFoundError: If there is none, or the id is malformed.
        """

    @abstractmethod
    async def find(self, external_ids: Mapping[str, str]) -> MetadataEntry | None:
        """Return the whole entry with one of these ids, or `None`.

        Args:
            external_ids: Ids by database, such as `{"imdb": "tt2560140"}`; unknown databases are
                ignored.
        """


class MetadataRepository(ABC):
    """Store one entry per series and source. Every call is one transaction.

    Entries of removed series stay and are used when the series is added again. Any method may
    raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def of_series(self, key: SeriesKey) -> Sequence[SeriesMetadata]:
        """Return the entries of a series, ordered by source."""

    @abstractmethod
    async def of_many(
        self, keys: Collection[SeriesKey]
    ) -> Mapping[SeriesKey, Sequence[SeriesMetadata]]:
        """Return the entries of these series, ordered by source; series without are left out."""

    @abstractmethod
    async def details(self, key: SeriesKey) -> Mapping[str, MetadataDetails]:
        """Return the details of the entries of a series by source; other methods leave them out."""

    @abstractmethod
    async def save(self, metadata: SeriesMetadata) -> None:
        """Store an entry with its details, and replace that of the same series and source."""

    @abstractmethod
    async def forget(self, key: SeriesKey, source: str) -> None:
        """Delete the entry of a series in a source, if there is one."""


#: Open a metadata source with its context.
MetadataSourceFactory: TypeAlias = Callable[
    [AdapterContext], AbstractAsyncContextManager[MetadataSource]
]
