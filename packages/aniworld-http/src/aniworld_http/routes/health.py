"""/health and /metrics: state of the server for supervisors and monitoring."""

from typing import Final

from aiohttp import web

from aniworld_core.domain.catalogue import SeriesQuery
from aniworld_http.checks import (
    LOOP_PROBE,
    METRICS,
    check_health,
    count_nodes,
    describe_installation,
    list_problems,
    require_database,
)
from aniworld_http.keys import APPLICATION, UPTIME
from aniworld_http.operations import Answer, Kind, Operation, Policy
from aniworld_http.schemas import json_response
from aniworld_http.schemas.health import DetailedHealth, Health, Installation, Liveness, ProblemView


async def health(request: web.Request) -> web.Response:
    """Return that the server answers, its version and its uptime."""
    uptime = request.app[UPTIME]
    return json_response(
        Health(status="ok", version=uptime.version, uptime_seconds=round(uptime.seconds, 1))
    )


async def live(_request: web.Request) -> web.Response:
    """Return that the process is alive."""
    return json_response(Liveness(status="ok"))


async def ready(request: web.Request) -> web.Response:
    """Return that the database answers, too."""
    await require_database(request.app[APPLICATION])
    return json_response(Liveness(status="ok"))


async def detailed(request: web.Request) -> web.Response:
    """Return the health of each part."""
    return json_response(await check_health(request.app))


async def installation(request: web.Request) -> web.Response:
    """Return versions and storage use."""
    return json_response(await describe_installation(request.app[APPLICATION]))


async def problems(request: web.Request) -> web.Response:
    """Return what needs attention."""
    return json_response(await list_problems(request.app[APPLICATION]))


async def show_metrics(request: web.Request) -> web.Response:
    """Return the metrics in the text format of Prometheus."""
    from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

    application = request.app[APPLICATION]
    metrics = request.app[METRICS]
    for status, count in (await application.queue_reader.counts()).items():
        metrics.queue_items.labels(status.value).set(count)
    totals = await application.overview.totals(SeriesQuery())
    for figure, number in (
        ("series", totals.series),
        ("episodes", totals.have),
        ("missing", totals.missing),
        ("bytes", totals.size_bytes),
    ):
        metrics.library.labels(figure).set(number)
    count_nodes(metrics, await application.membership.nodes(), application.clock.now())
    metrics.loop_lag.set(request.app[LOOP_PROBE].lag)
    return web.Response(
        body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )


_OPEN: Final = Policy(kind=Kind.PROBE, is_public=True, is_before_setup=True)
OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/health",
        handler=health,
        id="getHealth",
        policy=_OPEN,
        summary="Status, version and uptime of the server",
        answers={200: Answer(description="The server answers", content=Health)},
    ),
    Operation(
        method="GET",
        path="/health/live",
        handler=live,
        id="getLiveness",
        policy=_OPEN,
        summary="Liveness: the process answers",
        answers={200: Answer(description="The process is alive", content=Liveness)},
    ),
    Operation(
        method="GET",
        path="/health/ready",
        handler=ready,
        id="getReadiness",
        policy=_OPEN,
        summary="Readiness: the database answers",
        answers={200: Answer(description="The server is ready", content=Liveness)},
        problems=(503,),
    ),
    Operation(
        method="GET",
        path="/health/detailed",
        handler=detailed,
        id="getDetailedHealth",
        policy=Policy(kind=Kind.PROBE),
        summary="Health of database, disk, queue, providers and event loop",
        answers={
            200: Answer(description="Status and measurements of each part", content=DetailedHealth)
        },
    ),
    Operation(
        method="GET",
        path="/api/system",
        handler=installation,
        id="getInstallation",
        summary="Versions of all parts, and storage use",
        answers={200: Answer(description="Versions and storage use", content=Installation)},
    ),
    Operation(
        method="GET",
        path="/api/system/problems",
        handler=problems,
        id="listProblems",
        summary="Old tools, missing copies of the database and incomplete changes, with fixes",
        answers={200: Answer(description="Problems", content=tuple[ProblemView, ...])},
    ),
    Operation(
        method="GET",
        path="/metrics",
        handler=show_metrics,
        id="getMetrics",
        policy=Policy(kind=Kind.PROBE, opened_by=lambda network: network.open_metrics),
        summary="Prometheus metrics",
        description="Needs no token if `network.open_metrics` is set.",
        answers={200: Answer(description="Metrics in text format", media="text/plain")},
    ),
)
