"""A probe of one setting, and the running programs on which probes look."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import attrs

from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.config_access import stored_configuration
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.catalogue import Series, Titles
from aniworld_core.domain.downloads import DownloadItem, ItemQuery
from aniworld_core.domain.identity import EpisodeRef, FolderName
from aniworld_core.domain.media import GER_DUB, GER_SUB
from aniworld_core.testing.factories import make_episode, make_series
from aniworld_core.testing.fakes import FakeClock, FakeLoader
from aniworld_core.testing.memory import MemoryStorage
from aniworld_http.queue_runner import QUEUE_RUNNER
from support.application_stage import Stage, open_stage
from support.http_library import RestingClock
from support.http_stage import FREELY, PASSWORD, Server, open_server

KEY: Final = "tide"
#: Longer than a short path may be.
TITLE: Final = " ".join(["Springtide"] * 14)


def tide() -> Series:
    """Return a series with episodes in two languages."""
    languages = frozenset({GER_DUB, GER_SUB})
    return make_series(
        KEY,
        name="Tide",
        provider="fake",
        site="fake.invalid",
        link=f"https://fake.invalid/{KEY}",
        folder=FolderName("Tide"),
        episodes=[
            make_episode(number, languages=languages, titles=Titles(de=TITLE))
            for number in range(1, 9)
        ],
    )


@attrs.define(eq=False)
class World:
    """A running program.

    Attributes:
        app: The application.
        folder: An empty folder of the probe.
        clock: Its clock.
        stage: The test doubles, if it has those.
        server: The server, if there is one.
        made: What the probe itself opened, by name.
    """

    app: Application
    folder: Path
    clock: FakeClock
    stage: Stage | None = None
    server: Server | None = None
    made: dict[str, Any] = attrs.field(factory=dict)
    _episodes: int = 0

    @property
    def doubles(self) -> Stage:
        """The test doubles of a program that has some."""
        assert self.stage is not None
        return self.stage

    @property
    def served(self) -> Server:
        """The server of a program that has one."""
        assert self.server is not None
        return self.server

    async def change(self, document: Mapping[str, object]) -> None:
        """Change the configuration as the pages do, or as the command line does."""
        if self.server is None:
            await self.app.config.replace(document)
            return
        body = {**document, "current_password": PASSWORD}
        status, answer = await self.server.json("PUT", "/api/config", body)
        assert status == 200, answer

    async def download(self, count: int = 1) -> Sequence[DownloadItem]:
        """Let the queue download the next episodes; return the items that it keeps."""
        series = tide()
        await self.app.catalogue.add(series.link)
        first, self._episodes = self._episodes + 1, self._episodes + count
        refs = [EpisodeRef(series.key, 1, n) for n in range(first, self._episodes + 1)]
        added = {item.id for item in await self.app.queue.enqueue(series.key, episodes=refs)}
        await self.app.worker.drain()
        kept = (await self.app.storage.queue.page(ItemQuery())).items
        return [entry.item for entry in kept if entry.item.id in added]


@asynccontextmanager
async def use_cases(
    folder: Path, *, is_resting: bool = False, has_library: bool = True
) -> AsyncIterator[World]:
    """Open an application on test doubles, with a real configuration file.

    Args:
        folder: Folder of its library and data.
        is_resting: Whether its time does not pass; otherwise a sleep lets it pass at once.
        has_library: Whether a library folder is set.
    """
    given: dict[str, Any] = {
        "loaders": [FakeLoader(series=[tide()])],
        "config_store": stored_configuration(Settings(data_dir=folder / "data")),
        "clock": RestingClock() if is_resting else FakeClock(),
        "has_library": has_library,
    }
    async with open_stage(folder, **given) as stage:
        yield World(stage.app, folder, stage.clock, stage)


@asynccontextmanager
async def served(folder: Path, **options: Any) -> AsyncIterator[World]:
    """Serve an application on test doubles whose time does not pass; its queue is stopped."""
    given = {"loaders": [FakeLoader(series=[tide()])], "clock": RestingClock(), "limits": FREELY}
    async with open_server(folder, **{**given, **options}) as server:
        await server.app[QUEUE_RUNNER].stop()
        yield World(server.stage.app, folder, server.stage.clock, server.stage, server)


def adapters(*names: str) -> Callable[..., AbstractAsyncContextManager[World]]:
    """Return what opens an application with installed catalogues; all of them without names."""

    @asynccontextmanager
    async def opened(
        folder: Path, *, has_database: bool = False, allowed: tuple[str, ...] = ()
    ) -> AsyncIterator[World]:
        (folder / "library").mkdir()
        settings = Settings(
            data_dir=folder / "data",
            anime_directory=folder / "library",
            loaders=names or None,
            allowed_addresses=allowed,
        )
        clock = FakeClock()
        parts: dict[str, Any] = {"metadata_sources": (), "clock": clock}
        if not has_database:
            parts["storage"] = MemoryStorage()
        async with open_application(settings, **parts) as app:
            yield World(app, folder, clock)

    return opened


@attrs.frozen(kw_only=True)
class Probe:
    """What two values of a setting lead to.

    Attributes:
        values: The values, one after the other; a function gets them from the program.
        seen: What `observe` returns with each.
        observe: Looks at what the program does.
        given: Other settings, before; a function gets them from the program.
        path: Path of the setting in the document; its name by default.
        wrap: Builds the value of the path from the value of the setting.
        open: Opens the program.
        beside: Runs beside the program.
    """

    values: tuple[object, object] | Callable[[World], tuple[object, object]]
    seen: tuple[object, object]
    observe: Callable[[World], Awaitable[object]]
    given: Mapping[str, object] | Callable[[World], Mapping[str, object]] = attrs.field(
        factory=dict
    )
    path: str = ""
    wrap: Callable[[World, object], object] = lambda _world, value: value
    open: Callable[[Path], AbstractAsyncContextManager[World]] = use_cases
    beside: Callable[[World], AbstractAsyncContextManager[None]] | None = None
