"""Judges what came out of the muxer before it may have its name."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from aniworld_core.domain.media import Language
from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.probe.inspect import examine_file, kind_of, opened, require_duration
from aniworld_providers.media.remux.muxer import MuxReport
from aniworld_providers.media.remux.timeline import Timeline
from aniworld_providers.media.remux.track_identity import container_for
from aniworld_providers.transfer.manifests.job import Job, Selection

#: A stretch without picture and sound, in seconds, that no playlist means. Every segment
#: arrived, so this much can only be missing inside of one.
_LONGEST_HOLE: Final = 0.3
_LONGEST_STILL: Final = 20.0
#: Seconds by which one track may end before the others.
_LONGEST_EARLY_END: Final = 2.0
#: Seconds by which a sound of its own playlist may begin after the picture.
_LONGEST_LATE_SOUND: Final = 1.0
#: Seconds from which on a difference between tracks is worth a notice.
_WORTH_TELLING: Final = 0.5
#: Seconds by which a segment's duration may be wrong, and the seconds in all that are refused.
_INEXACT: Final = 0.01
_TOO_SHORT: Final = 2.0
#: How far the playing time may be off when a clock jumped, which hides what is missing or there
#: twice, in seconds.
_OFF_AFTER_JUMP: Final = 0.7


def judge(
    report: MuxReport, job: Job, selection: Selection, languages: Sequence[Language]
) -> tuple[str, ...]:
    """Compare what the muxer has seen of every packet with what the manifest promised.

    Returns:
        Notices: differences between the tracks that are no fault.

    Raises:
        BadMediaError: If something is missing or is not what was wanted.
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
        notice = f"its {track.kind} begins {late:.1f} s after the rest"
        # Whoever mixes tracks into one stream knows when each begins; a playlist of its own that
        # begins later has lost its beginning.
        source = job.tracks[track.source]
        is_apart = track.kind == "audio" and not source.has_video and bool(source.groups[0])
        if is_apart and late > _LONGEST_LATE_SOUND:
            raise BadMediaError(notice)
        if late > _WORTH_TELLING:
            yield notice


def _early_ends(timeline: Timeline, job: Job) -> Iterator[str]:
    for track in timeline.tracks:
        early = timeline.end - track.end
        # The last picture of a slow track is shown until the sound ends.
        is_listed = bool(job.tracks[track.source].groups[-1])
        if is_listed and early > max(_LONGEST_EARLY_END, track.longest_pause):
            raise BadMediaError(f"its {track.kind} ends after {track.end:.1f} s")
        if early > _WORTH_TELLING:
            yield f"its {track.kind} ends {early:.1f} s before the rest"


def _check_length(timeline: Timeline, job: Job) -> None:
    require_duration(timeline.end, job.duration, slack=job.slack)
    short = job.duration - timeline.end - job.slack
    off = abs(timeline.end - job.duration) - job.slack
    if short > _TOO_SHORT + _INEXACT * len(job.items) or (timeline.jumps and off > _OFF_AFTER_JUMP):
        raise BadMediaError(
            Message("wrong_length", actual_seconds=timeline.end, expected_seconds=job.duration)
        )


def require_language(tracks: Sequence[str], wanted: Sequence[Language]) -> None:
    """Check that one of the wanted languages is spoken, as far as all tracks say theirs.

    Raises:
        BadMediaError: If none is.
    """
    if not wanted or not tracks or "und" in tracks:
        return
    if not any(language.allows_audio(tag) for language in wanted for tag in tracks):
        names = ", ".join(language.code for language in wanted)
        raise BadMediaError(f"it is spoken in {', '.join(tracks)}, which is not {names}")


def goes_into(path: Path, wanted: str) -> bool:
    """Whether the tracks of a file go into its container although *wanted* is asked for; blocks.

    Raises:
        LibraryUnavailableError: If it cannot be read.
    """
    try:
        with opened(path, kind_of(path)) as container:
            tracks = [*container.streams.video, *container.streams.audio]
            return container_for(tracks, wanted).suffix == path.suffix
    except BadMediaError:
        return False


def is_the_very_film(path: Path, selection: Selection, languages: Sequence[Language]) -> bool:
    """Whether an existing file checks out as what a manifest describes; blocks.

    Raises:
        LibraryUnavailableError: If it cannot be read.
    """
    duration = selection.duration or None
    # What was whole when it was written may pause where the manifest has no segments of a track.
    may_pause = any(track.playlist.has_pauses for track in selection.tracks)
    try:
        facts, _ = examine_file(
            path, expected_duration=duration, slack=selection.slack, may_pause=may_pause
        )
        require_language(facts.audio_languages, languages)
    except BadMediaError:
        return False
    return not selection.height or facts.height == selection.height
