"""/health: alive, ready, and how everything is."""

from typing import Final

from aiohttp import web

from aniworld_http.checks.health import inspect
from aniworld_http.checks.loop_probe import LOOP_PROBE
from aniworld_http.checks.metrics import METRICS
from aniworld_http.keys import APPLICATION, UPTIME
from aniworld_http.operations import Answer, Kind, Operation, Policy
from aniworld_http.schemas import json_response
from aniworld_http.schemas.health import DetailedHealth, Health, Liveness


async def health(request: web.Request) -> web.Response:
    """Tell that the server answers."""
    uptime = request.app[UPTIME]
    return json_response(
        Health(status="ok", version=uptime.version, uptime_seconds=round(uptime.seconds, 1))
    )


async def live(_request: web.Request) -> web.Response:
    """Tell that the event loop turns."""
    return json_response(Liveness(status="ok"))


async def ready(request: web.Request) -> web.Response:
    """Tell that the database answers as well."""
    await request.app[APPLICATION].storage.ping()
    return json_response(Liveness(status="ok"))


async def detailed(request: web.Request) -> web.Response:
    """Tell how every part is doing."""
    return json_response(await inspect(request.app))


async def metrics(request: web.Request) -> web.Response:
    """Show the figures as Prometheus reads them."""
    from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

    application = request.app[APPLICATION]
    figures = request.app[METRICS]
    for status, count in (await application.storage.queue.counts()).items():
        figures.queue_items.labels(status.value).set(count)
    figures.loop_lag.set(request.app[LOOP_PROBE].lag)
    return web.Response(
        body=generate_latest(figures.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )


_OPEN: Final = Policy(kind=Kind.PROBE, is_public=True, is_before_setup=True)
OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/health",
        handler=health,
        id="getHealth",
        policy=_OPEN,
        summary="Whether the server answers, its version and how long it runs",
        answers={200: Answer(description="It does", content=Health)},
    ),
    Operation(
        method="GET",
        path="/health/live",
        handler=live,
        id="getLiveness",
        policy=_OPEN,
        summary="Whether the process is alive",
        answers={200: Answer(description="It is", content=Liveness)},
    ),
    Operation(
        method="GET",
        path="/health/ready",
        handler=ready,
        id="getReadiness",
        policy=_OPEN,
        summary="Whether requests can be served: the database answers",
        answers={200: Answer(description="They can", content=Liveness)},
        problems=(503,),
    ),
    Operation(
        method="GET",
        path="/health/detailed",
        handler=detailed,
        id="getDetailedHealth",
        policy=Policy(kind=Kind.PROBE),
        summary="How database, disk, queue, providers and event loop are doing",
        answers={200: Answer(description="Each with its figures", content=DetailedHealth)},
    ),
    Operation(
        method="GET",
        path="/metrics",
        handler=metrics,
        id="getMetrics",
        policy=Policy(kind=Kind.PROBE, opened_by=lambda network: network.open_metrics),
        summary="Figures for Prometheus",
        description="Open to all where `network.open_metrics` is set.",
        answers={200: Answer(description="Prometheus text", media="text/plain")},
    ),
)
