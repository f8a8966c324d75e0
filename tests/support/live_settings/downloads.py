"""Probes of the sections `downloads` and `languages`."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

import anyio

from aniworld_core.domain.downloads import DownloadStatus
from aniworld_core.errors import FetchInterruptedError
from aniworld_core.messages import Message
from support.live_settings.probe import Probe, World

Look = Callable[[World], Awaitable[object]]


def _request(name: str) -> Look:
    """Return a look at what the fetcher was asked for."""

    async def look(world: World) -> object:
        await world.download()
        return getattr(world.doubles.fetcher.requests[-1], name)

    return look


async def _at_once(world: World) -> object:
    """Return how many of three downloads run at the same time."""
    fetcher = world.doubles.fetcher
    fetcher.gate, before = anyio.Event(), len(fetcher.requests)
    wanted = world.app.current_config.value.downloads.concurrent
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.download, 3)
        while len(fetcher.requests) < before + wanted:
            await anyio.wait_all_tasks_blocked()
        await anyio.wait_all_tasks_blocked()
        running = len(fetcher.requests) - before
        fetcher.gate.set()
    fetcher.gate = None
    return running


async def _is_slowed(world: World) -> object:
    """Return whether a megabyte has to wait."""
    with anyio.move_on_after(0.01) as limit:
        await world.app.throttle.take(1_000_000)
    return limit.cancelled_caught


async def _obstacle(world: World) -> object:
    """Return why the whole queue waits."""
    report = await world.app.worker.drain()
    return report.obstacle.kind if report.obstacle else None


def _fail(world: World, times: int) -> None:
    broken = [FetchInterruptedError(Message("no_answer")) for _ in range(times)]
    world.doubles.fetcher.errors[:] = broken


async def _attempts(world: World) -> object:
    """Return how often a download that always fails is tried."""
    _fail(world, 9)
    before = len(world.doubles.fetcher.requests)
    await world.download()
    return len(world.doubles.fetcher.requests) - before


async def _first_wait(world: World) -> object:
    """Return whether the first retry has to wait for more than a minute."""
    _fail(world, 1)
    (item,) = await world.download()
    assert item.not_before is not None or item.status is DownloadStatus.COMPLETED
    slept = max(world.clock.slept, default=timedelta())
    until = item.not_before or world.clock.now()
    world.doubles.fetcher.errors.clear()
    return max(slept, until - world.clock.now()) > timedelta(minutes=1)


def _kept(status: DownloadStatus) -> Look:
    async def look(world: World) -> object:
        _fail(world, 3 if status is DownloadStatus.FAILED else 0)
        await world.download(3)
        return (await world.app.storage.queue.counts())[status]

    return look


async def _language(world: World) -> object:
    (item,) = await world.download()
    return item.language.code if item.language else None


async def _upgraded(world: World) -> object:
    """Return how many episodes a scan queues again in a better language."""
    if "first" not in world.made:
        world.made["first"] = await world.download()
        await world.change({"languages": {"order": ["ger-dub", "ger-sub"]}})
    await world.app.schedule.trigger()
    return (await world.app.storage.queue.counts())[DownloadStatus.PENDING]


#: One source for each episode.
_ONE_LANGUAGE: Final = {"languages": {"order": ["ger-dub"]}}

DOWNLOADS: Final[Mapping[str, Probe]] = {
    "downloads.quality": Probe(
        values=("720p", "worst"), seen=("720p", "worst"), observe=_request("quality")
    ),
    "downloads.subtitles": Probe(
        values=("none", "all"), seen=(frozenset(), None), observe=_request("text_languages")
    ),
    "downloads.concurrent": Probe(values=(1, 2), seen=(1, 2), observe=_at_once),
    "downloads.connections": Probe(values=(3, 5), seen=(3, 5), observe=_request("connections")),
    "downloads.stall_timeout": Probe(
        values=(30.0, 60.0), seen=(30.0, 60.0), observe=_request("stall_timeout")
    ),
    "downloads.limit_rate": Probe(values=(0, 1000), seen=(False, True), observe=_is_slowed),
    "downloads.hours": Probe(
        values=(["00:00-23:59"], ["03:00-03:01"]), seen=(None, "not_before"), observe=_obstacle
    ),
    "downloads.reserve_bytes": Probe(
        values=(0, 2**62), seen=(None, "disk_full"), observe=_obstacle
    ),
    "downloads.max_bytes": Probe(
        values=(1000, 2000), seen=(1000, 2000), observe=_request("max_bytes")
    ),
    "downloads.retries": Probe(
        values=(0, 2),
        seen=(1, 3),
        observe=_attempts,
        given={"downloads": {"retry_delay_seconds": 0}, **_ONE_LANGUAGE},
    ),
    "downloads.retry_delay_seconds": Probe(
        values=(1.0, 600.0), seen=(False, True), observe=_first_wait
    ),
    "downloads.keep_completed": Probe(
        values=(1, 3), seen=(1, 3), observe=_kept(DownloadStatus.COMPLETED)
    ),
    "downloads.keep_failed": Probe(
        values=(1, 3),
        seen=(1, 3),
        observe=_kept(DownloadStatus.FAILED),
        given={"downloads": {"retries": 0}, **_ONE_LANGUAGE},
    ),
    "languages.order": Probe(
        values=(["ger-sub"], ["ger-dub"]), seen=("ger-sub", "ger-dub"), observe=_language
    ),
    "languages.upgrade": Probe(
        values=(False, True),
        seen=(0, 1),
        observe=_upgraded,
        given={"languages": {"order": ["ger-sub"]}},
    ),
}
