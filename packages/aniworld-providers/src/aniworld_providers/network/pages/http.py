"""The httpx client of the page client: guard, rate limit, cache, size limit, error mapping."""

import socket
import ssl
import zlib
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from contextvars import ContextVar
from datetime import timedelta
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpcore
import httpx
from hishel import AsyncSqliteStorage
from hishel.httpx import AsyncCacheTransport

from aniworld_core.errors import (
    ProviderUnavailableError,
    UnusableAnswerError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.budget import spend_request
from aniworld_providers.network.content_coding import codings
from aniworld_providers.network.guard import AddressGuard
from aniworld_providers.network.pages.answers import (
    CREDENTIALS,
    Page,
    PageRequest,
    TemporaryFaultError,
    decode_declared,
    origin_of,
)
from aniworld_providers.network.pages.rate_limit import HostRateLimit
from aniworld_providers.network.pages.transport import GuardedBackend, guarded_transport

_TIMEOUT = httpx.Timeout(20.0, connect=10.0)
_CACHE_BYTES = 64 * 1024**2
_CACHE_SECONDS = 30 * 24 * 3600.0
_LANGUAGE = "de-DE,de;q=0.9,en;q=0.8"
#: Freshness for the request that is being sent; hishel passes on no other request data.
_HOLDS: ContextVar[timedelta] = ContextVar("holds", default=timedelta())
#: Window bits for zlib: detect gzip and deflate headers automatically.
_ANY_HEADER = 47


class RateLimitedTransport(httpx.AsyncBaseTransport):
    """Count every request that leaves against the budget and apply the rate limit of its host."""

    def __init__(
        self, inner: httpx.AsyncBaseTransport, rate_limit: HostRateLimit, provider: str
    ) -> None:
        self._inner = inner
        self._rate_limit = rate_limit
        self._provider = provider

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        spend_request(self._provider)
        await self._rate_limit.acquire(request.url.netloc.decode("ascii"))
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class MinimumFreshnessTransport(httpx.AsyncBaseTransport):
    """Set a minimum freshness on answers, for the cache above this transport.

    Some sites mark pages such as calendars as stale at once. With a minimum freshness they are
    requested only a few times an hour. Answers with `no-store` stay unchanged.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        seconds = int(_HOLDS.get().total_seconds())
        said = response.headers.get("cache-control", "").lower()
        if seconds > 0 and response.status_code in {200, 304} and "no-store" not in said:
            response.headers["Cache-Control"] = f"max-age={seconds}"
            for name in ("Expires", "Pragma", "Age"):
                response.headers.pop(name, None)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class PublicCacheTransport(httpx.AsyncBaseTransport):
    """Cache public answers only; requests with credentials bypass the cache."""

    def __init__(self, inner: httpx.AsyncBaseTransport, storage: AsyncSqliteStorage) -> None:
        self._inner = inner
        # Without `rfc` the cache would ignore the freshness headers of the site.
        self._cached = AsyncCacheTransport(inner, storage, rfc=True)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        has_credentials = any(name in request.headers for name in CREDENTIALS)
        is_public = request.method == "GET" and not has_credentials
        transport = self._cached if is_public else self._inner
        return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        await self._cached.aclose()


class ProxiedTransport(httpx.AsyncHTTPTransport):
    """Send all requests through one HTTP proxy and connect to no other address."""

    def __init__(self, proxy: httpx.Proxy, guard: AddressGuard) -> None:
        context = _certificates()
        super().__init__(verify=context, trust_env=False)
        # httpx has no parameter for this. The pool created above has no connections yet.
        self._pool = httpcore.AsyncHTTPProxy(
            proxy_url=httpcore.URL(str(proxy.url)),
            proxy_auth=proxy.raw_auth,
            ssl_context=context,
            network_backend=GuardedBackend(guard),
        )


def make_client(
    *,
    provider: str,
    guard: AddressGuard,
    rate_limit: HostRateLimit,
    proxy: str,
    user_agent: str,
    cache: Path,
) -> httpx.AsyncClient:
    """Build the client; it opens no connection and no file yet."""
    outgoing = outgoing_transport(guard, proxy)
    storage = AsyncSqliteStorage(
        database_path=cache, default_ttl=_CACHE_SECONDS, max_size=_CACHE_BYTES
    )
    return httpx.AsyncClient(
        transport=PublicCacheTransport(
            MinimumFreshnessTransport(RateLimitedTransport(outgoing, rate_limit, provider)), storage
        ),
        headers={
            "User-Agent": user_agent,
            "Accept": "*/*",
            "Accept-Language": _LANGUAGE,
            "Accept-Encoding": "gzip",
        },
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        timeout=_TIMEOUT,
        follow_redirects=False,
        trust_env=False,
    )


def outgoing_transport(guard: AddressGuard, proxy: str) -> httpx.AsyncHTTPTransport:
    """Return the transport for requests that leave: guarded, or through *proxy* if there is one."""
    return _proxied(proxy) if proxy else guarded_transport(guard, verify=_certificates())


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """Return the default certificates; loading them takes longer than most requests."""
    return httpx.create_ssl_context(trust_env=False)


def _proxied(proxy: str) -> ProxiedTransport:
    return ProxiedTransport(httpx.Proxy(proxy), AddressGuard(frozenset({origin_of(proxy)})))


async def exchange(
    client: httpx.AsyncClient, asked: PageRequest, *, provider: str, max_bytes: int
) -> Page:
    """Send one request without following redirects.

    Raises:
        UnusableAnswerError: If the answer is too long or cannot be decoded.
        TemporaryFaultError: If the answer ends too early.
    """
    headers = dict(asked.headers)
    if asked.fresh:
        headers["Cache-Control"] = "no-cache"
    request = client.build_request(
        asked.method, asked.url, headers=headers, content=asked.body or None
    )
    holding = _HOLDS.set(asked.holds)
    try:
        response = await client.send(request, stream=True)
    finally:
        _HOLDS.reset(holding)
    try:
        body = bytearray()
        if not asked.wants_body:
            return _page(response, asked, body)
        async with aclosing(_decoded(response, asked.host, provider, max_bytes + 1)) as pieces:
            async for piece in pieces:
                body += piece
                if len(body) > max_bytes:
                    raise UnusableAnswerError(
                        provider, Message("answer_too_long", limit_bytes=max_bytes)
                    )
    finally:
        await response.aclose()
    return _page(response, asked, body)


def _page(response: httpx.Response, asked: PageRequest, body: bytearray) -> Page:
    raw = bytes(body)
    content_type = response.headers.get("content-type", "")
    return Page(
        status=response.status_code,
        url=asked.url,
        text=(
            decode_declared(raw, content_type)
            if asked.declared_charset
            else raw.decode("utf-8-sig", "replace")
        ),
        headers={name.lower(): value for name, value in response.headers.items()},
    )


async def _decoded(
    response: httpx.Response, host: str, provider: str, most: int
) -> AsyncGenerator[bytes, None]:
    """Yield the decoded body in pieces of at most *most* bytes.

    httpx decodes each received chunk at once, so a small chunk could fill the memory.
    """
    coding = ", ".join(codings(response.headers.get("content-encoding", "")))
    if not coding:
        async for chunk in response.aiter_raw():
            yield chunk
        return
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise UnusableAnswerError(provider, Message("answer_coding", coding=coding[:20]))
    decoder = zlib.decompressobj(_ANY_HEADER)
    empty = True
    try:
        async for chunk in response.aiter_raw():
            empty = empty and not chunk
            yield decoder.decompress(chunk, most)
    except zlib.error as error:
        raise UnusableAnswerError(provider, Message("answer_undecodable")) from error
    if not (decoder.eof or empty):
        raise TemporaryFaultError(Message("answer_cut_off"), host)


@contextmanager
def mapped_errors(provider: str, host: str) -> Iterator[None]:
    """Map every error of httpx to one of this project, or to a fault that a retry may not meet.

    Raises:
        TemporaryFaultError: If a retry may succeed.
        ProviderUnavailableError: If the name is unknown or the certificate is not trusted.
        UnusableAnswerError: If the link cannot be requested.
    """
    try:
        yield
    except (httpx.TimeoutException, TimeoutError) as error:
        raise TemporaryFaultError(Message("no_answer"), host) from error
    except httpx.TransportError as error:
        causes = list(_causes(error))
        if any(isinstance(cause, socket.gaierror) for cause in causes):
            reason = Message("host_unknown", host=host)
            raise ProviderUnavailableError(provider, reason) from error
        for cause in causes:
            if isinstance(cause, ssl.SSLCertVerificationError):
                reason = Message("certificate_untrusted", reason=cause.verify_message)
                raise ProviderUnavailableError(provider, reason) from error
        raise TemporaryFaultError(
            Message("connection_failed", reason=_named(error)), host
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise UnusableAnswerError(
            provider, Message("answer_bad_link", detail=_named(error))
        ) from error


def _named(error: Exception) -> str:
    text = str(error).splitlines()
    return text[0][:200] if text and text[0] else type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
