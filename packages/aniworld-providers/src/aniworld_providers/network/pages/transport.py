"""httpx transport that connects through the address guard."""

import socket
import ssl
from collections.abc import Iterable
from typing import Any

import anyio
import httpcore
import httpx

from aniworld_core.errors import AddressRefusedError
from aniworld_core.messages import Message
from aniworld_providers.network.guard import AddressGuard


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Look up a host name, then connect to one of the checked addresses."""

    def __init__(
        self, guard: AddressGuard, inner: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        self._guard = guard
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to an address of *host* that the guard permits.

        Raises:
            AddressRefusedError: If the guard permits none of them.
            httpcore.ConnectError: If the name is unknown or no address answers.
        """
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in await self._permitted(host, port):
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failure = exc
        raise failure or httpcore.ConnectError(f"{host} has no address")

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Refuse local sockets.

        Raises:
            AddressRefusedError: Always.
        """
        raise AddressRefusedError(path, Message("address_local_socket"))

    async def sleep(self, seconds: float) -> None:
        """Wait between connection attempts."""
        await self._inner.sleep(seconds)

    async def _permitted(self, host: str, port: int) -> list[str]:
        try:
            found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as exc:
            raise httpcore.ConnectError(f"{host} cannot be looked up: {exc}") from exc
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        permitted = [a for a in addresses if self._guard.permits(a, port, host=host)]
        if addresses and not permitted:
            self._guard.require(addresses[0], port, host=host)
        return permitted


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx transport that connects through the guard and ignores proxy variables."""

    def __init__(
        self,
        guard: AddressGuard,
        *,
        limits: httpx.Limits | None = None,
        verify: ssl.SSLContext | None = None,
        backend: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        context = verify or httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False)
        limits = limits or httpx.Limits(max_connections=20, max_keepalive_connections=10)
        # httpx has no parameter for this. The pool created above has no connections yet.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=GuardedBackend(guard, backend),
        )


def guarded_transport(
    guard: AddressGuard,
    *,
    limits: httpx.Limits | None = None,
    verify: ssl.SSLContext | None = None,
) -> httpx.AsyncHTTPTransport:
    """Return a transport for `httpx.AsyncClient(transport=..., trust_env=False)`.

    Args:
        guard: The permitted addresses.
        limits: Limits of the connection pool.
        verify: Certificates to trust instead of the default ones; verification stays on.
    """
    return GuardedTransport(guard, limits=limits, verify=verify)
