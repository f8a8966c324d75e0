"""Where a request comes from, whatever it says itself."""

import ipaddress
from collections.abc import Iterable
from typing import Final, TypeAlias

from aiohttp import web

from aniworld_http.keys import APPLICATION, SETTINGS

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

#: One household or tenant usually has all of such a network.
_IPV6_PREFIX: Final = 64


def client_of(request: web.Request) -> str:
    """Name the client for counting: its address, or its network where that is IPv6.

    `X-Forwarded-For` is believed only from trusted proxies: the rightmost address that is none
    of them is the client; what stands left of it is whatever the client wrote.
    """
    peer = peer_of(request)
    if peer is None:
        return "unknown"
    trusted = trusted_networks(request.app)
    if trusted and _is_in(peer, trusted):
        for raw in reversed(_forwarded_for(request)):
            address = parse_address(raw)
            if address is None:
                break  # nonsense: the last one who made sense answers for it
            peer = address
            if not _is_in(address, trusted):
                break
    return counted(peer)


def forwarded_client(request: web.Request) -> str | None:
    """Name the client that a trusted proxy reports; `None` where there is no such proxy."""
    return client_of(request) if is_from_trusted_proxy(request) else None


def is_from_trusted_proxy(request: web.Request) -> bool:
    """Whether the other end of the connection is a proxy that is believed."""
    trusted = trusted_networks(request.app)
    peer = peer_of(request) if trusted else None
    return peer is not None and _is_in(peer, trusted)


def peer_of(request: web.Request) -> Address | None:
    """Return the address of the other end of the connection; `None` for a unix socket."""
    transport = request.transport
    peer = transport.get_extra_info("peername") if transport is not None else None
    return parse_address(str(peer[0])) if isinstance(peer, tuple) and peer else None


def parse_address(raw: str) -> Address | None:
    """Read an address, also with a port or in brackets; IPv4 inside IPv6 is IPv4."""
    text = raw.strip().partition("%")[0]
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def counted(address: Address) -> str:
    """Name an address for counting."""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)


def trusted_networks(app: web.Application) -> tuple[_Network, ...]:
    """Return the proxies that are believed: those of the environment and of the configuration."""
    configured = app[APPLICATION].current_config.value.network.trusted_proxies
    return (*app[SETTINGS].trusted_proxies, *_networks(configured))


def _networks(raw: Iterable[str]) -> list[_Network]:
    networks: list[_Network] = []
    for text in raw:
        try:
            networks.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            continue  # nobody is trusted for a slip of the pen
    return networks


def _forwarded_for(request: web.Request) -> list[str]:
    values = request.headers.getall("X-Forwarded-For", [])
    return [part for value in values for part in value.split(",") if part.strip()]


def _is_in(address: Address, networks: Iterable[_Network]) -> bool:
    return any(address in network for network in networks)
