"""How the server is doing."""

from collections.abc import Mapping
from typing import Literal

import attrs

Condition = Literal["ok", "degraded", "failed"]


@attrs.frozen(kw_only=True)
class Health:
    """That the server answers."""

    status: Condition
    version: str
    uptime_seconds: float


@attrs.frozen(kw_only=True)
class Liveness:
    """Whether the server is alive, or ready."""

    status: Condition


@attrs.frozen(kw_only=True)
class DatabaseHealth:
    """Whether the database answers, and how fast."""

    status: Condition
    latency_ms: float | None = None
    detail: str | None = None


@attrs.frozen(kw_only=True)
class DiskHealth:
    """How much room there is in the library and in the data folder, and on their disks in all.

    What is free may be less than the rest of what is used: some of a disk is kept for its owner.
    """

    status: Condition
    library: str | None = None
    library_free_bytes: int | None = None
    library_total_bytes: int | None = None
    data_free_bytes: int | None = None
    data_total_bytes: int | None = None
    is_same_disk: bool | None = None
    detail: str | None = None


@attrs.frozen(kw_only=True)
class QueueHealth:
    """Whether the queue is worked, and what is in it by status."""

    status: Condition
    is_running: bool
    is_paused: bool
    waiting_for: str | None
    items: Mapping[str, int]


@attrs.frozen(kw_only=True)
class ProviderHealth:
    """Whether a catalogue can be asked; `left_alone_until` is set after many failures."""

    status: Condition
    site: str | None = None
    left_alone_until: str | None = None
    detail: str | None = None


@attrs.frozen(kw_only=True)
class LoopHealth:
    """How late the event loop was just now, and at worst lately."""

    status: Condition
    lag_ms: float
    worst_lag_ms: float


@attrs.frozen(kw_only=True)
class DetailedHealth(Health):
    """How every part is doing; `status` is the worst of them."""

    database: DatabaseHealth
    disk: DiskHealth
    queue: QueueHealth
    providers: Mapping[str, ProviderHealth]
    loop: LoopHealth
    connections: int
