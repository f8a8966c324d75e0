"""Responses of `/health`."""

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from aniworld_core.messages import MessageView, kind_field, values_field

Condition = Literal["ok", "degraded", "failed"]


@attrs.frozen(kw_only=True)
class Health:
    """Status, version and uptime of the server."""

    status: Condition
    version: str
    uptime_seconds: float


@attrs.frozen(kw_only=True)
class Liveness:
    """Liveness or readiness of the server."""

    status: Condition


@attrs.frozen(kw_only=True)
class DatabaseHealth(MessageView):
    """Health and latency of the database."""

    status: Condition
    latency_ms: float | None = None
    detail: str | None = None
    detail_kind: str | None = kind_field("detail")
    detail_values: Mapping[str, Any] = values_field("detail")


@attrs.frozen(kw_only=True)
class DiskHealth(MessageView):
    """Free and total bytes of the disks of the library and of the data folder.

    Free and used bytes may not add up to the total, because file systems reserve space for root.
    """

    status: Condition
    library: str | None = None
    library_free_bytes: int | None = None
    library_total_bytes: int | None = None
    data_free_bytes: int | None = None
    data_total_bytes: int | None = None
    is_same_disk: bool | None = None
    detail: str | None = None
    detail_kind: str | None = kind_field("detail")
    detail_values: Mapping[str, Any] = values_field("detail")


@attrs.frozen(kw_only=True)
class QueueHealth(MessageView):
    """State of the worker, and the number of items by status."""

    status: Condition
    is_running: bool
    is_paused: bool
    waiting_for: str | None
    waiting_kind: str | None = kind_field("waiting_for")
    waiting_values: Mapping[str, Any] = values_field("waiting_for")
    items: Mapping[str, int]


@attrs.frozen(kw_only=True)
class ProviderHealth(MessageView):
    """Health of a catalogue; `left_alone_until` is set while its circuit breaker is open."""

    status: Condition
    site: str | None = None
    left_alone_until: str | None = None
    detail: str | None = None
    detail_kind: str | None = kind_field("detail")
    detail_values: Mapping[str, Any] = values_field("detail")


@attrs.frozen(kw_only=True)
class MediaServerHealth(MessageView):
    """Health of a media server; `pending` counts changed folders that it has not refreshed yet."""

    status: Condition
    pending: int
    refreshed_at: str | None = None
    detail: str | None = None
    detail_kind: str | None = kind_field("detail")
    detail_values: Mapping[str, Any] = values_field("detail")


@attrs.frozen(kw_only=True)
class LoopHealth:
    """Latest and worst recent delay of the event loop."""

    status: Condition
    lag_ms: float
    worst_lag_ms: float


@attrs.frozen(kw_only=True)
class NodeHealth:
    """A process that shares the database.

    Attributes:
        id: Its name in claims.
        host: Name of its machine.
        is_leader: Whether it does the scheduled work.
        slots: Number of items that it downloads at the same time; 0 if it downloads nothing.
        silent_seconds: Time since its last sign of life; it gives one every four seconds.
    """

    status: Condition
    id: str
    host: str
    version: str
    roles: tuple[str, ...]
    is_leader: bool
    slots: int
    started_at: str
    silent_seconds: float


@attrs.frozen(kw_only=True)
class DetailedHealth(Health):
    """Health of each part; `status` is "ok" if all parts are, else "degraded".

    `nodes` are the processes that share the database; empty if it belongs to one machine.
    """

    database: DatabaseHealth
    disk: DiskHealth
    queue: QueueHealth
    providers: Mapping[str, ProviderHealth]
    media_servers: Mapping[str, MediaServerHealth]
    loop: LoopHealth
    connections: int
    nodes: tuple[NodeHealth, ...] = ()


@attrs.frozen(kw_only=True)
class Version:
    """Version of a part of the program, or of what it runs on.

    Attributes:
        age_days: Age in days, where the version is a date.
        is_old: Whether a newer one probably exists, and is needed.
    """

    name: str
    version: str
    age_days: int | None = None
    is_old: bool = False


@attrs.frozen(kw_only=True)
class StorageUse:
    """Bytes of one kind of files.

    Attributes:
        kind: `library`, `recycle_bin`, `database`, `backups`, `logs` or `other` (covers and
            further files in the data folder).
        bytes: Size; null if it cannot be read.
        folder: Path of the folder of a `library`; there is one for each library folder.
        free_bytes: Free bytes of its disk; null if it cannot be read.
        total_bytes: Bytes of its disk; null if it cannot be read.
    """

    kind: str
    bytes: int | None
    folder: str | None = None
    free_bytes: int | None = None
    total_bytes: int | None = None


@attrs.frozen(kw_only=True)
class ProblemView(MessageView):
    """Something that needs attention.

    Attributes:
        name: The name of a tool, `database copies` or `changes of files`.
        detail: What was found.
        hint: How to fix it.
    """

    name: str
    detail: str
    detail_kind: str | None = kind_field("detail")
    detail_values: Mapping[str, Any] = values_field("detail")
    hint: str
    hint_kind: str | None = kind_field("hint")
    hint_values: Mapping[str, Any] = values_field("hint")


@attrs.frozen(kw_only=True)
class Installation:
    """Versions and storage use of the installation."""

    versions: tuple[Version, ...]
    storage: tuple[StorageUse, ...]
