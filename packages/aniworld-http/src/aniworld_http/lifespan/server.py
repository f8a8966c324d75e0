"""Start and shutdown of a server, in a fixed order."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from aniworld_core.errors import SettingsError
from aniworld_http.keys import AUTHENTICATOR
from aniworld_http.lifespan.sockets import listening
from aniworld_http.lifespan.tasks import add_background
from aniworld_http.lifespan.unreadable import protocol_logger
from aniworld_http.security.setup_code import SETUP_CODE

logger: Final = logging.getLogger(__name__)

#: Seconds for running requests to finish during the shutdown.
REQUEST_SECONDS: Final = 3.0
_IDLE_SECONDS: Final = 75.0
#: Bytes of the first line of a request. aiohttp answers a longer one with plain text, so a query of
#: wrong values that are percent-encoded must fit, to be answered with what is wrong about them.
_LONGEST_LINE: Final = 64 * 1024


@asynccontextmanager
async def serving(app: web.Application, print_line: Callable[[str], None]) -> AsyncIterator[str]:
    """Answer requests inside the context; leaving the context shuts the server down.

    The shutdown stops accepting, notifies and closes WebSockets, waits for running requests,
    requeues active downloads, and cancels the remaining tasks, in this order.

    Args:
        app: The server.
        print_line: Prints a line for people: the URL, and the link for the first set-up.

    Yields:
        The URL of the pages.

    Raises:
        SettingsError: If the address cannot be bound.
    """
    _require_fast_parser()
    add_background(app)
    runner = web.AppRunner(
        app,
        access_log=None,
        auto_decompress=False,
        logger=protocol_logger(),
        handle_signals=False,
        keepalive_timeout=_IDLE_SECONDS,
        max_line_size=_LONGEST_LINE,
        shutdown_timeout=REQUEST_SECONDS,
    )
    await runner.setup()
    try:
        # Write the code before the first response, because scripts read the file after it.
        ready = await _ready_password(app)
        setup = await _setup_page(app)
        async with listening(runner) as address:
            print_line(f"Aniworld is at {address}")
            if setup:
                print_line(f"Set the master password: {address}{setup}")
            if ready:
                print_line(f"Sign in with the password {ready}")
            yield address
    finally:
        app[SETUP_CODE].withdraw()
        await runner.cleanup()


async def _ready_password(app: web.Application) -> str:
    """Set the ready password if there is none; return it while it is the master password."""
    password, ready = app[AUTHENTICATOR].password, app[SETUP_CODE].ready_password
    if ready and not await password.is_set_up():
        await password.set_up(ready)
    return ready if await password.is_password(ready) else ""


async def _setup_page(app: web.Application) -> str:
    """Write the set-up code to its file, and return the path of the set-up page with the code.

    The path is empty when the password is set. The code is printed and never logged, because logs
    are sent elsewhere and shown on a page. It is in the fragment, which browsers do not send to
    servers, so access logs do not contain it.
    """
    code = app[SETUP_CODE]
    if await app[AUTHENTICATOR].password.is_set_up():
        code.withdraw()
        return ""
    if not code.is_needed:
        return "setup"
    code.publish()
    return f"setup#code={code.value}"


def _require_fast_parser() -> None:
    """Check that aiohttp uses its strict C parser.

    Raises:
        SettingsError: If only the Python parser is available, which accepts malformed requests.
    """
    from aiohttp import http_parser

    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        raise SettingsError(["AIOHTTP_NO_EXTENSIONS: must not be set; its parser is too lenient"])
