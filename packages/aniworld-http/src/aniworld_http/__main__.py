"""The command `aniworld-http`, and the server as an entry point for other programs."""

import argparse
import atexit
import contextlib
import gc
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import anyio

from aniworld_core.bootstrap.settings import Settings
from aniworld_core.errors import AniworldError, InvalidConfigError, SettingsError, SetupError
from aniworld_http.settings import HttpSettings, wrong_http_settings

if TYPE_CHECKING:
    from aniworld_core.bootstrap.use_cases import Application

logger: Final = logging.getLogger(__name__)

_SETUP_WRONG: Final = 8
_UNAVAILABLE: Final = 6
#: Seconds to close the storage, including its checkpoint.
_CLOSE_SECONDS: Final = 10.0


def _print_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def serve(
    settings: Settings,
    http_settings: HttpSettings | None = None,
    *,
    variables: Mapping[str, str] | None = None,
    say: Callable[[str], None] = _print_line,
    stop: anyio.Event | None = None,
    needs_setup_code: bool = True,
    ready_password: str = "",
    is_web_only: bool = False,
    opened: "Callable[[Application], contextlib.AbstractAsyncContextManager[None]] | None" = None,
) -> None:
    """Serve until SIGINT or SIGTERM; the entry point `aniworld.server`.

    Args:
        settings: Settings of the application.
        http_settings: Settings of the server; read from the environment if omitted.
        variables: Variables that override the environment, such as `ANIWORLD_PORT`.
        say: Prints a line for people: the URL, and the link for the first set-up.
        stop: Shuts the server down when set, as a signal does.
        needs_setup_code: Whether setting the first password requires the one-time code; `False` for
            the demo.
        ready_password: Password to set at the start if there is none; for the demo.
        is_web_only: Whether other processes download and do the scheduled work.
        opened: Return a context that is entered with the application while the server runs.

    Raises:
        DataDirInUseError: If another server uses the data folder.
        SettingsError: If a setting is wrong, or the address cannot be bound.
    """
    # Imported here, so that loading the entry point does not import the server.
    from aniworld_core.bootstrap.logging import LogRing
    from aniworld_core.bootstrap.server_lock import note_address, only_server
    from aniworld_core.domain.automation import Role
    from aniworld_http.app import make_app
    from aniworld_http.lifespan import serving, stop_signals

    stop = stop or anyio.Event()
    logs = LogRing()
    make = partial(
        make_app,
        logs=logs,
        needs_setup_code=needs_setup_code,
        ready_password=ready_password,
        roles=frozenset({Role.SERVER}) if is_web_only else frozenset(Role),
    )
    with logs.collecting(), only_server(settings.data_dir):
        # The demo is one server, also on a database of several machines.
        http = http_settings or _http_settings(settings, variables, is_single=not needs_setup_code)
        async with (
            stop_signals(stop),
            _application(settings) as application,
            _logging(application, settings),
            serving(make(application, http), say) as address,
            opened(application) if opened else contextlib.nullcontext(),
        ):
            note_address(settings.data_dir, address)
            await stop.wait()
            logger.info("shutting down")
    logger.info("shut down")


def _http_settings(
    settings: Settings, variables: Mapping[str, str] | None, *, is_single: bool
) -> HttpSettings:
    from aniworld_core.bootstrap.plugins import has_shared_storage

    return HttpSettings.from_environ(
        data_dir=settings.data_dir,
        given=variables,
        is_shared=not is_single and has_shared_storage(settings.storage_url),
    )


@contextlib.asynccontextmanager
async def _logging(application: "Application", settings: Settings) -> AsyncIterator[None]:
    from aniworld_core.bootstrap.logging import configured_logging

    with configured_logging(application.current_config, settings):
        yield


@contextlib.asynccontextmanager
async def _application(settings: Settings) -> AsyncIterator["Application"]:
    """Open the application; closing it is limited in time."""
    from aniworld_core.bootstrap.application import open_application
    from aniworld_core.bootstrap.recovery import recover_storage

    await recover_storage(settings)
    with anyio.CancelScope() as limit:
        async with open_application(settings) as application:
            try:
                yield application
            finally:
                limit.shield = True
                limit.deadline = anyio.current_time() + _CLOSE_SECONDS
    if limit.cancelled_caught:
        logger.warning("the storage did not close in %.0f s", _CLOSE_SECONDS)


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; the command `aniworld-http`.

    Args:
        argv: Arguments after the program name; those of the process if `None`.

    Returns:
        0 after a shutdown, 2 for wrong use, 8 for wrong settings, 6 when something is unavailable.
    """
    # Skip the collection at the end of Python: for a server it takes half a second of CPU time, and
    # the end of the process releases the memory anyway.
    atexit.register(gc.freeze)
    options = _options().parse_args(argv)
    from aniworld_core.bootstrap.logging import set_up_logging

    given = {"ANIWORLD_HOST": options.host, "ANIWORLD_PORT": options.port}
    variables = {name: value for name, value in given.items() if value is not None}
    try:
        settings = _settings(options.data_dir, variables)
        set_up_logging(settings.log_level, settings.log_format)
        _warn_root()
        anyio.run(partial(serve, settings, variables=variables, is_web_only=options.web_only))
    except (SetupError, InvalidConfigError) as error:
        return _failed(error, _SETUP_WRONG)
    except AniworldError as error:
        return _failed(error, _UNAVAILABLE)
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="aniworld-http",
        description="Serve the web pages and the REST interface until SIGINT or SIGTERM.",
        epilog="Everything else is set by environment variables and config.json.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    parser.add_argument("--host", help="address to listen on, before ANIWORLD_HOST")
    parser.add_argument(
        "--port", help="port to listen on, before ANIWORLD_PORT; 0 takes any free one"
    )
    parser.add_argument(
        "--web-only",
        action="store_true",
        help="leave downloads and scheduled work to other processes",
    )
    parser.add_argument(
        "--data-dir",
        metavar="DIR",
        help="folder of database, configuration and backups, before ANIWORLD_DATA_DIR",
    )
    return parser


def _version() -> str:
    from importlib.metadata import version

    return version("aniworld-http")


def _settings(data_dir: str | None, variables: Mapping[str, str]) -> Settings:
    """Read the settings of the core.

    Raises:
        SettingsError: If settings of the core or the server are invalid; lists all of them.
    """
    try:
        return Settings.from_environ(data_dir=data_dir)
    except SettingsError as error:
        others = wrong_http_settings(given=variables)
        raise SettingsError([*error.problems, *others]) from error


def _warn_root() -> None:
    # A warning only, because containers often run as root.
    if os.geteuid() == 0:
        logger.warning("running as root: use an account with fewer rights")


def _failed(error: AniworldError, code: int) -> int:
    lines = [f"aniworld-http: {error}"]
    if error.hint:
        lines.append(f"  {error.hint}")
    sys.stderr.write("\n".join(lines) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
