"""`aniworld serve`: the same server as `aniworld-http`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Final, Protocol, cast

from cyclopts import Parameter
from cyclopts.validators import Number

from aniworld_cli.exit_codes import DONE
from aniworld_cli.session import CurrentSession, Session
from aniworld_core.bootstrap.plugins import load_adapter
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.errors import SettingsError

_GROUP: Final = "aniworld.server"
_NAME: Final = "http"
_SETTINGS: Final = "http-settings"


class Serve(Protocol):
    """Interface of the entry point group `aniworld.server`."""

    def __call__(
        self,
        settings: Settings,
        *,
        variables: Mapping[str, str],
        say: Callable[[str], None],
        needs_setup_code: bool = True,
        ready_password: str = "",
        is_web_only: bool = False,
        opened: Callable[[Application], AbstractAsyncContextManager[None]] | None = None,
    ) -> Awaitable[None]:
        """Serve until SIGINT or SIGTERM."""


class WrongSettings(Protocol):
    """Interface of the entry point `http-settings` in the same group."""

    def __call__(self, *, given: Mapping[str, str]) -> Sequence[str]:
        """Return the problems of the server's settings."""


def installed_server() -> Serve:
    """Return the installed server.

    Raises:
        AdapterNotFoundError: If none is installed.
        AdapterBrokenError: If it cannot be loaded.
    """
    return cast("Serve", load_adapter(_GROUP, _NAME))


async def serve(
    *,
    host: str | None = None,
    port: Annotated[int | None, Parameter(validator=Number(gte=0, lte=65535))] = None,
    web_only: bool = False,
    reload: bool = False,
    session: CurrentSession,
) -> int:
    """Run the server with its web pages, until Ctrl-C or `aniworld stop`.

    Args:
        host: Address to listen on; overrides ANIWORLD_HOST.
        port: Port to listen on; overrides ANIWORLD_PORT. 0 chooses a free port.
        web_only: Leave downloads and scheduled work to other processes, such as aniworld worker.
        reload: For development: restart the server when its source files change.
        session: The run of the command.
    """
    output = session.output
    given = {"ANIWORLD_HOST": host, "ANIWORLD_PORT": None if port is None else str(port)}
    variables = {name: value for name, value in given.items() if value is not None}
    settings = _settings(session, variables)
    if reload:
        from aniworld_cli.commands.server.reload import serve_reloading

        return await serve_reloading(session, host=host, port=variables.get("ANIWORLD_PORT"))
    # The running server handles the signals itself and exits with 0, not as interrupted.
    await installed_server()(
        session.set_up_server_logging(settings),
        variables=variables,
        say=output.announce,
        is_web_only=web_only,
    )
    return DONE


def _settings(session: Session, variables: Mapping[str, str]) -> Settings:
    """Read the settings of the core.

    Raises:
        SettingsError: If settings of the core or the server are invalid; lists all of them.
    """
    try:
        return session.settings()
    except SettingsError as error:
        wrong = cast("WrongSettings", load_adapter(_GROUP, _SETTINGS))
        raise SettingsError([*error.problems, *wrong(given=variables)]) from error
