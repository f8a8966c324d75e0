"""Cover source: return cached covers, fetch missing and old ones."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import anyio
import attrs
from anyio import CapacityLimiter, to_thread

from aniworld_core.domain.catalogue import Cover, CoverAddress
from aniworld_core.errors import CoverNotFoundError, ProviderUnavailableError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.covers import CoverSource
from aniworld_providers.covers.backoff import CoverBackoff
from aniworld_providers.covers.cache import CachedCover, CoverCache
from aniworld_providers.covers.sites import CoverSites, host_of
from aniworld_providers.media.images import NotAnImageError, read_image

#: Time to use a cached cover before it is requested again.
FRESH: Final = timedelta(days=30)
#: Threads that read and write covers.
_THREADS: Final = 4


@attrs.define(eq=False)
class _UrlLock:
    """Lock of one address; removed when no caller waits for it."""

    lock: anyio.Lock = attrs.field(factory=anyio.Lock)
    users: int = 0


@attrs.define(eq=False, kw_only=True)
class CachedCovers(CoverSource):
    """Read the cache first; make one request for all concurrent callers."""

    _cache: CoverCache
    _sites: CoverSites
    _clock: Clock
    _backoff: CoverBackoff = attrs.field(factory=CoverBackoff)
    _locks: dict[str, _UrlLock] = attrs.field(factory=dict, init=False)
    _threads: CapacityLimiter = attrs.field(factory=lambda: CapacityLimiter(_THREADS), init=False)

    async def get(self, address: CoverAddress) -> Cover:
        name = self._cache.name_of(address)
        kept = await self._kept(name)
        if kept is not None and self._is_fresh(kept):
            return kept.cover
        async with self._locked(name):
            # An earlier holder of the lock may have fetched it.
            kept = await self._kept(name) or kept
            if kept is not None and self._is_fresh(kept):
                return kept.cover
            try:
                return await self._fetch(name, address)
            except (CoverNotFoundError, ProviderUnavailableError):
                if kept is not None:
                    return kept.cover
                raise

    async def _fetch(self, name: str, address: CoverAddress) -> Cover:
        host = host_of(address)
        self._backoff.require(address.url, host, address.provider, self._clock.now())
        try:
            data = await self._sites.fetch(address)
            cover = await to_thread.run_sync(read_image, data, limiter=self._threads)
        except NotAnImageError as error:
            self._backoff.note_missing(address.url, host, error.args[0], self._clock.now())
            raise CoverNotFoundError(address.url, error.args[0]) from error
        except CoverNotFoundError as error:
            self._backoff.note_missing(address.url, host, error.reason, self._clock.now())
            raise
        except ProviderUnavailableError as error:
            wait = self._backoff.note_unavailable(
                address.url, host, error.reason, self._clock.now(), asked=error.retry_after
            )
            raise ProviderUnavailableError(
                address.provider, error.reason, retry_after=wait
            ) from error
        self._backoff.note_success(address.url, host)
        now = self._clock.now()
        await to_thread.run_sync(self._cache.write, name, data, now, limiter=self._threads)
        return cover

    async def _kept(self, name: str) -> CachedCover | None:
        now = self._clock.now()
        return await to_thread.run_sync(self._cache.read, name, now, limiter=self._threads)

    def _is_fresh(self, kept: CachedCover) -> bool:
        return self._clock.now() - kept.since < FRESH

    @asynccontextmanager
    async def _locked(self, name: str) -> AsyncIterator[None]:
        entry = self._locks.setdefault(name, _UrlLock())
        entry.users += 1
        try:
            async with entry.lock:
                yield
        finally:
            entry.users -= 1
            if not entry.users:
                self._locks.pop(name, None)


@asynccontextmanager
async def open_covers(context: AdapterContext) -> AsyncIterator[CoverSource]:
    """Open the cover source; it reads and requests nothing before the first `get`.

    The cache is `cache/covers` in the data folder.
    """
    sites = CoverSites(context)
    try:
        yield CachedCovers(
            cache=CoverCache(context.data_dir / "cache" / "covers"),
            sites=sites,
            clock=context.clock,
        )
    finally:
        with anyio.CancelScope(shield=True):
            await sites.aclose()
