"""The documented shapes in which items of the queue are shown to other programs.

As in `views`, the field names are those of the interface description and stay as they are.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from aniworld_core.application.catalogue import megabits, wire_time
from aniworld_core.application.downloads.queue.episode_selection import Skipped
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import DownloadItem, Progress
from aniworld_core.domain.media import Language
from aniworld_core.errors import EpisodeNotFoundError
from aniworld_core.messages import kind_of, values_of, values_to_wire


@attrs.frozen(kw_only=True)
class ItemEpisodeView:
    """Which episode an item is about."""

    season: int
    episode: int
    title: str


@attrs.frozen(kw_only=True)
class ProgressView:
    """How far an item is; the speed is in megabits (10^6 bits) per second."""

    percent: float
    downloaded_bytes: int
    total_bytes: int | None
    speed_mbps: float
    eta_seconds: float | None
    phase: str

    @classmethod
    def of(cls, progress: Progress) -> "ProgressView":
        """Show progress."""
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
    """One item of the queue; `link` is the page to open when a person is needed."""

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
    added_at: str | None
    started_at: str | None
    completed_at: str | None
    not_before: str | None

    @classmethod
    def of(
        cls, item: DownloadItem, series: Series | None, wanted: Language | None = None
    ) -> "DownloadItemView":
        """Show an item with what its series adds; the series may be gone.

        Args:
            item: The item.
            series: The series it belongs to.
            wanted: The first language wanted everywhere; decides which title is shown while
                neither the item nor the series says more.
        """
        asked = item.languages or (series.languages if series else None)
        language = item.language or (asked[0] if asked else wanted)
        season, number = item.episode.season, item.episode.number
        title = f"Episode {number}"
        if series is not None:
            try:
                titles = series.episode(season, number).titles
                title = titles.preferred(language, number)
            except EpisodeNotFoundError:
                pass  # the catalogue dropped it; the item still shows
        return cls(
            id=item.id,
            serie_id=item.episode.series_key,
            serie_folder=series.folder if series else "",
            serie_name=series.name if series else item.episode.series_key,
            episode=ItemEpisodeView(season=season, episode=number, title=title),
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
            added_at=wire_time(item.added_at),
            started_at=wire_time(item.started_at),
            completed_at=wire_time(item.completed_at),
            not_before=wire_time(item.not_before),
        )


@attrs.frozen(kw_only=True)
class SkippedView:
    """An episode that was asked for and not queued."""

    episode: str
    reason: str
    reason_kind: str | None
    reason_values: Mapping[str, Any]

    @classmethod
    def of(cls, skipped: Skipped) -> "SkippedView":
        """Show a skipped episode."""
        return cls(
            episode=skipped.episode.code,
            reason=str(skipped.reason),
            reason_kind=kind_of(skipped.reason),
            reason_values=values_of(skipped.reason),
        )
