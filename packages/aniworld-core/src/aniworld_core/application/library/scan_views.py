"""Documented JSON shapes of library files, losses, adoptions and scans; see `views.py`."""

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from aniworld_core.application.catalogue import ErrorView, wire_time
from aniworld_core.application.library.adoptable_folders import AdoptableFolder, Proposal
from aniworld_core.application.library.adoption import Adopted, AdoptionReport
from aniworld_core.application.library.contents import InspectionReport
from aniworld_core.application.library.scans.scanner import ScanReport
from aniworld_core.application.library.views import ExistingFilesView
from aniworld_core.domain.library import DeletedFile, FileFacts, LibraryFile, LibraryLoss
from aniworld_core.messages import message_to_wire


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
class DeletedFileView:
    """The file of an episode that somebody deleted on the disk.

    Attributes:
        code: The episode, such as `S01E05`.
        path: Path that the file had.
        noted_at: When a scan noted it.
    """

    key: str
    season: int
    episode: int
    code: str
    path: str
    noted_at: str | None

    @classmethod
    def of(cls, file: DeletedFile) -> "DeletedFileView":
        """Return the view of a deletion."""
        return cls(
            key=file.episode.series_key,
            season=file.episode.season,
            episode=file.episode.number,
            code=file.episode.code,
            path=file.path,
            noted_at=wire_time(file.noted_at),
        )


@attrs.frozen(kw_only=True)
class FileFactsView:
    """Facts about the media in a file.

    Attributes:
        duration_seconds: Playing time; null if the container states none.
        width: Picture width in pixels; null without a video track.
        height: Picture height in lines; null without a video track.
        video_codec: Codec of the video track; empty without one.
        audio_codecs: Codecs of the audio tracks in order.
        audio_languages: ISO 639-3 codes of the audio tracks in order; `und` without a tag.
        subtitle_languages: The same for subtitle tracks.
        silent_tracks: Positions of silent audio tracks, from 0.
    """

    duration_seconds: float | None
    width: int | None
    height: int | None
    video_codec: str
    audio_codecs: tuple[str, ...]
    audio_languages: tuple[str, ...]
    subtitle_languages: tuple[str, ...]
    silent_tracks: tuple[int, ...]

    @classmethod
    def of(cls, facts: FileFacts) -> "FileFactsView":
        """Return the view of facts."""
        return cls(
            duration_seconds=facts.duration_seconds,
            width=facts.width,
            height=facts.height,
            video_codec=facts.video_codec,
            audio_codecs=facts.audio_codecs,
            audio_languages=facts.audio_languages,
            subtitle_languages=facts.subtitle_languages,
            silent_tracks=facts.silent_tracks,
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
        linked: Whether it was recognised by its content, after a move or as a copy.
        facts: Facts about its media; null if it was not inspected yet.
        fingerprint: Hash of its size and sampled content; null if it was not computed yet.
    """

    path: str
    size: int
    state: str
    key: str | None
    season: int | None
    numbers: tuple[int, ...]
    reason: Mapping[str, Any] | None
    pinned: bool
    linked: bool
    facts: FileFactsView | None
    fingerprint: str | None

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
            linked=file.linked,
            facts=FileFactsView.of(file.facts) if file.facts else None,
            fingerprint=file.fingerprint or None,
        )


@attrs.frozen(kw_only=True)
class InspectionView:
    """The result of an inspection.

    Attributes:
        inspected: Number of files whose content was read.
        damaged: Files that cannot be opened.
        suspect: Files whose content contradicts their episode.
        unreadable: Errors of files that cannot be read now, by path.
    """

    inspected: int
    damaged: tuple[LibraryFileView, ...]
    suspect: tuple[LibraryFileView, ...]
    unreadable: Mapping[str, ErrorView]

    @classmethod
    def of(cls, report: InspectionReport) -> "InspectionView":
        """Return the view of a report."""
        return cls(
            inspected=report.inspected,
            damaged=tuple(map(LibraryFileView.of, report.damaged)),
            suspect=tuple(map(LibraryFileView.of, report.suspect)),
            unreadable={path: ErrorView.of(error) for path, error in report.unreadable.items()},
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
        has_nfo: Whether a `tvshow.nfo` says something about its series.
        failures: Catalogues that could not be searched, with the reason.
        failure_messages: The same with kinds and values.
    """

    folder: str
    files: int
    title: str
    year: int | None
    ids: Mapping[str, str]
    has_nfo: bool
    proposals: tuple[ProposalView, ...]
    failures: Mapping[str, str]
    failure_messages: Mapping[str, Any]

    @classmethod
    def of(cls, folder: AdoptableFolder) -> "AdoptableView":
        """Return the view of a folder."""
        return cls(
            folder=folder.folder,
            files=folder.files,
            title=folder.title,
            year=folder.year,
            ids=folder.ids,
            has_nfo=folder.has_nfo,
            proposals=tuple(ProposalView.of(each) for each in folder.proposals),
            failures={name: str(reason) for name, reason in folder.failures.items()},
            failure_messages={
                name: message_to_wire(reason) for name, reason in folder.failures.items()
            },
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
    """Adopted folders, and the errors of the others by folder.

    Attributes:
        change: Number of the change in the history that undoes all of it; null if there is none.
    """

    adopted: tuple[AdoptedView, ...]
    failures: Mapping[str, ErrorView]
    change: int | None

    @classmethod
    def of(cls, report: AdoptionReport) -> "AdoptionReportView":
        """Return the view of a report."""
        return cls(
            adopted=tuple(AdoptedView.of(each) for each in report.adopted),
            failures={folder: ErrorView.of(error) for folder, error in report.failures.items()},
            change=None if report.change is None else report.change.id,
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
        deleted: Files that somebody deleted; their episodes are missing until they are not wanted.
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
    deleted: tuple[DeletedFileView, ...]
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
            deleted=tuple(map(DeletedFileView.of, report.deleted)),
            ignored={file.path: message_to_wire(file.reason or "") for file in ignored},
        )
