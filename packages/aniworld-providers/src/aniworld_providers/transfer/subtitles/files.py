"""Convert fetched subtitles to files and publish them beside the film."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import attrs

from aniworld_core.errors import AniworldError, BadMediaError, FileExistsConflictError
from aniworld_core.messages import Message
from aniworld_providers.media.text.cues import Cue, in_order, joined
from aniworld_providers.media.text.reading import (
    TextFormat,
    clean_ass,
    format_of,
    require_text,
    text_of,
)
from aniworld_providers.media.text.subrip import read_subrip, write_subrip
from aniworld_providers.media.text.webvtt import ClockMark, read_webvtt
from aniworld_providers.transfer.disk.paths import MEDIA_SUFFIXES, PartPaths
from aniworld_providers.transfer.disk.publish import publish
from aniworld_providers.transfer.disk.writing import disk_errors, sync_file
from aniworld_providers.transfer.manifests.subtitle_offers import TextOffer, TextPart
from aniworld_providers.transfer.subtitles.film_clock import FilmClock

#: Milliseconds after which the MPEG-2 clock (33 bits at 90 kHz) restarts at zero.
_WRAP_MS: Final = 2**33 // 90


@attrs.frozen
class FetchedText:
    """A subtitle with all its bytes."""

    offer: TextOffer
    bodies: tuple[tuple[TextPart, bytes], ...]


@attrs.frozen
class StagedText:
    """A converted subtitle under its temporary name."""

    offer: TextOffer
    path: Path
    suffix: str


def stage(
    fetched: FetchedText, clock: FilmClock, paths: PartPaths, number: int
) -> StagedText | None:
    """Write a subtitle file beside the part; return `None` if it has no text; blocks.

    Raises:
        BadMediaError: If it is not a readable subtitle.
        LibraryUnavailableError: If it cannot be written.
        DiskFullError: If the disk is full.
    """
    text, suffix = converted(fetched, clock)
    if not text:
        return None
    path = paths.beside(f"s{number}")
    with disk_errors(path):
        path.unlink(missing_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    sync_file(path)
    return StagedText(fetched.offer, path, suffix)


def converted(fetched: FetchedText, clock: FilmClock) -> tuple[str, str]:
    """Return the text of a subtitle and the suffix of its format.

    Raises:
        BadMediaError: If it is not a readable subtitle.
    """
    language = fetched.offer.track.language
    segments: list[Sequence[Cue]] = []
    unmapped: list[Sequence[Cue]] = []
    for part, body in fetched.bodies:
        require_text(body)
        text = text_of(body, language)
        if not text.strip():
            continue
        kind = format_of(body, text)
        if kind is TextFormat.ASS:
            if len(fetched.bodies) > 1:
                raise BadMediaError(Message("ass_in_segments"))
            return clean_ass(text), ".ass"
        if kind is TextFormat.SUBRIP:
            cues, mark = read_subrip(text), None
        else:
            read = read_webvtt(text)
            cues, mark = read.cues, read.mark
        begin = round(part.start * 1000)
        unmapped.append(_moved(cues, begin))
        segments.append(_moved(cues, begin if mark is None else _offset(mark, part, clock)))
    return write_subrip(_put_together(segments, unmapped, clock)), ".srt"


def _put_together(
    segments: Sequence[Sequence[Cue]], unmapped: Sequence[Sequence[Cue]], clock: FilmClock
) -> list[Cue]:
    """Join the segments; ignore timestamp maps that lead outside of the film."""
    if clock.duration is not None and not _fits(segments, clock.duration):
        segments = unmapped if _fits(unmapped, clock.duration) else segments
    return joined(segments) if len(segments) > 1 else in_order(*segments or [()])


def _fits(segments: Sequence[Sequence[Cue]], duration: float) -> bool:
    return any(0 <= cue.start < duration * 1000 for cues in segments for cue in cues)


def _moved(cues: Iterable[Cue], offset: int) -> list[Cue]:
    return [attrs.evolve(cue, start=cue.start + offset, end=cue.end + offset) for cue in cues]


def _offset(mark: ClockMark, part: TextPart, clock: FilmClock) -> int:
    """Return the milliseconds to add to the cues of a segment to get the film's times."""
    place = min(part.group, len(clock.shifts) - 1)
    if place < 0:
        return round(part.start * 1000)
    offset = round(mark.mpeg / 90 + clock.shifts[place] * 1000)
    # The clock restarts, so the offset nearest to zero is used.
    return (offset + _WRAP_MS // 2) % _WRAP_MS - _WRAP_MS // 2 - mark.local


def publish_texts(staged: Sequence[StagedText], film: Path) -> tuple[list[Path], list[str]]:
    """Rename staged subtitles after the film; keep existing files; blocks.

    Returns:
        The files beside the film, and a notice for each missing one.
    """
    stem = film.stem if film.suffix.lower() in MEDIA_SUFFIXES else film.name
    taken: set[str] = set()
    files: list[Path] = []
    notices: list[str] = []
    for text in staged:
        name = _free_name(f"{stem}{text.offer.track.tags}", text.suffix, taken)
        target = film.with_name(name)
        try:
            publish(text.path, target)
        except FileExistsConflictError:
            text.path.unlink(missing_ok=True)
        except AniworldError as error:
            notices.append(text.offer.missing(error))
            continue
        files.append(target)
    return files, notices


def _free_name(start: str, suffix: str, taken: set[str]) -> str:
    name, number = f"{start}{suffix}", 2
    while name in taken:
        name, number = f"{start}.{number}{suffix}", number + 1
    taken.add(name)
    return name
