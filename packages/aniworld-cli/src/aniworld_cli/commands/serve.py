"""`aniworld serve`: the same server as `aniworld-http`."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol, cast

from aniworld_cli.exit_codes import DONE
from aniworld_cli.session import CurrentSession
from aniworld_core.bootstrap.application import Application
from aniworld_core.bootstrap.plugins import load_adapter
from aniworld_core.bootstrap.settings import Settings

_GROUP: Final = "aniworld.server"
_NAME: Final = "http"


class Serve(Protocol):
    """What the entry point `aniworld.server` offers."""

    def __call__(
        self,
        settings: Settings,
        *,
        variables: Mapping[str, str],
        say: Callable[[str], None],
        needs_setup_code: bool = True,
        opened: Callable[[Application], AbstractAsyncContextManager[None]] | None = None,
    ) -> Awaitable[None]:
        """Serve until SIGINT or SIGTERM."""


def installed_server() -> Serve:
    """Find the installed server.

    Raises:
        AdapterNotFoundError: If none is installed.
        AdapterBrokenError: If it cannot be loaded.
    """
    return cast("Serve", load_adapter(_GROUP, _NAME))


async def serve(
    *, host: str | None = None, port: str | None = None, session: CurrentSession
) -> int:
    """Run the server with its web pages, until Ctrl-C or `aniworld stop`.

    Args:
        host: Address to listen on, before ANIWORLD_HOST.
        port: Port to listen on, before ANIWORLD_PORT; 0 takes any free one.
        session: The run it belongs to.
    """
    output = session.output
    settings = session.settings()
    session.set_up_server_logging(settings)
    given = {"ANIWORLD_HOST": host, "ANIWORLD_PORT": port}
    # While the server runs, signals are its own: it ends with 0, not as interrupted.
    await installed_server()(
        settings,
        variables={name: value for name, value in given.items() if value is not None},
        say=output.announce,
    )
    return DONE
