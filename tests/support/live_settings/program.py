"""Probes of the name, the schedule, the log, the backups and the network."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Final

import anyio
import attrs

from aniworld_core.bootstrap.logging import configured_logging
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.downloads import DownloadStatus
from aniworld_core.events import ScanStarted
from support.http_stage import FREELY
from support.live_settings.probe import Probe, World, adapters, served, tide, use_cases

_LOGGER: Final = logging.getLogger("aniworld_core.probe")


async def _title(world: World) -> object:
    """Return the name in the title of a page."""
    response = await world.served.call("GET", "/login", token="")
    head = (await response.text()).partition("</title>")[0]
    return head.rpartition(" · ")[2].rpartition("- ")[2].rpartition(">")[2].strip()


async def _scans(world: World) -> object:
    """Return whether a scan starts within some checks of the schedule."""
    before = len(world.clock.slept)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.app.schedule.run)
        while len(world.clock.slept) < before + 9:
            await anyio.sleep(0.001)
        tasks.cancel_scope.cancel()
    return len(world.doubles.bus.of(ScanStarted)) > 0


async def _next_scan(world: World) -> object:
    """Return the time until the next scan in whole hours."""
    if "scanned" not in world.made:
        world.made["scanned"] = await world.app.schedule.trigger()
    status = await world.app.schedule.status()
    assert status.next_run is not None
    return (status.next_run - world.clock.now()) // timedelta(hours=1)


async def _queued(world: World) -> object:
    """Return whether a scan queues missing episodes."""
    await world.app.catalogue.add(tide().link)
    await world.app.schedule.trigger()
    return (await world.app.storage.queue.counts())[DownloadStatus.PENDING] > 0


@asynccontextmanager
async def _logging(world: World) -> AsyncIterator[None]:
    """Configure the log as the server does; restore its level afterwards."""
    root = logging.getLogger()
    before = root.level
    settings = Settings(data_dir=world.app.settings.data_dir)
    try:
        with configured_logging(world.app.current_config, settings):
            yield
    finally:
        root.setLevel(before)


def _log_files(world: World) -> list[str]:
    return sorted(p.name for p in world.app.settings.data_dir.iterdir() if ".log" in p.name)


async def _written(world: World) -> object:
    """Return the log files that hold a record of this moment."""
    _LOGGER.warning("probe %d", len(world.made))
    world.made[f"record {len(world.made)}"] = True
    marker = f"probe {len(world.made) - 1}"
    folder = world.app.settings.data_dir
    return [name for name in _log_files(world) if marker in (folder / name).read_text()]


async def _is_debug_written(world: World) -> object:
    _LOGGER.debug("fine details")
    _LOGGER.warning("a warning")
    (file,) = _log_files(world)
    return "fine details" in (world.app.settings.data_dir / file).read_text()


async def _rotated(world: World) -> object:
    """Return the number of log files after 320 KiB."""
    for number in range(320):
        _LOGGER.warning("%d %s", number, "x" * 1024)
    return len(_log_files(world))


async def _change_name(world: World) -> None:
    world.made[f"name {len(world.made)}"] = True
    await world.change({"name": f"Name {len(world.made)}"})


async def _new_backups(world: World) -> object:
    """Return how many backups a change adds."""
    before = len(await world.app.config.backups())
    await _change_name(world)
    return len(await world.app.config.backups()) - before


async def _kept_backups(world: World) -> object:
    for _ in range(4):
        world.clock.advance(timedelta(minutes=1))
        await _change_name(world)
    return len(await world.app.config.backups())


def _backup_folder(world: World, name: object) -> str:
    folder = world.folder / str(name)
    folder.mkdir(exist_ok=True)
    return str(folder)


async def _backup_folders(world: World) -> object:
    """Return the folders in which the next backup is."""
    names = ("one", "two")
    before = {name: len(list((world.folder / name).glob("*"))) for name in names}
    world.clock.advance(timedelta(minutes=1))
    await _change_name(world)
    after = {name: len(list((world.folder / name).glob("*"))) for name in names}
    return [name for name in names if after[name] > before[name]]


async def _copy_due(world: World) -> object:
    """Return the hours until the next copy of the database."""
    if "copied" not in world.made:
        world.made["copied"] = await world.app.copies.make()
    due = await world.app.copies.next_time()
    return None if due is None else (due - world.clock.now()) // timedelta(hours=1)


async def _kept_copies(world: World) -> object:
    for _ in range(4):
        world.clock.advance(timedelta(days=1))
        await world.app.copies.make()
    return len(list((world.app.settings.data_dir / "backups").glob("*.db*")))


async def _other_host(world: World) -> object:
    """Return the status of a request under another host name."""
    headers = {"Host": "anime.example"}
    return (await world.served.call("GET", "/login", token="", headers=headers)).status


async def _second_guess(world: World) -> object:
    """Return the status of the second guess of a password, from another client of the proxy."""
    statuses = []
    for _ in range(2):
        world.made[f"guess {len(world.made)}"] = True
        headers = {"X-Forwarded-For": f"203.0.113.{len(world.made)}"}
        body = {"password": "Wrong-Horse-1"}
        answer = await world.served.call("POST", "/api/auth/login", body, token="", headers=headers)
        statuses.append(answer.status)
    return statuses[1]


async def _metrics(world: World) -> object:
    return (await world.served.call("GET", "/metrics", token="")).status


_LOG: Final = {"logging": {"file": "server.log"}}
_resting: Final = partial(use_cases, is_resting=True)
_database: Final = partial(adapters("index"), has_database=True)

PROGRAM: Final[Mapping[str, Probe]] = {
    "name": Probe(
        values=("Attic", "Cellar"), seen=("Attic", "Cellar"), observe=_title, open=served
    ),
    "scheduler.enabled": Probe(
        values=(False, True), seen=(False, True), observe=_scans, open=_resting
    ),
    "scheduler.interval_minutes": Probe(
        values=(180, 600), seen=(3, 10), observe=_next_scan, open=_resting
    ),
    "scheduler.times": Probe(
        values=([], ["00:00", "06:00", "12:00", "18:00"]),
        seen=(100, 6),
        observe=_next_scan,
        given={"scheduler": {"interval_minutes": 6000}},
        open=_resting,
    ),
    "scheduler.queue_missing": Probe(
        values=(False, True), seen=(False, True), observe=_queued, open=_resting
    ),
    "logging.level": Probe(
        values=("INFO", "DEBUG"),
        seen=(False, True),
        observe=_is_debug_written,
        given=_LOG,
        beside=_logging,
    ),
    "logging.file": Probe(
        values=("a.log", "b.log"),
        seen=(["a.log"], ["b.log"]),
        observe=_written,
        beside=_logging,
    ),
    "logging.max_bytes": Probe(
        values=(1024**3, 64 * 1024), seen=(1, 6), observe=_rotated, given=_LOG, beside=_logging
    ),
    "logging.keep": Probe(
        values=(1, 2),
        seen=(2, 3),
        observe=_rotated,
        given={"logging": {"file": "server.log", "max_bytes": 64 * 1024}},
        beside=_logging,
    ),
    "backup.enabled": Probe(values=(False, True), seen=(0, 1), observe=_new_backups),
    "backup.path": Probe(
        values=("one", "two"),
        wrap=_backup_folder,
        seen=(["one"], ["two"]),
        observe=_backup_folders,
    ),
    "backup.keep": Probe(values=(1, 3), seen=(1, 3), observe=_kept_backups),
    "backup.database.enabled": Probe(
        values=(False, True), seen=(None, 24), observe=_copy_due, open=_database
    ),
    "backup.database.interval_hours": Probe(
        values=(5, 10), seen=(5, 10), observe=_copy_due, open=_database
    ),
    "backup.database.keep": Probe(values=(1, 3), seen=(1, 3), observe=_kept_copies, open=_database),
    "network.allowed_hosts": Probe(
        values=([], ["anime.example"]), seen=(421, 200), observe=_other_host, open=served
    ),
    "network.trusted_proxies": Probe(
        values=([], ["127.0.0.1"]),
        seen=(429, 401),
        observe=_second_guess,
        open=partial(served, limits=attrs.evolve(FREELY, guesses=2)),
    ),
    "network.open_metrics": Probe(
        values=(False, True), seen=(401, 200), observe=_metrics, open=served
    ),
}
