"""Documented JSON shapes of series, episodes and scans.

`--json` of the command line and the REST API share them. Field names are fixed by the API; the
older names `serie_id`, `serie_folder` and `serie_name` exist only in the views of queue items.
See ADR 0015.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from aniworld_core.application.catalogue import Addition, ErrorView, ExistingFiles, wire_time
from aniworld_core.application.library.adoption import (
    AdoptableFolder,
    Adopted,
    AdoptionReport,
    Proposal,
)
from aniworld_core.application.library.scans.scanner import ScanReport
from aniworld_core.domain.catalogue import Episode, Series, SeriesSummary
from aniworld_core.domain.library import LibraryFile, LibraryLoss
from aniworld_core.domain.media import Language
from aniworld_core.messages import message_to_wire


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
        """Return the view of a series in a list."""
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
    """An episode of a series.

    Attributes:
        monitored: False if the owner marked the episode as not wanted.
        languages: Null until known.
    """

    season: int
    episode: int
    code: str
    title: str
    titles: TitlesView
    available: bool
    monitored: bool
    downloaded: bool
    file: str | None
    languages: tuple[str, ...] | None
    file_language: str | None

    @classmethod
    def of(cls, series: Series, episode: Episode, wanted: Language | None) -> "EpisodeView":
        """Return the view of an episode with the title in the preferred language."""
        languages = episode.languages
        return cls(
            season=episode.season,
            episode=episode.number,
            code=series.ref(episode).code,
            title=episode.titles.preferred(wanted, episode.number),
            titles=TitlesView(de=episode.titles.de, en=episode.titles.en),
            available=episode.available,
            monitored=episode.wanted,
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
    unwanted_seasons: tuple[int, ...]
    added_at: str | None
    episodes: tuple[EpisodeView, ...]
    missing_episodes: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, series: Series, wanted: Language | None) -> "AnimeDetail":
        """Return the view of a series; *wanted* selects the language of titles."""
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
            unwanted_seasons=series.unwanted_seasons,
            added_at=wire_time(series.added_at),
            episodes=tuple(EpisodeView.of(series, e, wanted) for e in series.episodes),
            missing_episodes={s: tuple(n) for s, n in missing.items()},
        )


@attrs.frozen(kw_only=True)
class ExistingFilesView:
    """What was found in the folders of a series."""

    folders: tuple[str, ...]
    files: int
    episodes: int
    versions: int
    unsure: int
    extra: int

    @classmethod
    def of(cls, existing: ExistingFiles) -> "ExistingFilesView":
        """Return the view of the counts."""
        return cls(**attrs.asdict(existing, recurse=False))


@attrs.frozen(kw_only=True)
class AddedAnime(AnimeDetail):
    """An added series; `created` is false if it existed already.

    Attributes:
        existing: What was found on disk for a new series; null without a folder.
        notices: Folders that look like the series' and were left alone, with the reason.
        notice_messages: The same with kinds and values.
    """

    created: bool
    existing: ExistingFilesView | None = None
    notices: tuple[str, ...] = ()
    notice_messages: tuple[Any, ...] = ()

    @classmethod
    def after(cls, addition: Addition, wanted: Language | None) -> "AddedAnime":
        """Return the view of an addition."""
        detail = AnimeDetail.of(addition.series, wanted)
        return cls(
            **attrs.asdict(detail, recurse=False),
            created=addition.created,
            existing=ExistingFilesView.of(addition.existing) if addition.existing else None,
            notices=tuple(map(str, addition.notices)),
            notice_messages=tuple(notice.to_wire() for notice in addition.notices),
        )


@attrs.frozen(kw_only=True)
class LossView:
    """A part of the library that scans leave alone until the loss is confirmed.

    Attributes:
        path: Folder or additional root; empty for the library folder.
        reason: What the scan found, with kind and values.
    """

    path: str
    reason: Mapping[str, Any]
    lost: int
    known: int
    noted_at: str | None

    @classmethod
    def of(cls, loss: LibraryLoss) -> "LossView":
        """Return the view of a loss."""
        return cls(
            path=loss.path,
            reason=loss.reason.to_wire(),
            lost=loss.lost,
            known=loss.known,
            noted_at=wire_time(loss.noted_at),
        )


@attrs.frozen(kw_only=True)
class LibraryFileView:
    """A file of the library as the last scan left it.

    Attributes:
        path: Path below the library folder, or absolute in an additional folder.
        key: Series of the file; null if it belongs to none.
        numbers: Numbers of its episodes.
        reason: Why it has its state, with kind and values; null for files that are present.
        pinned: Whether a person assigned it to its episodes.
    """

    path: str
    size: int
    state: str
    key: str | None
    season: int | None
    numbers: tuple[int, ...]
    reason: Mapping[str, Any] | None
    pinned: bool

    @classmethod
    def of(cls, file: LibraryFile) -> "LibraryFileView":
        """Return the view of a file."""
        return cls(
            path=file.path,
            size=file.size,
            state=file.state.value,
            key=file.series_key,
            season=file.season,
            numbers=file.numbers,
            reason=file.reason.to_wire() if file.reason else None,
            pinned=file.pinned,
        )


@attrs.frozen(kw_only=True)
class ProposalView:
    """A series that a folder may belong to.

    Attributes:
        confidence: `sure`, `likely` or `unsure`.
        link: Link to add it by; empty for a series of the library.
        reason: Why it is not sure.
    """

    key: str
    name: str
    year: int | None
    provider: str
    link: str
    in_library: bool
    confidence: str
    reason: str | None
    reason_message: Any

    @classmethod
    def of(cls, proposal: Proposal) -> "ProposalView":
        """Return the view of a proposal."""
        reason = proposal.reason
        return cls(
            key=proposal.key,
            name=proposal.name,
            year=proposal.year,
            provider=proposal.provider,
            link=proposal.link,
            in_library=proposal.in_library,
            confidence=proposal.confidence.value,
            reason=None if reason is None else str(reason),
            reason_message=None if reason is None else reason.to_wire(),
        )


@attrs.frozen(kw_only=True)
class AdoptableView:
    """A folder that belongs to no series.

    Attributes:
        ids: Ids in its name or `tvshow.nfo`, by database.
        failures: Catalogues that could not be searched, with the reason.
    """

    folder: str
    files: int
    title: str
    year: int | None
    ids: Mapping[str, str]
    proposals: tuple[ProposalView, ...]
    failures: Mapping[str, str]

    @classmethod
    def of(cls, folder: AdoptableFolder) -> "AdoptableView":
        """Return the view of a folder."""
        return cls(
            folder=folder.folder,
            files=folder.files,
            title=folder.title,
            year=folder.year,
            ids=folder.ids,
            proposals=tuple(ProposalView.of(each) for each in folder.proposals),
            failures=folder.failures,
        )


@attrs.frozen(kw_only=True)
class AdoptedView:
    """An adopted folder; `created` is true if the series was added for it."""

    folder: str
    key: str
    name: str
    created: bool
    existing: ExistingFilesView

    @classmethod
    def of(cls, adopted: Adopted) -> "AdoptedView":
        """Return the view of an adoption."""
        return cls(
            folder=adopted.folder,
            key=adopted.series.key,
            name=adopted.series.name,
            created=adopted.created,
            existing=ExistingFilesView.of(adopted.existing),
        )


@attrs.frozen(kw_only=True)
class AdoptionReportView:
    """Adopted folders, and the errors of the others by folder."""

    adopted: tuple[AdoptedView, ...]
    failures: Mapping[str, ErrorView]

    @classmethod
    def of(cls, report: AdoptionReport) -> "AdoptionReportView":
        """Return the view of a report."""
        return cls(
            adopted=tuple(AdoptedView.of(each) for each in report.adopted),
            failures={folder: ErrorView.of(error) for folder, error in report.failures.items()},
        )


@attrs.frozen(kw_only=True)
class ScanReportView:
    """The result of a scan.

    Attributes:
        reasons: Why each unreadable file cannot be read.
        failures: Why series could not be refreshed, by key.
        reason_messages: The same as `reasons`, with kinds and values where there are some.
        failure_messages: The same as `failures`, with kinds and values.
        unsure: Files of which it is not clear which episode they are, with the reason.
        counts: Number of files in every state.
        losses: Parts that were left alone because too much was gone: path, reason and numbers.
        growing: Files that changed during the scan and are left for the next one.
        ignored: Ignored files with the reason, if they were requested.
    """

    scan_id: str
    series: int
    files: int
    missing: int
    extra: tuple[str, ...]
    unreadable: tuple[str, ...]
    duration_seconds: float
    reasons: Mapping[str, str]
    failures: Mapping[str, str]
    reason_messages: Mapping[str, Any]
    failure_messages: Mapping[str, Any]
    unsure: Mapping[str, Any]
    counts: Mapping[str, int]
    losses: tuple[LossView, ...]
    growing: tuple[str, ...]
    ignored: Mapping[str, Any]

    @classmethod
    def of(cls, report: ScanReport, ignored: Iterable[LibraryFile] = ()) -> "ScanReportView":
        """Return the view of a report, with these ignored files."""
        return cls(
            scan_id=report.scan_id,
            series=report.series,
            files=report.files,
            missing=report.missing,
            extra=report.extra,
            unreadable=tuple(report.unreadable),
            duration_seconds=round(report.duration_seconds, 3),
            reasons={file: str(reason) for file, reason in report.unreadable.items()},
            failures={key: failure.message for key, failure in report.failures.items()},
            reason_messages={
                file: message_to_wire(reason) for file, reason in report.unreadable.items()
            },
            failure_messages={
                key: failure.to_message().to_wire() for key, failure in report.failures.items()
            },
            unsure={file: message_to_wire(reason) for file, reason in report.unsure.items()},
            counts={state.value: count for state, count in report.counts.items()},
            losses=tuple(map(LossView.of, report.losses)),
            growing=report.growing,
            ignored={file.path: message_to_wire(file.reason or "") for file in ignored},
        )
