"""The documented shapes in which series, episodes and items are shown to other programs.

The command line's `--json` and the REST interface give the same shapes, so they live here,
once. The field names are those of the interface description and stay as they are; the older
words `serie_id`, `serie_folder` and `serie_name` exist nowhere else. See ADR 0015.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

import attrs

from aniworld_core.application.catalogue import Addition
from aniworld_core.application.library_scanner import ScanReport
from aniworld_core.application.wishes import Skipped
from aniworld_core.domain.download import DownloadItem
from aniworld_core.domain.media import Language
from aniworld_core.domain.progress import Progress
from aniworld_core.domain.series import Episode, Series, SeriesMatch, SeriesSummary
from aniworld_core.errors import AniworldError, EpisodeNotFoundError


@attrs.frozen(kw_only=True)
class ErrorView:
    """An error: one line, its name for machines, and what to do."""

    error: str
    kind: str
    hint: str | None

    @classmethod
    def of(cls, error: AniworldError) -> "ErrorView":
        """Show an error."""
        return cls(error=str(error), kind=error.kind, hint=error.hint)


@attrs.frozen(kw_only=True)
class SearchHitView:
    """One hit of a search."""

    key: str
    name: str
    site: str
    link: str
    provider: str
    cover_url: str | None
    year: int | None
    description: str
    in_library: bool

    @classmethod
    def of(cls, match: SeriesMatch, library: Collection[tuple[str, str]]) -> "SearchHitView":
        """Show a hit.

        Args:
            match: The hit.
            library: Provider and key of every series of the library.
        """
        return cls(
            key=match.key,
            name=match.name,
            site=match.site,
            link=match.link,
            provider=match.provider,
            cover_url=match.cover_url,
            year=match.year,
            description=match.description,
            in_library=(match.provider, match.key) in library,
        )


@attrs.frozen(kw_only=True)
class AnimeSummary:
    """A series in a list."""

    key: str
    name: str
    site: str
    folder: str
    missing_episodes: Mapping[str, tuple[int, ...]]
    link: str
    provider: str
    have: int
    total: int
    cover_url: str | None
    year: int | None
    monitored: bool
    added_at: str | None

    @classmethod
    def of(cls, summary: SeriesSummary) -> "AnimeSummary":
        """Show a counted series."""
        return cls(
            key=summary.key,
            name=summary.name,
            site=summary.site,
            folder=summary.folder,
            missing_episodes={str(s): numbers for s, numbers in summary.missing.items()},
            link=summary.link,
            provider=summary.provider,
            have=summary.have,
            total=summary.total,
            cover_url=summary.cover_url,
            year=summary.year,
            monitored=summary.monitored,
            added_at=wire_time(summary.added_at),
        )


@attrs.frozen(kw_only=True)
class TitlesView:
    """Both titles of an episode."""

    de: str | None
    en: str | None


@attrs.frozen(kw_only=True)
class EpisodeView:
    """An episode of a series; `languages` is null while not known."""

    season: int
    episode: int
    code: str
    title: str
    titles: TitlesView
    available: bool
    downloaded: bool
    file: str | None
    languages: tuple[str, ...] | None
    file_language: str | None

    @classmethod
    def of(cls, series: Series, episode: Episode, wanted: Language | None) -> "EpisodeView":
        """Show an episode with the title that fits the wanted language."""
        languages = episode.languages
        return cls(
            season=episode.season,
            episode=episode.number,
            code=series.ref(episode).code,
            title=episode.titles.preferred(wanted, episode.number),
            titles=TitlesView(de=episode.titles.de, en=episode.titles.en),
            available=episode.available,
            downloaded=episode.downloaded,
            file=episode.file,
            languages=None if languages is None else tuple(sorted(x.code for x in languages)),
            file_language=episode.file_language.code if episode.file_language else None,
        )


@attrs.frozen(kw_only=True)
class AnimeDetail:
    """One series with its episodes."""

    key: str
    title: str
    name: str
    folder: str
    site: str
    provider: str
    link: str
    description: str
    year: int | None
    genres: tuple[str, ...]
    cover_url: str | None
    monitored: bool
    languages: tuple[str, ...] | None
    quality: str | None
    added_at: str | None
    episodes: tuple[EpisodeView, ...]
    missing_episodes: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, series: Series, wanted: Language | None) -> "AnimeDetail":
        """Show a series; *wanted* decides which titles are shown."""
        missing: dict[str, list[int]] = {}
        for episode in series.episodes:
            if episode.missing:
                missing.setdefault(str(episode.season), []).append(episode.number)
        languages = series.languages
        return cls(
            key=series.key,
            title=series.name,
            name=series.name,
            folder=series.folder,
            site=series.site,
            provider=series.provider,
            link=series.link,
            description=series.description,
            year=series.year,
            genres=series.genres,
            cover_url=series.cover_url,
            monitored=series.monitored,
            languages=None if languages is None else tuple(x.code for x in languages),
            quality=series.quality.value if series.quality else None,
            added_at=wire_time(series.added_at),
            episodes=tuple(EpisodeView.of(series, e, wanted) for e in series.episodes),
            missing_episodes={s: tuple(n) for s, n in missing.items()},
        )


@attrs.frozen(kw_only=True)
class AddedAnime(AnimeDetail):
    """A series after adding it; `created` is false when it was there already."""

    created: bool

    @classmethod
    def after(cls, addition: Addition, wanted: Language | None) -> "AddedAnime":
        """Show what adding came to."""
        detail = AnimeDetail.of(addition.series, wanted)
        return cls(**attrs.asdict(detail, recurse=False), created=addition.created)


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

    @classmethod
    def of(cls, skipped: Skipped) -> "SkippedView":
        """Show what was passed over."""
        return cls(episode=skipped.episode.code, reason=skipped.reason)


@attrs.frozen(kw_only=True)
class ScanReportView:
    """What a scan found; `reasons` explains each unreadable file."""

    scan_id: str
    series: int
    files: int
    missing: int
    extra: tuple[str, ...]
    unreadable: tuple[str, ...]
    duration_seconds: float
    reasons: Mapping[str, str]
    failures: Mapping[str, str]

    @classmethod
    def of(cls, report: ScanReport) -> "ScanReportView":
        """Show a report."""
        return cls(
            scan_id=report.scan_id,
            series=report.series,
            files=report.files,
            missing=report.missing,
            extra=report.extra,
            unreadable=tuple(report.unreadable),
            duration_seconds=round(report.duration_seconds, 3),
            reasons=report.unreadable,
            failures={key: failure.message for key, failure in report.failures.items()},
        )


def megabits(rate: float) -> float:
    """Bytes per second as megabits per second, to two places."""
    return round(rate * 8 / 1_000_000, 2)


def wire_time(moment: datetime | None) -> str | None:
    """A time as ISO 8601 in UTC with `Z`."""
    if moment is None:
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
