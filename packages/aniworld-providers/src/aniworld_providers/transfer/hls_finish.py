"""Judges what came out of the muxer before it may have its name."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from aniworld_core.domain.media import Language
from aniworld_core.errors import BadMediaError
from aniworld_providers.media.continuity import LONGEST_PAUSE
from aniworld_providers.media.inspect import inspect_file, require_duration
from aniworld_providers.media.mux import MuxReport
from aniworld_providers.media.timeline import Timeline
from aniworld_providers.transfer.hls_job import Job, Selection

#: A stretch without picture and sound, in seconds, that no playlist means. Every segment
#: arrived, so this much can only be missing inside of one.
_LONGEST_HOLE: Final = 0.3
_LONGEST_STILL: Final = 20.0
#: Seconds by which one track may end before another one. Encoders pad neither.
_LONGEST_EARLY_END: Final = 2.0
#: How far the playing time may be off when a clock jumped, which hides what is missing or there
#: twice, in seconds.
_OFF_AFTER_JUMP: Final = 0.7


def judge(report: MuxReport, job: Job, selection: Selection, languages: Sequence[Language]) -> None:
    """Compare what the muxer has seen of every packet with what the manifest promised.

    Raises:
        BadMediaError: If something is missing or is not what was wanted.
    """
    timeline = report.timeline
    has_audio = bool(report.audio_languages)
    if any(count == 0 for count in report.packets):
        raise BadMediaError("one of its tracks is empty")
    if selection.expects_sound and not has_audio:
        raise BadMediaError("its sound is missing")
    if timeline.hole > (_LONGEST_HOLE if has_audio else _LONGEST_STILL):
        raise BadMediaError(f"{timeline.hole:.1f} s are missing after {timeline.hole_at:.1f} s")
    for track in timeline.tracks:
        if track.missing is not None:
            raise BadMediaError(track.missing)
    _check_ends(timeline, job)
    if all(item.duration > 0 for item in job.items if not item.is_init):
        require_duration(timeline.end, job.duration, slack=job.slack)
        allowed = _OFF_AFTER_JUMP + job.slack
        if timeline.jumps and abs(timeline.end - job.duration) > allowed:
            raise BadMediaError(f"it plays {timeline.end:.1f} s instead of {job.duration:.1f} s")
    require_language(report.audio_languages, languages)


def _check_ends(timeline: Timeline, job: Job) -> None:
    """Refuse a track that ends before the others, unless its own playlist is as short.

    Raises:
        BadMediaError: If one does.
    """
    lengths = [
        sum(job.items[index].duration for group in track.groups for index in group)
        for track in job.tracks
    ]
    promised = max(lengths) - min(lengths)
    for track in timeline.tracks:
        short = timeline.end - track.end
        if short > max(_LONGEST_EARLY_END, promised + LONGEST_PAUSE):
            raise BadMediaError(f"its {track.kind} ends {short:.1f} s too early")


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


def is_the_very_film(path: Path, selection: Selection, languages: Sequence[Language]) -> bool:
    """Whether an existing file checks out as what a manifest describes; blocks.

    Raises:
        LibraryUnavailableError: If it cannot be read.
    """
    duration = selection.duration or None
    try:
        facts = inspect_file(path, thorough=True, expected_duration=duration, slack=selection.slack)
        require_language(facts.audio_languages, languages)
    except BadMediaError:
        return False
    return not selection.height or facts.height == selection.height
