"""Health of each part of the server, for `/health/detailed`."""

import shutil
import time
from pathlib import Path
from typing import Final

import anyio
import attrs
from aiohttp import web
from anyio import to_thread

from aniworld_core.application.catalogue import wire_time
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.automation import silent_nodes
from aniworld_core.errors import AniworldError, LibraryNotSetError, StorageUnavailableError
from aniworld_core.messages import Message
from aniworld_core.ports.loader import Loader
from aniworld_http.checks.loop_probe import LOOP_PROBE, LoopProbe
from aniworld_http.keys import APPLICATION, UPTIME
from aniworld_http.queue_runner import QUEUE_RUNNER, QueueRunner
from aniworld_http.schemas.health import (
    DatabaseHealth,
    DetailedHealth,
    DiskHealth,
    LoopHealth,
    MediaServerHealth,
    NodeHealth,
    ProviderHealth,
    QueueHealth,
)
from aniworld_http.security.connections import CONNECTIONS

#: Seconds of event loop delay above which the health is degraded.
_LATE_SECONDS: Final = 0.1
#: Seconds to wait for the database.
_DATABASE_SECONDS: Final = 5.0


async def check_health(app: web.Application) -> DetailedHealth:
    """Return the health of all parts; failures are described, not raised."""
    application = app[APPLICATION]
    database = await _database(application)
    disk = await _disk(application)
    queue = await _queue(application, app[QUEUE_RUNNER], is_readable=database.status != "failed")
    providers = _providers(application)
    loop = _loop(app[LOOP_PROBE])
    conditions = {each.status for each in providers.values()}
    servers = _media_servers(application)
    conditions |= {each.status for each in servers.values()}
    nodes = await _nodes(application) if database.status != "failed" else ()
    conditions |= {database.status, disk.status, queue.status, loop.status}
    conditions |= {each.status for each in nodes}
    return DetailedHealth(
        # Not "failed", because the server answers this request.
        status="ok" if conditions == {"ok"} else "degraded",
        version=app[UPTIME].version,
        uptime_seconds=round(app[UPTIME].seconds, 1),
        database=database,
        disk=disk,
        queue=queue,
        providers=providers,
        media_servers=servers,
        loop=loop,
        connections=len(app[CONNECTIONS]),
        nodes=nodes,
    )


async def require_database(application: Application) -> None:
    """Check that the database answers in time.

    Raises:
        StorageUnavailableError: If it does not.
    """
    try:
        with anyio.fail_after(_DATABASE_SECONDS):
            await application.storage.ping()
    except TimeoutError as error:
        raise StorageUnavailableError(
            Message("no_answer_within", waited_seconds=_DATABASE_SECONDS)
        ) from error


async def _nodes(application: Application) -> tuple[NodeHealth, ...]:
    nodes, now = await application.membership.nodes(), application.clock.now()
    silent = {node.id for node in silent_nodes(nodes, now)}
    return tuple(
        NodeHealth(
            status="degraded" if node.id in silent else "ok",
            id=node.id,
            host=node.host,
            version=node.version,
            roles=tuple(sorted(node.roles)),
            is_leader=node.is_leader,
            slots=node.slots,
            started_at=node.started_at.isoformat(),
            silent_seconds=round(max((now - node.seen_at).total_seconds(), 0.0), 1),
        )
        for node in nodes
    )


async def _database(application: Application) -> DatabaseHealth:
    started = time.perf_counter()
    try:
        await require_database(application)
    except StorageUnavailableError as error:
        return DatabaseHealth(status="failed", detail=error.message)
    latency = round((time.perf_counter() - started) * 1000, 3)
    notice = application.storage.notice
    if notice:
        return DatabaseHealth(status="degraded", latency_ms=latency, detail=notice)
    return DatabaseHealth(status="ok", latency_ms=latency)


async def _disk(application: Application) -> DiskHealth:
    data = await to_thread.run_sync(disk_usage, application.settings.data_dir)
    found = DiskHealth(status="ok", data_free_bytes=data.free, data_total_bytes=data.total)
    reserve = application.current_config.value.downloads.reserve_bytes
    try:
        root = application.library.root
        free = await application.library.free_bytes()
    except LibraryNotSetError as error:
        return attrs.evolve(found, status="degraded", detail=error.message)
    except AniworldError as error:
        return attrs.evolve(found, status="failed", library=str(root), detail=error.message)
    library = await to_thread.run_sync(disk_usage, root)
    is_known = data.device is not None and library.device is not None
    return attrs.evolve(
        found,
        status="ok" if free >= reserve else "degraded",
        library=str(root),
        library_free_bytes=free,
        library_total_bytes=library.total,
        is_same_disk=data.device == library.device if is_known else None,
    )


@attrs.frozen
class DiskUsage:
    """Free and total bytes of a disk, and its device number."""

    free: int | None = None
    total: int | None = None
    device: int | None = None


def disk_usage(folder: Path) -> DiskUsage:
    """Return the usage of the disk of a folder; its parts are `None` if it cannot be read."""
    try:
        usage = shutil.disk_usage(folder)
        return DiskUsage(usage.free, usage.total, folder.stat().st_dev)
    except OSError:
        return DiskUsage()


async def _queue(
    application: Application, runner: QueueRunner, *, is_readable: bool
) -> QueueHealth:
    state = runner.state
    counts = await application.queue_reader.counts() if is_readable else {}
    return QueueHealth(
        status="ok" if is_readable and state.waiting_for is None else "degraded",
        is_running=state.is_running,
        is_paused=state.is_paused,
        waiting_for=state.waiting_for,
        items={status.value: count for status, count in counts.items()},
    )


def _providers(application: Application) -> dict[str, ProviderHealth]:
    loaders = application.catalogue.loaders
    found = {each.name: _provider(application, each) for each in loaders}
    broken = {n: ProviderHealth(status="failed", detail=why) for n, why in loaders.broken.items()}
    return {**found, **broken}


def _provider(application: Application, loader: Loader) -> ProviderHealth:
    """Return the health of a catalogue, with the open circuit breakers that the queue uses."""
    resting = application.circuits.open_circuits_of(loader.name)
    return ProviderHealth(
        status="degraded" if resting else "ok",
        site=loader.site,
        left_alone_until=wire_time(max(resting.values(), default=None)),
        detail=Message("hosts_paused", hosts=sorted(resting)) if resting else None,
    )


def _media_servers(application: Application) -> dict[str, MediaServerHealth]:
    return {
        state.server.label: MediaServerHealth(
            status="ok" if state.problem is None else "degraded",
            pending=state.pending,
            refreshed_at=wire_time(state.refreshed_at),
            detail=state.problem,
        )
        for state in application.media_servers.states()
    }


def _loop(probe: LoopProbe) -> LoopHealth:
    return LoopHealth(
        status="ok" if probe.worst < _LATE_SECONDS else "degraded",
        lag_ms=round(probe.lag * 1000, 2),
        worst_lag_ms=round(probe.worst * 1000, 2),
    )
