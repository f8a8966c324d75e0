"""Listening sockets, whose connections are counted and limited."""

import asyncio
import errno
import resource
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from aniworld_core.errors import SettingsError
from aniworld_core.messages import os_reason
from aniworld_http.keys import SETTINGS
from aniworld_http.lifespan.accepting import Acceptor
from aniworld_http.security.connections import CONNECTIONS

_BACKLOG: Final = 1024
#: Wildcard address for IPv6 and IPv4.
_ANY_IPV6: Final = "::"
#: Open files to request from the system.
_FILES: Final = 65_536
#: Open files reserved for the database, downloads and logs; half of a low limit.
_RESERVED_FILES: Final = 256


@asynccontextmanager
async def listening(runner: web.AppRunner) -> AsyncIterator[str]:
    """Accept connections inside the context.

    Yields:
        The URL of the pages.

    Raises:
        SettingsError: If the address cannot be bound.
    """
    app = runner.app
    settings = app[SETTINGS]
    connections = app[CONNECTIONS]
    make_protocol = runner.server
    assert make_protocol is not None  # noqa: S101 - the runner is set up

    def guarded() -> asyncio.Protocol:
        return connections.guard(make_protocol())

    try:
        listeners = await bound_sockets(settings.host, settings.port)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        reason = os_reason(error)
        raise SettingsError(
            [f"ANIWORLD_HOST, ANIWORLD_PORT: cannot listen on {where}: {reason}"]
        ) from error
    files = _raised_file_limit()
    connections.capacity = files - min(_RESERVED_FILES, files // 2)
    acceptors = [Acceptor(listener, guarded, connections) for listener in listeners]
    for acceptor in acceptors:
        acceptor.start()
    try:
        yield _address(listeners[0], settings.host, settings.base_path)
    finally:
        # Open connections stay open until a later step of the shutdown.
        for acceptor in acceptors:
            acceptor.stop()


async def bound_sockets(host: str, port: int) -> Sequence[socket.socket]:
    """Return listening sockets for each address of a host; `::` serves IPv4 as well.

    Raises:
        OSError: If the host has no address, or one of them cannot be bound.
    """
    found = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    listeners: list[socket.socket] = []
    unknown: OSError | None = None
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            try:
                listener = socket.socket(family, kind, protocol)
            except OSError as error:
                if error.errno != errno.EAFNOSUPPORT:
                    raise
                unknown = error  # For example IPv6 in a container; try the next address.
                continue
            listeners.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != _ANY_IPV6)
            # All addresses use the free port that was chosen for the first one.
            chosen = listeners[0].getsockname()[1] if len(listeners) > 1 else port
            listener.bind((address[0], chosen, *address[2:]))
            listener.setblocking(False)  # noqa: FBT003 - its name says what it sets
            listener.listen(_BACKLOG)
    except OSError:
        for listener in listeners:
            listener.close()
        raise
    if not listeners:
        raise unknown or OSError(errno.EADDRNOTAVAIL, "the host has no address")
    return listeners


def _raised_file_limit() -> int:
    """Raise the limit on open files as far as allowed, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return _FILES if soft == resource.RLIM_INFINITY else soft


def _address(listener: socket.socket, host: str, base_path: str) -> str:
    port = listener.getsockname()[1]
    shown = {"0.0.0.0": "localhost", _ANY_IPV6: "localhost"}.get(host, host)  # noqa: S104 - only compared
    if ":" in shown:
        shown = f"[{shown}]"
    return f"http://{shown}:{port}{base_path.rstrip('/')}/"
