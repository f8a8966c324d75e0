"""Context of one command run: output, settings, application, signals."""

import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import anyio
import anyio.abc
import attrs
from cyclopts import Parameter

from aniworld_cli.exit_codes import INTERRUPTED
from aniworld_cli.rendering.log_lines import CurrentStderr, warnings_as_lines
from aniworld_cli.rendering.output import Output
from aniworld_core.application.actors import acting_as
from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.errors import InvalidConfigError, SettingsError

if TYPE_CHECKING:
    # Each command imports what it needs: all of them would take longer than most commands.
    from aniworld_core.application.configuration import ConfigEditor
    from aniworld_core.application.downloads import LinkFetch
    from aniworld_core.application.library import ScanReport
    from aniworld_core.bootstrap.use_cases import Application

#: Ctrl-C, `kill`, and a terminal that was closed.
ENDING_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: Adapter groups needed to fetch a link.
_ENGINE: Final = ("resolvers", "fetchers", "clock")


@attrs.frozen(kw_only=True)
class Session:
    """One run of the command.

    Attributes:
        output: Output for data and messages.
        data_dir: Data folder from the command line; overrides environment and default.
        library: Library folder from the command line.
        adapters: Passed to `open_application` in place of installed adapters.
    """

    output: Output
    data_dir: Path | None = None
    library: Path | None = None
    adapters: Mapping[str, Any] = attrs.field(factory=dict)

    def settings(self) -> Settings:
        """Read the settings: command line, then environment, then defaults.

        Raises:
            SettingsError: If settings are invalid.
        """
        return Settings.from_environ(data_dir=self.data_dir, anime_directory=self.library)

    def config(self) -> "ConfigEditor":
        """Return the configuration editor without opening anything else.

        Raises:
            SettingsError: If settings are invalid.
        """
        from aniworld_core.bootstrap.config_access import config_editor

        given = self.adapters
        return config_editor(
            self.settings(), store=given.get("config_store"), clock=given.get("clock")
        )

    @asynccontextmanager
    async def application(self, settings: Settings | None = None) -> "AsyncIterator[Application]":
        """Open the application.

        Raises:
            SettingsError: If settings or configuration are invalid.
            AniworldError: Errors of `open_application`.
        """
        settings = settings or self.settings()
        self.set_up_logging(settings)
        async with AsyncExitStack() as stack:
            opening = open_application(settings, **self.adapters)
            try:
                app = await stack.enter_async_context(opening)
            except InvalidConfigError as error:
                # At start the invalid value is not input of this command but wrong set-up.
                problems = [f"config.json {where}: {what}" for where, what in error.problems]
                raise SettingsError(problems) from error
            with acting_as("command"):
                if not app.current_config.value.media_servers.servers:
                    yield app
                    return
                async with app.media_servers.after():
                    yield app

    async def glance(self) -> "ScanReport | None":
        """Return the report of a scan of the disk if nothing changed, without an application.

        Raises:
            SettingsError: If settings are invalid.
        """
        if self.adapters:
            return None
        from aniworld_core.bootstrap.opening.glance import glance

        settings = self.settings()
        self.set_up_logging(settings)
        return await glance(settings)

    def bookkeeping(self) -> "AbstractAsyncContextManager[Application]":
        """Open the application with library and queue only, without catalogues and fetchers."""
        return self._without("loaders", "resolvers", "fetchers", "metadata_sources")

    def databases(self) -> "AbstractAsyncContextManager[Application]":
        """Open the application with library, queue and metadata sources, without catalogues."""
        return self._without("loaders", "resolvers", "fetchers")

    def catalogues(self) -> "AbstractAsyncContextManager[Application]":
        """Open the application with library, queue and catalogues, without fetchers."""
        return self._without("resolvers", "fetchers")

    def _without(self, *parts: str) -> "AbstractAsyncContextManager[Application]":
        nothing: Mapping[str, Any] = dict.fromkeys(parts, ())
        return attrs.evolve(self, adapters={**nothing, **self.adapters}).application()

    @asynccontextmanager
    async def links(self, *, limit_rate: int = 0) -> "AsyncIterator[LinkFetch]":
        """Open only the download engine, for given links.

        Args:
            limit_rate: Bytes per second of all transfers together; 0 means no limit.

        Raises:
            SettingsError: If settings are invalid.
        """
        from aniworld_core.bootstrap.link_fetch import open_link_fetch

        settings = self.settings()
        self.set_up_logging(settings)
        given = {n: self.adapters[n] for n in _ENGINE if n in self.adapters}
        async with open_link_fetch(settings, limit_rate=limit_rate, **given) as links:
            yield links

    def set_up_server_logging(self, settings: Settings) -> Settings:
        """Configure logging like the server's own command; more with `-v`, errors only with `-q`.

        Returns:
            The settings with the log level for `-v` or `-q`.
        """
        from aniworld_core.bootstrap.logging import set_up_logging

        asked = {-1: "ERROR", 0: "", 1: ""}.get(self.output.verbosity, "DEBUG")
        settings = attrs.evolve(settings, log_level=asked or settings.log_level)
        set_up_logging(settings.log_level, settings.log_format, stream=CurrentStderr())
        return settings

    def set_up_logging(self, settings: Settings) -> None:
        """Configure logging with `-v`; without it, print warnings as lines."""
        asked = {1: "INFO", 2: "DEBUG"}.get(min(self.output.verbosity, 2), settings.log_level)
        if asked:
            from aniworld_core.bootstrap.logging import set_up_logging

            set_up_logging(asked, settings.log_format or "console", stream=CurrentStderr())


#: The session as a parameter of a command; not parsed from the command line.
CurrentSession: TypeAlias = Annotated[Session, Parameter(parse=False)]


def run_command(command: Callable[[], Awaitable[int]], output: Output) -> int:
    """Run a command to its end or until one of `ENDING_SIGNALS`, then close everything."""
    with warnings_as_lines(output):
        return anyio.run(_supervise, command, output, backend="asyncio")


async def _supervise(command: Callable[[], Awaitable[int]], output: Output) -> int:
    code = INTERRUPTED
    async with anyio.create_task_group() as tasks:
        with anyio.CancelScope() as work:
            await tasks.start(_watch_signals, work, output)
            output.has_begun = True
            code = await command()
        tasks.cancel_scope.cancel()
    if work.cancelled_caught:
        output.failure(
            "interrupted",
            kind="interrupted",
            hint=output.after_interrupt,
        )
        return INTERRUPTED
    return code


async def _watch_signals(
    work: anyio.CancelScope, output: Output, *, task_status: anyio.abc.TaskStatus[None]
) -> None:
    # A program that `nohup` or the background of a script shields stays shielded.
    heard = [each for each in ENDING_SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    with anyio.open_signal_receiver(*heard) as signals:
        task_status.started()
        async for _ in signals:
            if work.cancel_called:
                # A second signal exits at once. Files on disk can be resumed at any time.
                output.show_cursor()
                os._exit(INTERRUPTED)
            work.cancel()
