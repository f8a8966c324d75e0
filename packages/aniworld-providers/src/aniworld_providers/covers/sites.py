"""Fetch images from the sites of catalogues, with guard, rate limit and size limit."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

import anyio
import attrs
from anyio import to_thread

from aniworld_core.domain.catalogue import CoverAddress
from aniworld_core.errors import (
    AddressRefusedError,
    CoverNotFoundError,
    InvalidConfigError,
    InvalidLinkError,
    ProviderChangedError,
    ProviderUnavailableError,
    UnusableAnswerError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.context import AdapterContext
from aniworld_providers.network import REDIRECT_STATUSES, AddressGuard, is_temporary
from aniworld_providers.network.pages import (
    HostRateLimit,
    TemporaryFaultError,
    origin_of,
    page_wait,
)

if TYPE_CHECKING:
    import httpx

#: Largest cover in bytes.
MAX_COVER: Final = 5 * 1024**2
_MAX_REDIRECTS: Final = 5
#: Seconds for one image with its redirects, so that a very slow answer ends too.
_DEADLINE: Final = 30.0
#: Most concurrent requests to the sites of one catalogue.
_AT_ONCE: Final = 4
_WANTED: Final = "image/avif,image/webp,image/*;q=0.9"


@attrs.define(eq=False)
class _Site:
    """The client for one catalogue, or for its own server."""

    guard: AddressGuard
    client: "httpx.AsyncClient"
    slots: anyio.Semaphore


@attrs.define(eq=False)
class CoverSites:
    """Fetch images as the configuration of their catalogue says.

    A server that a catalogue runs itself is requested directly and without rate limit.
    """

    _context: AdapterContext
    _max_bytes: int = MAX_COVER
    _sites: dict[tuple[str, frozenset[str]], _Site] = attrs.field(factory=dict, init=False)

    async def fetch(self, address: CoverAddress) -> bytes:
        """Return the bytes at an address.

        Raises:
            CoverNotFoundError: If there is no file, it is too large, or the guard refuses it.
            ProviderUnavailableError: If the host does not answer; with the wait it asks for.
        """
        # httpx takes a third of a second to load, so load it on demand and in a thread.
        await to_thread.run_sync(import_module, "aniworld_providers.network.pages.http")
        with _as_ours(address):
            site = self._site_of(address)
            async with site.slots:
                with anyio.fail_after(_DEADLINE):
                    return await self._follow(site, address)

    async def aclose(self) -> None:
        """Close all connections."""
        sites, self._sites = self._sites, {}
        for site in sites.values():
            await site.client.aclose()

    async def _follow(self, site: _Site, address: CoverAddress) -> bytes:
        url = address.url.strip()
        for _ in range(_MAX_REDIRECTS + 1):
            site.guard.check_url(url)
            async with site.client.stream("GET", url) as answer:
                target = answer.headers.get("location", "")
                if answer.status_code in REDIRECT_STATUSES and target:
                    url = urljoin(url, target)
                    continue
                self._judge(answer, address)
                return await self._body(answer, address)
        limit = Message("too_many_redirects", host=urlsplit(url).netloc, limit=_MAX_REDIRECTS)
        raise CoverNotFoundError(address.url, limit)

    def _judge(self, answer: "httpx.Response", address: CoverAddress) -> None:
        status = answer.status_code
        if is_temporary(status):
            wait = page_wait(answer.headers.get("retry-after", ""), self._context.clock.now())
            reason = Message("http_status", status=status)
            raise ProviderUnavailableError(address.provider, reason, retry_after=wait)
        if status != 200:
            raise CoverNotFoundError(address.url, Message("http_status", status=status))
        if answer.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise CoverNotFoundError(address.url, Message("compressed_unasked"))

    async def _body(self, answer: "httpx.Response", address: CoverAddress) -> bytes:
        body = bytearray()
        async for chunk in answer.aiter_raw():
            body += chunk
            if len(body) > self._max_bytes:
                raise CoverNotFoundError(
                    address.url, Message("too_large", limit_bytes=self._max_bytes)
                )
        return bytes(body)

    def _site_of(self, address: CoverAddress) -> _Site:
        own = address.reach if _own_server(address) else frozenset()
        site = self._sites.get((address.provider, own))
        if site is None:
            site = self._sites[address.provider, own] = self._open(address.provider, own)
        return site

    def _open(self, provider: str, own: frozenset[str]) -> _Site:
        import httpx

        from aniworld_providers.network.pages import RateLimitedTransport, outgoing_transport

        context, section = self._context, self._context.config.provider(provider)
        reach = own or context.allowed_addresses | _configured(context, provider)
        guard = AddressGuard(reach)
        transport: httpx.AsyncBaseTransport = outgoing_transport(
            guard, "" if own else section.proxy or context.config.network.proxy
        )
        if not own:
            rate_limit = HostRateLimit(context.clock, per_minute=section.requests_per_minute)
            transport = RateLimitedTransport(transport, rate_limit, provider)
        client = httpx.AsyncClient(
            transport=transport,
            headers={
                "User-Agent": context.config.network.user_agent or context.user_agent,
                "Accept": _WANTED,
                "Accept-Encoding": "identity",
            },
            timeout=httpx.Timeout(20.0, connect=10.0),
            follow_redirects=False,
            trust_env=False,
        )
        return _Site(guard, client, anyio.Semaphore(_AT_ONCE))


def host_of(address: CoverAddress) -> str:
    """Return the host of an address; empty if it is not a link."""
    try:
        return urlsplit(address.url).netloc.lower()
    except ValueError:
        return ""


def _own_server(address: CoverAddress) -> bool:
    return bool(address.reach) and origin_of(address.url) in address.reach


def _configured(context: AdapterContext, provider: str) -> frozenset[str]:
    """Return the servers that the owner configured for a catalogue."""
    section = context.config.provider(provider)
    urls = [section.base_url, *(server.base_url for server in section.servers)]
    return frozenset(origin_of(url) for url in urls if url)


@contextmanager
def _as_ours(address: CoverAddress) -> Iterator[None]:
    from aniworld_providers.network.pages import mapped_errors

    try:
        with mapped_errors(address.provider, host_of(address)):
            yield
    except TemporaryFaultError as fault:
        raise ProviderUnavailableError(address.provider, fault.reason) from fault
    except UnusableAnswerError as error:
        raise CoverNotFoundError(address.url, error.reason) from error
    except ProviderChangedError as error:
        raise CoverNotFoundError(
            address.url, Message("site_lacks", missing=error.missing)
        ) from error
    except (AddressRefusedError, InvalidLinkError, InvalidConfigError) as error:
        raise CoverNotFoundError(address.url, error.message) from error
    except ValueError as error:
        raise CoverNotFoundError(address.url, str(error)) from error
