"""What every command works in: its streams, its settings, its application, its end."""

import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

import anyio
import anyio.abc
import attrs
from cyclopts import Parameter

from aniworld_cli.exit_codes import INTERRUPTED
from aniworld_cli.rendering.log_lines import CurrentStderr, warnings_as_lines
from aniworld_cli.rendering.output import Output
from aniworld_core.application.configuration import ConfigEditor
from aniworld_core.application.downloads import LinkFetch
from aniworld_core.bootstrap.application import Application, open_application
from aniworld_core.bootstrap.config_access import config_editor
from aniworld_core.bootstrap.link_fetch import open_link_fetch
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.media import Language
from aniworld_core.errors import InvalidConfigError, SettingsError

#: The adapters that fetching a link needs.
_ENGINE: Final = ("resolvers", "fetchers", "clock")


@attrs.frozen(kw_only=True)
class Session:
    """One run of the command.

    Attributes:
        output: Where data and talk go.
        data_dir: Data folder from the command line, before environment and default.
        library: Library root from the command line.
        adapters: Given to `open_application` as they are, in place of installed ones.
    """

    output: Output
    data_dir: Path | None = None
    library: Path | None = None
    adapters: Mapping[str, Any] = attrs.field(factory=dict)

    def settings(self) -> Settings:
        """Read the settings: command line, then environment, then defaults.

        Raises:
            SettingsError: If they have mistakes.
        """
        return Settings.from_environ(data_dir=self.data_dir, anime_directory=self.library)

    def config(self) -> ConfigEditor:
        """Return the editor of the stored configuration; nothing else is opened.

        Raises:
            SettingsError: If the settings have mistakes.
        """
        given = self.adapters
        return config_editor(
            self.settings(), store=given.get("config_store"), clock=given.get("clock")
        )

    @asynccontextmanager
    async def application(self, settings: Settings | None = None) -> AsyncIterator[Application]:
        """Open the application.

        Raises:
            SettingsError: If settings or configuration have mistakes.
            AniworldError: What `open_application` raises.
        """
        settings = settings or self.settings()
        self.set_up_logging(settings)
        async with AsyncExitStack() as stack:
            opening = open_application(settings, **self.adapters)
            try:
                app = await stack.enter_async_context(opening)
            except InvalidConfigError as error:
                # As input it would be wrong use; found at the start, the set-up is wrong.
                problems = [f"config.json {where}: {what}" for where, what in error.problems]
                raise SettingsError(problems) from error
            yield app

    def bookkeeping(self) -> AbstractAsyncContextManager[Application]:
        """Open the application for library and queue only, without catalogues and fetchers."""
        return self._without("loaders", "resolvers", "fetchers")

    def catalogues(self) -> AbstractAsyncContextManager[Application]:
        """Open the application for library, queue and catalogues, without fetchers."""
        return self._without("resolvers", "fetchers")

    def _without(self, *parts: str) -> AbstractAsyncContextManager[Application]:
        nothing: Mapping[str, Any] = dict.fromkeys(parts, ())
        return attrs.evolve(self, adapters={**nothing, **self.adapters}).application()

    @asynccontextmanager
    async def links(self, *, limit_rate: int = 0) -> AsyncIterator[LinkFetch]:
        """Open the download engine alone, for links in hand.

        Args:
            limit_rate: Bytes per second of all transfers together; 0 means no limit.

        Raises:
            SettingsError: If the settings have mistakes.
        """
        settings = self.settings()
        self.set_up_logging(settings)
        given = {n: self.adapters[n] for n in _ENGINE if n in self.adapters}
        async with open_link_fetch(settings, limit_rate=limit_rate, **given) as links:
            yield links

    def set_up_server_logging(self, settings: Settings) -> Settings:
        """Show the log as the server's own command does; more with `-v`, errors with `-q`.

        Returns:
            The settings with the level that `-v` and `-q` ask for.
        """
        from aniworld_core.bootstrap.logging import set_up_logging

        asked = {-1: "ERROR", 0: "", 1: ""}.get(self.output.verbosity, "DEBUG")
        settings = attrs.evolve(settings, log_level=asked or settings.log_level)
        set_up_logging(settings.log_level, settings.log_format, stream=CurrentStderr())
        return settings

    def set_up_logging(self, settings: Settings) -> None:
        """Show the log when it was asked for; without that, warnings are lines."""
        asked = {1: "INFO", 2: "DEBUG"}.get(min(self.output.verbosity, 2), settings.log_level)
        if asked:
            from aniworld_core.bootstrap.logging import set_up_logging

            set_up_logging(asked, settings.log_format or "console", stream=CurrentStderr())


#: The session as a parameter of a command; never read from the command line.
CurrentSession: TypeAlias = Annotated[Session, Parameter(parse=False)]


def wanted_language(app: Application, series: Series) -> Language | None:
    """The language that decides which titles of a series are shown."""
    order = series.languages or app.current_config.value.languages.order
    return order[0] if order else None


def run_command(command: Callable[[], Awaitable[int]], output: Output) -> int:
    """Run a command to its end, or until SIGINT or SIGTERM; then everything is given back."""
    with warnings_as_lines(output):
        return anyio.run(_supervise, command, output, backend="asyncio")


async def _supervise(command: Callable[[], Awaitable[int]], output: Output) -> int:
    code = INTERRUPTED
    async with anyio.create_task_group() as tasks:
        with anyio.CancelScope() as work:
            await tasks.start(_watch_signals, work, output)
            code = await command()
        tasks.cancel_scope.cancel()
    if work.cancelled_caught:
        output.failure(
            "interrupted",
            kind="interrupted",
            hint="nothing is lost; the same command goes on from here",
        )
        return INTERRUPTED
    return code


async def _watch_signals(
    work: anyio.CancelScope, output: Output, *, task_status: anyio.abc.TaskStatus[None]
) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        task_status.started()
        async for _ in signals:
            if work.cancel_called:
                # Asked twice: go at once. What is on disk is resumable at any instant.
                output.show_cursor()
                os._exit(INTERRUPTED)
            work.cancel()
