"""Covers of series of the library and of recent catalogue results."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final, Protocol

import attrs

from aniworld_core.application.catalogue.loaders import Loaders
from aniworld_core.domain.catalogue import Cover, CoverAddress, PictureLink, wide_picture
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import CoverNotFoundError, UnknownProviderError
from aniworld_core.messages import Message
from aniworld_core.ports.covers import CoverSource
from aniworld_core.ports.metadata import MetadataRepository
from aniworld_core.ports.series import SeriesRepository

#: Most recent results whose cover addresses are kept.
_MOST: Final = 4096


class HasCover(Protocol):
    """A catalogue result with a cover: a search result or a browse entry."""

    @property
    def provider(self) -> str:
        """Return the name of the catalogue."""
        ...

    @property
    def key(self) -> SeriesKey:
        """Return the key of the series."""
        ...

    @property
    def cover_url(self) -> str | None:
        """Return the address of the cover, if there is one."""
        ...


@attrs.define(eq=False, kw_only=True)
class Covers:
    """Return the cover of a series.

    Addresses come only from catalogues: a caller names a series, never an address.
    """

    _source: CoverSource | None
    _series: SeriesRepository
    _metadata: MetadataRepository
    _loaders: Loaders
    _found: OrderedDict[tuple[str, SeriesKey], str] = attrs.field(factory=OrderedDict, init=False)

    def remember(self, hits: Iterable[HasCover]) -> None:
        """Keep the cover addresses of results for `of_hit`; older ones are dropped."""
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
            CoverNotFoundError: If it has no cover that can be shown.
            ProviderUnavailableError: If the site does not answer.
        """
        series = await self._series.get(key)
        return await self._get(series.provider, key, series.cover_url)

    async def banner_of(self, key: SeriesKey) -> Cover:
        """Return the wide picture of a series of the library, which a metadata source has.

        Raises:
            SeriesNotFoundError: If there is no such series.
            CoverNotFoundError: If it has no wide picture that can be shown.
            ProviderUnavailableError: If the site does not answer.
        """
        await self._series.get(key)
        stored = await self._metadata.of_series(key)
        link = wide_picture(each.entry for each in stored)
        if link is None:
            raise CoverNotFoundError(key, Message("no_banner_there"))
        return await self.linked(key, link)

    async def linked(self, key: SeriesKey, link: PictureLink) -> Cover:
        """Return a picture of a series that a metadata source has.

        Raises:
            CoverNotFoundError: If the link leads to no picture that can be shown.
            ProviderUnavailableError: If the site does not answer.
        """
        return await self._get(link.source, key, link.url)

    async def of_hit(self, provider: str, key: SeriesKey) -> Cover:
        """Return the cover of a recent result.

        Raises:
            CoverNotFoundError: If there is no such recent result, or it has no cover that can be
                shown.
            ProviderUnavailableError: If the site does not answer.
        """
        return await self._get(provider, key, self._found.get((provider, key)))

    async def _get(self, provider: str, key: SeriesKey, url: str | None) -> Cover:
        if not url or self._source is None:
            raise CoverNotFoundError(key, Message("no_cover_there"))
        try:
            reach = self._loaders.named(provider).cover_reach
        except UnknownProviderError:
            # Cached covers of a disabled catalogue are still shown.
            reach = frozenset()
        return await self._source.get(CoverAddress(provider=provider, url=url, reach=reach))
