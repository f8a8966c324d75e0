"""Covers of what is in the library, and of what was found in a catalogue."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final, Protocol

import attrs

from aniworld_core.application.catalogue.loaders import Loaders
from aniworld_core.domain.catalogue import Cover, CoverAddress
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import CoverNotFoundError, UnknownProviderError
from aniworld_core.ports.covers import CoverSource
from aniworld_core.ports.series import SeriesRepository

#: So many of the latest hits can be shown with their pictures.
_MOST: Final = 4096


class Pictured(Protocol):
    """Something a catalogue showed: a hit of a search, or what stands on a browse list."""

    @property
    def provider(self) -> str:
        """The catalogue."""
        ...

    @property
    def key(self) -> SeriesKey:
        """The series."""
        ...

    @property
    def cover_url(self) -> str | None:
        """Where the catalogue says its picture is."""
        ...


@attrs.define(eq=False, kw_only=True)
class Covers:
    """Finds the picture of a series.

    Addresses come from catalogues alone: whoever asks names a series, never an address.
    """

    _source: CoverSource | None
    _series: SeriesRepository
    _loaders: Loaders
    _found: OrderedDict[tuple[str, SeriesKey], str] = attrs.field(factory=OrderedDict, init=False)

    def remember(self, hits: Iterable[Pictured]) -> None:
        """Keep the addresses of what a catalogue just showed, for `of_hit`; older ones go."""
        for hit in hits:
            if hit.cover_url:
                self._found[hit.provider, hit.key] = hit.cover_url
                self._found.move_to_end((hit.provider, hit.key))
        while len(self._found) > _MOST:
            self._found.popitem(last=False)

    async def of_series(self, key: SeriesKey) -> Cover:
        """Return the cover of a series of the library.

        Raises:
            SeriesNotFoundError: If there is no such series.
            CoverNotFoundError: If it has none that can be shown.
            ProviderUnavailableError: If its site does not answer now.
        """
        series = await self._series.get(key)
        return await self._get(series.provider, key, series.cover_url)

    async def of_hit(self, provider: str, key: SeriesKey) -> Cover:
        """Return the cover of what a catalogue showed lately.

        Raises:
            CoverNotFoundError: If it showed no such series lately, or one without a cover that
                can be shown.
            ProviderUnavailableError: If its site does not answer now.
        """
        return await self._get(provider, key, self._found.get((provider, key)))

    async def _get(self, provider: str, key: SeriesKey, url: str | None) -> Cover:
        if not url or self._source is None:
            raise CoverNotFoundError(key, "its catalogue shows none")
        try:
            reach = self._loaders.named(provider).cover_reach
        except UnknownProviderError:
            # What was kept of a catalogue that is off is still shown.
            reach = frozenset()
        return await self._source.get(CoverAddress(provider=provider, url=url, reach=reach))
