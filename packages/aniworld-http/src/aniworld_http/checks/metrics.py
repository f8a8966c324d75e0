"""Prometheus metrics of the server."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import attrs
from aiohttp import web

from aniworld_core.domain.automation import Node, Role

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

#: Most machines with metrics of their own, so that the number of labels is bounded.
_MOST_HOSTS: Final = 100
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


@attrs.define(eq=False)
class Metrics:
    """Metrics of one server; each server in a process has its own.

    Attributes:
        registry: Registry of all metrics.
        requests: Requests by method, path and status class.
        seconds: Response times in seconds, by method and path.
        queue_items: Items of the queue by status.
        loop_lag: Delay of the event loop, in seconds.
        sockets: Open WebSockets.
        library: Series, episodes, missing episodes and bytes of the library.
        nodes: Processes that share the database, by role.
        node_silence: Time since the last sign of life of a machine, in seconds.
        leaders: Processes that do the scheduled work: 1, if all is well.
    """

    registry: "CollectorRegistry"
    requests: "Counter"
    seconds: "Histogram"
    queue_items: "Gauge"
    loop_lag: "Gauge"
    sockets: "Gauge"
    library: "Gauge"
    nodes: "Gauge"
    node_silence: "Gauge"
    leaders: "Gauge"
    # Cached, because the library needs longer to find the metrics of labels than to count.
    _found: dict[tuple[str, str, int], tuple["Counter", "Histogram"]] = attrs.field(
        factory=dict, init=False
    )

    def observe(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            method: HTTP method; "other" for unknown ones, so that the number of labels is bounded.
            path: Path template; "other" for unknown paths.
            status: Status of the response.
            seconds: Time until the response, in seconds.
        """
        kind = (method, path, status // 100)
        found = self._found.get(kind)
        if found is None:
            requests = self.requests.labels(method, path, f"{kind[2]}xx")
            found = self._found[kind] = (requests, self.seconds.labels(method, path))
        found[0].inc()
        found[1].observe(seconds)


def make_metrics() -> Metrics:
    """Return new metrics, all of them zero."""
    from prometheus_client import (
        CollectorRegistry,
        Counter,
        Gauge,
        Histogram,
        ProcessCollector,
    )

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return Metrics(
        registry=registry,
        requests=Counter(
            "aniworld_http_requests",
            "Requests by path and class of status",
            ("method", "path", "status"),
            registry=registry,
        ),
        seconds=Histogram(
            "aniworld_http_request_seconds",
            "Response time",
            ("method", "path"),
            buckets=_BUCKETS,
            registry=registry,
        ),
        queue_items=Gauge(
            "aniworld_queue_items", "Items of the queue", ("status",), registry=registry
        ),
        loop_lag=Gauge("aniworld_loop_lag_seconds", "Delay of the event loop", registry=registry),
        sockets=Gauge("aniworld_websockets", "Open WebSockets", registry=registry),
        library=Gauge(
            "aniworld_library",
            "Series, episodes, missing episodes and bytes of the library",
            ("figure",),
            registry=registry,
        ),
        nodes=Gauge(
            "aniworld_nodes", "Processes that share the database", ("role",), registry=registry
        ),
        node_silence=Gauge(
            "aniworld_node_silence_seconds",
            "Time since the last sign of life of a machine",
            ("host",),
            registry=registry,
        ),
        leaders=Gauge(
            "aniworld_leaders", "Processes that do the scheduled work", registry=registry
        ),
    )


def count_nodes(metrics: Metrics, nodes: Sequence[Node], now: datetime) -> None:
    """Set the metrics of the processes that share the database."""
    silence: dict[str, float] = {}
    for node in nodes:
        silent = max((now - node.seen_at).total_seconds(), 0.0)
        silence[node.host] = min(silent, silence.get(node.host, silent))
    metrics.node_silence.clear()
    for host in sorted(silence)[:_MOST_HOSTS]:
        metrics.node_silence.labels(host).set(silence[host])
    for role in Role:
        metrics.nodes.labels(role.value).set(sum(role in node.roles for node in nodes))
    metrics.leaders.set(sum(node.is_leader for node in nodes))


#: The metrics of this server.
METRICS: Final = web.AppKey("METRICS", Metrics)
