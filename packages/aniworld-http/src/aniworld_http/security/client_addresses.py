"""Address of the client of a request, from the connection and from trusted proxies only."""

import ipaddress
from collections.abc import Iterable
from typing import Final, TypeAlias

from aiohttp import web

from aniworld_http.keys import APPLICATION, SETTINGS

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Prefix length of the network that one household or tenant usually has.
_IPV6_PREFIX: Final = 64


def client_of(request: web.Request) -> str:
    """Return the client as a name for counting: its IPv4 address or its IPv6 network.

    `X-Forwarded-For` is used only when it comes from a trusted proxy: the rightmost address that
    is not a trusted proxy is the client. Addresses left of it may be forged.
    """
    peer = peer_of(request)
    if peer is None:
        return "unknown"
    trusted = trusted_networks(request.app)
    if trusted and _is_in(peer, trusted):
        for raw in reversed(_forwarded_for(request)):
            address = parse_address(raw)
            if address is None:
                break  # not an address: count the last valid one
            peer = address
            if not _is_in(address, trusted):
                break
    return counted(peer)


def forwarded_client(request: web.Request) -> str | None:
    """Return the client that a trusted proxy reports; `None` if the peer is not such a proxy."""
    return client_of(request) if is_from_trusted_proxy(request) else None


def is_from_trusted_proxy(request: web.Request) -> bool:
    """Whether the peer of the connection is a trusted proxy."""
    trusted = trusted_networks(request.app)
    peer = peer_of(request) if trusted else None
    return peer is not None and _is_in(peer, trusted)


def peer_of(request: web.Request) -> Address | None:
    """Return the address of the peer of the connection; `None` for a Unix socket."""
    transport = request.transport
    peer = transport.get_extra_info("peername") if transport is not None else None
    return parse_address(str(peer[0])) if isinstance(peer, tuple) and peer else None


def parse_address(raw: str) -> Address | None:
    """Parse an address, also with a port or in brackets; IPv4-mapped IPv6 becomes IPv4."""
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
    """Return the name under which an address is counted."""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)


def trusted_networks(app: web.Application) -> tuple[_Network, ...]:
    """Return the trusted proxies of the environment and of the configuration."""
    configured = app[APPLICATION].current_config.value.network.trusted_proxies
    return (*app[SETTINGS].trusted_proxies, *_networks(configured))


def _networks(raw: Iterable[str]) -> list[_Network]:
    networks: list[_Network] = []
    for text in raw:
        try:
            networks.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            continue  # an invalid entry trusts no proxy
    return networks


def _forwarded_for(request: web.Request) -> list[str]:
    values = request.headers.getall("X-Forwarded-For", [])
    return [part for value in values for part in value.split(",") if part.strip()]


def _is_in(address: Address, networks: Iterable[_Network]) -> bool:
    return any(address in network for network in networks)
