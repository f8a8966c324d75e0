"""The documented form of queue items in REST, WebSocket messages and JSON output.

The field names are part of the interface and must not change.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from aniworld_core.application.catalogue import megabits, wire_time
from aniworld_core.application.downloads.queue.episode_selection import Skipped
from aniworld_core.domain.downloads import Progress, QueueEntry, RestingCatalogue, WorkerState
from aniworld_core.domain.media import Language
from aniworld_core.messages import (
    Message,
    MessageView,
    kind_field,
    kind_of,
    message_to_wire,
    values_field,
    values_of,
    values_to_wire,
)


@attrs.frozen(kw_only=True)
class WorkerView(MessageView):
    """The state of the queue's worker; `waiting_for` says why no item is started."""

    is_running: bool
    is_paused: bool
    waiting_for: str | None
    waiting_kind: str | None = kind_field("waiting_for")
    waiting_values: Mapping[str, Any] = values_field("waiting_for")

    @classmethod
    def of(cls, state: WorkerState) -> "WorkerView":
        """Return the view of a state."""
        return cls(**attrs.asdict(state, recurse=False))


@attrs.frozen(kw_only=True)
class ItemEpisodeView:
    """The episode of an item."""

    season: int
    episode: int
    title: str


@attrs.frozen(kw_only=True)
class ProgressView:
    """The progress of an item; the speed is in megabits (10^6 bits) per second."""

    percent: float
    downloaded_bytes: int
    total_bytes: int | None
    speed_mbps: float
    eta_seconds: float | None
    phase: str

    @classmethod
    def of(cls, progress: Progress) -> "ProgressView":
        """Return the view of a progress."""
        eta = progress.eta_seconds
        return cls(
            percent=round(progress.percent, 2),
            downloaded_bytes=progress.downloaded_bytes,
            total_bytes=progress.total_bytes,
            speed_mbps=megabits(progress.rate),
            eta_seconds=None if eta is None else round(eta, 1),
            phase=progress.phase.value,
        )


@attrs.frozen(kw_only=True)
class DownloadItemView:
    """One item of the queue.

    `link` is the page to open when a failure needs a person; `notices` are remarks about the
    finished file, and `notice_messages` the same with kinds and values; `reason` says why the
    program queued it, null if a person did.
    """

    id: str
    serie_id: str
    serie_folder: str
    serie_name: str
    episode: ItemEpisodeView
    status: str
    priority: str
    progress: ProgressView
    error: str | None
    error_kind: str | None
    error_values: Mapping[str, Any]
    link: str | None
    retry_count: int
    language: str | None
    provider: str
    hoster: str
    file: str | None
    notices: Sequence[str]
    notice_messages: Sequence[Any]
    reason: Mapping[str, Any] | None
    added_at: str | None
    started_at: str | None
    completed_at: str | None
    not_before: str | None

    @classmethod
    def of(cls, entry: QueueEntry, wanted: Language | None = None) -> "DownloadItemView":
        """Return the view of an item; its series may be gone.

        Args:
            entry: The item with the data of its series.
            wanted: The first language of the global order, which decides the language of the
                title while neither the item nor its series names one.
        """
        item = entry.item
        return cls(
            id=item.id,
            serie_id=item.episode.series_key,
            serie_folder=entry.series.folder if entry.series else "",
            serie_name=entry.series_name,
            episode=ItemEpisodeView(
                season=item.episode.season,
                episode=item.episode.number,
                title=entry.title(wanted),
            ),
            status=item.status.value,
            priority=item.priority.name.lower(),
            progress=ProgressView.of(item.progress),
            error=item.failure.message if item.failure else None,
            error_kind=item.failure.kind if item.failure else None,
            error_values=values_to_wire(item.failure.values) if item.failure else {},
            link=item.failure.link if item.failure else None,
            retry_count=item.retry_count,
            language=item.language.code if item.language else None,
            provider=item.provider,
            hoster=item.hoster,
            file=item.file,
            notices=tuple(map(str, item.notices)),
            notice_messages=tuple(map(message_to_wire, item.notices)),
            reason=None if item.reason is None else item.reason.to_wire(),
            added_at=wire_time(item.added_at),
            started_at=wire_time(item.started_at),
            completed_at=wire_time(item.completed_at),
            not_before=wire_time(item.not_before),
        )


@attrs.frozen(kw_only=True)
class RestingView(MessageView):
    """A catalogue that is not asked for a while, with the number of items that wait for it."""

    catalogue: str
    items: int
    until: str | None
    reason: str
    reason_kind: str | None = kind_field("reason")
    reason_values: Mapping[str, Any] = values_field("reason")

    @classmethod
    def of(cls, resting: RestingCatalogue) -> "RestingView":
        """Return the view of a catalogue; `reason` is what its last attempt met."""
        failure = resting.failure
        reason = failure.values.get("reason")
        return cls(
            catalogue=resting.name,
            items=resting.items,
            until=wire_time(resting.until),
            reason=reason if isinstance(reason, Message) else failure.to_message(),
        )


@attrs.frozen(kw_only=True)
class SkippedView:
    """A requested episode that was not queued."""

    episode: str
    reason: str
    reason_kind: str | None
    reason_values: Mapping[str, Any]

    @classmethod
    def of(cls, skipped: Skipped) -> "SkippedView":
        """Return the view of a skipped episode."""
        return cls(
            episode=skipped.episode.code,
            reason=str(skipped.reason),
            reason_kind=kind_of(skipped.reason),
            reason_values=values_of(skipped.reason),
        )
