"""From a server that is put together to one that answers, and back."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from aniworld_core.errors import SettingsError
from aniworld_http.keys import AUTHENTICATOR
from aniworld_http.lifespan.listening import listening
from aniworld_http.lifespan.tasks import add_background
from aniworld_http.lifespan.unreadable import protocol_logger
from aniworld_http.security.setup_code import SETUP_CODE

logger: Final = logging.getLogger(__name__)

#: Requests under way get this long to end after the last one was accepted.
REQUEST_SECONDS: Final = 3.0
_IDLE_SECONDS: Final = 75.0


@asynccontextmanager
async def serving(app: web.Application, say: Callable[[str], None]) -> AsyncIterator[str]:
    """Answer requests inside the context; leaving it is the shutdown, in its fixed order.

    Nothing more is accepted; the sockets are told and closed; requests under way end; the queue
    gives its items back; the rest is cancelled.

    Args:
        app: The server.
        say: Prints a line for people: the address, and the link for the first set-up.

    Yields:
        The address that people open.

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
        shutdown_timeout=REQUEST_SECONDS,
    )
    await runner.setup()
    try:
        # The code is in its file before the first request is answered: scripts read it then.
        setup = await _setup_page(app)
        async with listening(runner) as address:
            say(f"Aniworld is at {address}")
            if setup:
                say(f"Set the master password: {address}{setup}")
            yield address
    finally:
        app[SETUP_CODE].withdraw()
        await runner.cleanup()


async def _setup_page(app: web.Application) -> str:
    """Write the set-up code to its file, and return the page for the first set-up with the code.

    The page is empty when the password is set. The code is printed, never logged: logs are shipped
    to other places and shown on a page. Browsers send no fragment to a server, so the code is in no
    access log either.
    """
    code = app[SETUP_CODE]
    if await app[AUTHENTICATOR].is_set_up():
        code.withdraw()
        return ""
    if not code.is_needed:
        return "setup"
    code.publish()
    return f"setup#code={code.value}"


def _require_fast_parser() -> None:
    """Make sure that requests are read by aiohttp's strict parser.

    Raises:
        SettingsError: If only its slower one is there, which is more lenient.
    """
    from aiohttp import http_parser

    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        raise SettingsError(["AIOHTTP_NO_EXTENSIONS: must not be set; its parser is too lenient"])
