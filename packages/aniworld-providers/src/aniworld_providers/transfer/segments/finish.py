"""Check the result of the muxer before the file is published."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from aniworld_core.domain.media import Language
from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.probe.inspect import examine_file, kind_of, opened, require_duration
from aniworld_providers.media.remux.muxer import MuxReport
from aniworld_providers.media.remux.timeline import Timeline
from aniworld_providers.media.remux.tracks.identity import container_for
from aniworld_providers.transfer.manifests.job import Job, Selection

#: Longest gap in seconds, with and without sound. All segments were fetched, so a longer gap
#: means that media are missing inside a segment.
_LONGEST_HOLE: Final = 0.3
_LONGEST_STILL: Final = 20.0
#: Seconds by which a track may end before the others.
_LONGEST_EARLY_END: Final = 2.0
#: Seconds by which the audio of a separate playlist may begin after the video.
_LONGEST_LATE_SOUND: Final = 1.0
#: Seconds of difference between tracks from which on there is a notice.
_WORTH_TELLING: Final = 0.5
#: Seconds by which each segment may play shorter, and seconds in total that fail the fetch.
_INEXACT: Final = 0.01
_TOO_SHORT: Final = 2.0
#: Seconds by which the playing time may differ after a clock jump, which hides missing and
#: repeated media.
_OFF_AFTER_JUMP: Final = 0.7


def check_report(
    report: MuxReport, job: Job, selection: Selection, languages: Sequence[Language]
) -> tuple[str, ...]:
    """Compare the packets that the muxer has seen with the manifest.

    Returns:
        Notices about harmless differences between the tracks.

    Raises:
        BadMediaError: If media are missing or have another language than wanted.
    """
    timeline = report.timeline
    has_audio = bool(report.audio_languages)
    for track in timeline.tracks:
        if track.packets == 0:
            raise BadMediaError(Message("track_empty", track=track.kind))
    if selection.expects_sound and not has_audio:
        raise BadMediaError(Message("no_sound"))
    if timeline.hole > (_LONGEST_HOLE if has_audio else _LONGEST_STILL):
        raise BadMediaError(
            Message(
                "stretch_missing", missing_seconds=timeline.hole, start_seconds=timeline.hole_at
            )
        )
    for track in timeline.tracks:
        if track.missing is not None:
            raise BadMediaError(track.missing)
    notices = [*_late_begins(timeline, job), *_early_ends(timeline, job)]
    if all(item.duration > 0 for item in job.items if not item.is_init):
        _check_length(timeline, job)
    require_language(report.audio_languages, languages)
    return tuple(notices)


def _late_begins(timeline: Timeline, job: Job) -> Iterator[str]:
    begins = [track.begin or 0.0 for track in timeline.tracks]
    for track in timeline.tracks:
        late = (track.begin or 0.0) - min(begins)
        notice = Message("track_begins_late", track=track.kind, late_seconds=late)
        # Tracks of one playlist may begin at different times; a separate playlist that begins later
        # has lost its beginning.
        source = job.tracks[track.source]
        is_apart = track.kind == "audio" and not source.has_video and bool(source.groups[0])
        if is_apart and late > _LONGEST_LATE_SOUND:
            raise BadMediaError(notice)
        if late > _WORTH_TELLING:
            yield notice


def _early_ends(timeline: Timeline, job: Job) -> Iterator[str]:
    for track in timeline.tracks:
        early = timeline.end - track.end
        # The last picture of a slow track is shown until the audio ends.
        is_listed = bool(job.tracks[track.source].groups[-1])
        if is_listed and early > max(_LONGEST_EARLY_END, track.longest_pause):
            raise BadMediaError(Message("track_ends", track=track.kind, end_seconds=track.end))
        if early > _WORTH_TELLING:
            yield Message("track_ends_early", track=track.kind, early_seconds=early)


def _check_length(timeline: Timeline, job: Job) -> None:
    require_duration(timeline.end, job.duration, slack=job.slack)
    short = job.duration - timeline.end - job.slack
    off = abs(timeline.end - job.duration) - job.slack
    if short > _TOO_SHORT + _INEXACT * len(job.items) or (timeline.jumps and off > _OFF_AFTER_JUMP):
        raise BadMediaError(
            Message("wrong_length", actual_seconds=timeline.end, expected_seconds=job.duration)
        )


def require_language(tracks: Sequence[str], wanted: Sequence[Language]) -> None:
    """Check that one of the audio tracks has a wanted language, if all tracks are tagged.

    Raises:
        BadMediaError: If no track has one.
    """
    if not wanted or not tracks or "und" in tracks:
        return
    if not any(language.allows_audio(tag) for language in wanted for tag in tracks):
        codes = [language.code for language in wanted]
        raise BadMediaError(Message("wrong_audio", found_languages=tracks, wanted_languages=codes))


def needs_own_suffix(path: Path, wanted: str) -> bool:
    """Whether the tracks of a file need its container although *wanted* is requested; blocks.

    Raises:
        LibraryUnavailableError: If the file cannot be read.
    """
    try:
        with opened(path, kind_of(path)) as container:
            tracks = [*container.streams.video, *container.streams.audio]
            return container_for(tracks, wanted).suffix == path.suffix
    except BadMediaError:
        return False


def is_same_film(path: Path, selection: Selection, languages: Sequence[Language]) -> bool:
    """Whether an existing file is complete and matches a manifest; blocks.

    Raises:
        LibraryUnavailableError: If the file cannot be read.
    """
    duration = selection.duration or None
    # A complete file pauses where the manifest has no segments for a track.
    may_pause = any(track.playlist.has_pauses for track in selection.tracks)
    try:
        facts, _ = examine_file(
            path, expected_duration=duration, slack=selection.slack, may_pause=may_pause
        )
        require_language(facts.audio_languages, languages)
    except BadMediaError:
        return False
    return not selection.height or facts.height == selection.height
