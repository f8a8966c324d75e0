"""Configured servers of a catalogue, and the comparison of links with their base URLs."""

from collections.abc import Sequence
from itertools import chain, count
from typing import Final
from urllib.parse import SplitResult

import attrs

from aniworld_core.domain.configuration import ServerConfig
from aniworld_core.errors import InvalidConfigError
from aniworld_core.messages import Message
from aniworld_core.ports.context import AdapterContext
from aniworld_providers.network.pages.answers import origin_of

_PORTS: Final = {"http": 80, "https": 443}


def configured_servers(
    context: AdapterContext, provider: str
) -> Sequence[tuple[ServerConfig, str]]:
    """Return the servers of a provider, with unique names, and the `host:port` of each.

    Raises:
        InvalidConfigError: If the address of a server is not a link, or contains a user name.
    """
    servers = context.config.provider(provider).all_servers
    origins = [_origin(server, provider, index) for index, server in enumerate(servers)]
    names: list[str] = []
    for server, origin in zip(servers, origins, strict=True):
        name = server.name.strip() or origin
        numbered = (f"{name} {number}" for number in count(2))
        names.append(next(n for n in chain([name], numbered) if n not in names))
    return [
        (attrs.evolve(server, name=name), origin)
        for server, name, origin in zip(servers, names, origins, strict=True)
    ]


def is_same_server(link: SplitResult, base: SplitResult, *, ignore_www: bool = False) -> bool:
    """Return whether a link leads to the server of a base URL.

    The default ports of http and https count as the same server.

    Args:
        link: Parts of the link.
        base: Parts of the base URL.
        ignore_www: Whether a leading `www.` of both hosts is ignored.

    Raises:
        ValueError: If a port is not a number.
    """
    if link.scheme not in _PORTS:
        return False
    prefix = "www." if ignore_www else ""
    hosts = [(parts.hostname or "").removeprefix(prefix) for parts in (link, base)]
    ports = [parts.port or _PORTS.get(parts.scheme) for parts in (link, base)]
    are_default = all(port in _PORTS.values() for port in ports)
    return hosts[0] == hosts[1] and (are_default or ports[0] == ports[1])


def _origin(server: ServerConfig, provider: str, index: int) -> str:
    pointer = f"/providers/{provider}/servers/{index}/base_url"
    if "@" in server.base_url:
        # The message does not show the address, because it may contain a password.
        raise InvalidConfigError([(pointer, Message("no_user_name"))])
    return origin_of(server.base_url, pointer)
