"""Media servers refresh the series folders that changed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import attrs
import pytest

from aniworld_core.adapters.library import DirectoryLibrary
from aniworld_core.adapters.local_bus import LocalProgressBus
from aniworld_core.application.automation import MediaServerRefresh
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.configuration import Config, MediaServerConfig, MediaServersConfig
from aniworld_core.domain.identity import ChangeId, FolderName
from aniworld_core.domain.library import ChangeOrigin
from aniworld_core.errors import MediaServerFailedError
from aniworld_core.events import DownloadCompleted, Event, LibraryChangeFinished
from aniworld_core.messages import Message
from aniworld_core.testing import at, make_item
from aniworld_core.testing.fakes import FakeClock, FakeMediaServer
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio

ROOT = Path("/srv/anime")
SERVER = MediaServerConfig(
    name="tv", kind="fake", base_url="http://tv", paths=("/srv/anime => /data/anime",)
)
DENIED = MediaServerFailedError("tv", Message("media_server_denied"), is_final=True)
OFF = MediaServerFailedError("tv", Message("no_answer"))


@attrs.define(eq=False)
class HeldClock(FakeClock):
    """A clock whose sleeps end when the test says so."""

    gate: anyio.Event = attrs.field(factory=anyio.Event)

    async def sleep(self, delay: timedelta) -> None:
        """Wait for the test."""
        self.slept.append(delay)
        await self.gate.wait()

    def release(self) -> None:
        """End the sleeps that have begun; later ones wait again."""
        gate, self.gate = self.gate, anyio.Event()
        gate.set()


@attrs.define(eq=False, kw_only=True)
class Stage:
    """Running refreshes."""

    bus: LocalProgressBus = attrs.field(factory=LocalProgressBus)
    clock: HeldClock = attrs.field(factory=HeldClock)
    server: FakeMediaServer = attrs.field(factory=FakeMediaServer)
    config: CurrentConfig
    refresh: MediaServerRefresh

    async def publish(self, *events: Event) -> None:
        """Publish events, and wait until they are read."""
        for event in events:
            await self.bus.publish(event)
        await anyio.wait_all_tasks_blocked()

    async def release(self) -> None:
        """End the present waits."""
        self.clock.release()
        await anyio.wait_all_tasks_blocked()

    @property
    def told(self) -> list[list[str]]:
        """The paths of each refresh."""
        return [sorted(folder.path for folder in call) for call in self.server.calls]


def configured(*servers: MediaServerConfig) -> Config:
    """Return a configuration with these servers."""
    return Config(media_servers=MediaServersConfig(servers=servers))


def completed(file: str) -> DownloadCompleted:
    """Return the event of a finished download."""
    item = attrs.evolve(make_item(1), file=file)
    return DownloadCompleted(item=item, folder=FolderName("Alpha"), at=at(1))


def changed(*folders: str, left: Sequence[str] = ()) -> LibraryChangeFinished:
    """Return the event of a change of files."""
    return LibraryChangeFinished(
        change_id=ChangeId(1),
        origin=ChangeOrigin.RENAME,
        folders=folders,
        left=tuple(left),
        at=at(1),
    )


@asynccontextmanager
async def running(*servers: MediaServerConfig) -> AsyncIterator[Stage]:
    """Run refreshes for these servers."""
    config = CurrentConfig(configured(*servers))
    bus, clock, server = LocalProgressBus(), HeldClock(), FakeMediaServer()
    refresh = MediaServerRefresh(
        bus=bus,
        config=config,
        library=DirectoryLibrary(ROOT, ("/mnt/second",)),
        clock=clock,
        open=server.opened,
    )
    stage = Stage(bus=bus, clock=clock, server=server, config=config, refresh=refresh)
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(refresh.run)
            await anyio.wait_all_tasks_blocked()
            yield stage
            tasks.cancel_scope.cancel()


async def test_a_season_is_one_refresh_of_its_series() -> None:
    """Downloads that end within the delay are one refresh, by the path of the server."""
    async with running(SERVER) as stage:
        for number in range(1, 13):
            await stage.publish(completed(f"Alpha/Season 01/Alpha - S01E{number:02}.mp4"))
        assert stage.told == []
        assert stage.clock.slept == [timedelta(seconds=60)]
        await stage.release()
        assert stage.told == [["/data/anime/Alpha"]]
        await stage.publish(completed("Beta/Beta - S01E01.mp4"))
        await stage.release()
        assert stage.told == [["/data/anime/Alpha"], ["/data/anime/Beta"]]


async def test_changes_of_files_are_refreshed_with_what_left() -> None:
    """Renames, imports, deletions and upgrades count, also in other roots and in the root."""
    async with running(SERVER) as stage:
        await stage.publish(
            changed("Alpha/Season 01", "Alpha", left=["Alpha"]),
            changed("/mnt/second/Beta/Staffel 1"),
            changed("."),
            changed("/elsewhere/Gamma"),
        )
        await stage.release()
        (call,) = stage.server.calls
        assert {folder.path: folder.has_removals for folder in call} == {
            "/data/anime/Alpha": True,
            "/mnt/second/Beta": False,
            "/data/anime": False,
        }


async def test_many_folders_are_sent_in_parts() -> None:
    """The rename of a whole library does not exceed the time of one request."""
    async with running(SERVER) as stage:
        await stage.publish(changed(*(f"S{number}" for number in range(50))))
        await stage.release()
        assert [len(call) for call in stage.server.calls] == [20, 20, 10]


async def test_a_server_that_is_off_gets_everything_later() -> None:
    """It is asked again with growing delays, and its state says why and when."""
    async with running(SERVER) as stage:
        stage.server.failure = OFF
        await stage.publish(completed("Alpha/1.mp4"))
        await stage.release()
        (state,) = stage.refresh.states()
        assert (state.pending, state.problem) == (1, OFF.reason)
        assert state.next_try_at is not None
        await stage.release()
        await stage.release()
        first, second, third = stage.clock.slept[1:]
        assert first < second < third
        await stage.publish(completed("Beta/1.mp4"))  # the second wait of the clock
        stage.server.failure = None
        await stage.release()
        await stage.release()
        assert sorted({path for call in stage.told for path in call}) == [
            "/data/anime/Alpha",
            "/data/anime/Beta",
        ]
        (state,) = stage.refresh.states()
        assert (state.pending, state.problem, state.next_try_at) == (0, None, None)
        assert state.refreshed_at is not None


async def test_refused_credentials_are_tried_again_when_they_change() -> None:
    """No wait retries them; a corrected token does at once."""
    async with running(SERVER) as stage:
        stage.server.failure = DENIED
        await stage.publish(completed("Alpha/1.mp4"))
        await stage.release()
        for _ in range(3):
            await stage.release()
        assert stage.server.attempts == 1
        (state,) = stage.refresh.states()
        assert (state.problem, state.next_try_at) == (DENIED.reason, None)
        stage.server.failure = None
        stage.config.value = configured(attrs.evolve(SERVER, token="right"))
        await anyio.wait_all_tasks_blocked()
        assert stage.told == [["/data/anime/Alpha"]]


async def test_one_server_does_not_delay_another() -> None:
    """Each server has waits of its own."""
    async with running(SERVER, attrs.evolve(SERVER, name="b", base_url="http://b")) as stage:
        opened = stage.server.opened

        @asynccontextmanager
        async def one_off(
            server: MediaServerConfig, config: Config
        ) -> AsyncIterator[FakeMediaServer]:
            if server.base_url == "http://tv":
                raise OFF
            async with opened(server, config):
                yield stage.server

        stage.refresh._open = one_off
        await stage.publish(completed("Alpha/1.mp4"))
        await stage.release()
        assert stage.told == [["/data/anime/Alpha"]]
        assert [state.pending for state in stage.refresh.states()] == [1, 0]


async def test_removed_and_disabled_servers_are_left_alone() -> None:
    """A change of the configuration counts at once."""
    async with running(SERVER) as stage:
        await stage.publish(completed("Alpha/1.mp4"))
        stage.config.value = configured(attrs.evolve(SERVER, enabled=False))
        await stage.release()
        await stage.publish(completed("Beta/1.mp4"))
        await stage.release()
        assert stage.server.attempts == 0
        assert stage.refresh.states() == []


async def test_pending_folders_are_sent_before_the_end() -> None:
    """A stop within the delay loses nothing."""
    async with running(SERVER) as stage:
        await stage.publish(completed("Alpha/1.mp4"))
    assert stage.told == [["/data/anime/Alpha"]]


async def test_a_command_refreshes_once_at_its_end() -> None:
    """Without a delay; a failure is no failure of the command."""
    config = CurrentConfig(configured(SERVER))
    bus, server = LocalProgressBus(), FakeMediaServer()
    refresh = MediaServerRefresh(
        bus=bus,
        config=config,
        library=DirectoryLibrary(ROOT, ()),
        clock=FakeClock(),
        open=server.opened,
    )
    async with refresh.after():
        for number in range(500):
            await bus.publish(completed(f"Alpha/{number}.mp4"))
    assert [[folder.path for folder in call] for call in server.calls] == [["/data/anime/Alpha"]]
    server.failure = OFF
    async with refresh.after():
        await bus.publish(completed("Alpha/1.mp4"))
    assert server.attempts == 2


async def test_a_test_needs_a_library_with_our_folder() -> None:
    """Wrong path mapping and wrong section are found by the test, not by the first download."""
    async with running(SERVER) as stage:
        config = stage.config.value
        assert (await stage.refresh.test(SERVER, config)).product == "Fake 1"
        for folders in ((), ("/data/films",), ("/data/anime-new",), ("/data",)):
            stage.server.folders = folders
            if folders == ("/data",):
                await stage.refresh.test(SERVER, config)
                continue
            with pytest.raises(MediaServerFailedError, match="/data/anime"):
                await stage.refresh.test(SERVER, config)
