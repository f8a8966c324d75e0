"""Chapters and cover that are written into a container beside its tracks."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from aniworld_core.domain.media import Chapter
from aniworld_providers.media.probe.libav.texts import readable

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer

#: Most chapters of a file.
MOST_CHAPTERS: Final = 1000
#: Most characters of a chapter title.
_TITLE: Final = 300
#: Shortest chapter in seconds; players cannot select shorter ones.
_SHORTEST: Final = 0.5
_MILLISECOND: Final = Fraction(1, 1000)
#: Bytes of a chapter in the index of an MP4, besides its title, which is there twice.
_CHAPTER_BYTES: Final = 64


@attrs.frozen(kw_only=True)
class Extras:
    """What to add to a container.

    Attributes:
        chapters: Its chapters; without any, those of the input are copied.
        cover: File with its cover, a JPEG or PNG.
        width: Width of the cover in pixels.
        height: Height of the cover in pixels.
    """

    chapters: tuple[Chapter, ...] = ()
    cover: Path | None = None
    width: int = 0
    height: int = 0

    def __bool__(self) -> bool:
        return bool(self.chapters) or self.cover is not None

    @property
    def index_bytes(self) -> int:
        """Most bytes that they add to the index of an MP4."""
        titles = sum(2 * len(each.title.encode()) + _CHAPTER_BYTES for each in self.chapters)
        return titles + (self.cover.stat().st_size + 1024 if self.cover is not None else 0)


def clean_chapters(given: Sequence[Chapter], duration: float | None) -> tuple[Chapter, ...]:
    """Return chapters in order that do not overlap and end with the film.

    Chapters that begin behind the end, or within half a second of another one, are dropped.

    Args:
        given: Chapters of unknown origin; an end before the start is the start of the next one.
        duration: Playing time of the film in seconds, if known.
    """
    kept: list[Chapter] = []
    end = float("inf") if duration is None else duration
    for chapter in sorted(given, key=lambda each: each.start):
        is_apart = not kept or chapter.start >= kept[-1].start + _SHORTEST
        if 0 <= chapter.start < end - _SHORTEST and is_apart:
            kept.append(chapter)
    cleaned: list[Chapter] = []
    for place, chapter in enumerate(kept[:MOST_CHAPTERS]):
        following = kept[place + 1].start if place + 1 < len(kept) else end
        own = chapter.end if chapter.end > chapter.start else following
        stop = min(own, following)
        if stop == float("inf"):
            stop = chapter.start + _SHORTEST
        cleaned.append(Chapter(start=chapter.start, end=stop, title=chapter.title[:_TITLE]))
    return tuple(cleaned)


def set_chapters(output: "OutputContainer", chapters: Sequence[Chapter]) -> None:
    """Write chapters into an output that has not been started."""
    if chapters:
        output.set_chapters(
            [
                {
                    "id": number,
                    "start": round(each.start * 1000),
                    "end": round(each.end * 1000),
                    "time_base": _MILLISECOND,
                    "metadata": {"title": each.title},
                }
                for number, each in enumerate(chapters, start=1)
            ]
        )


def chapters_of(source: "InputContainer", start: float) -> tuple[Chapter, ...]:
    """Return the chapters of an input.

    Args:
        source: The input.
        start: Its start on its own clock, in seconds; 0 in the output.
    """
    found: list[Chapter] = []
    for each in source.chapters()[:MOST_CHAPTERS]:
        base = float(each["time_base"] or 0)
        begin, end = (max(each[name] * base - start, 0.0) for name in ("start", "end"))
        title = readable(each["metadata"].get("title", ""))
        found.append(Chapter(start=begin, end=end, title=title))
    return tuple(found)


def add_cover(output: "OutputContainer", extras: Extras) -> "Any | None":
    """Add the cover to an output that has not been started.

    A Matroska file gets it as an attachment, an MP4 as its cover.

    Returns:
        The track of an MP4 for `write_cover`; `None` if the cover is complete.
    """
    from av.stream import Disposition

    if extras.cover is None:
        return None
    data = extras.cover.read_bytes()
    codec = "png" if data.startswith(b"\x89PNG") else "mjpeg"
    if output.format.name != "mp4":
        kind = "png" if codec == "png" else "jpeg"
        name = "cover.png" if codec == "png" else "cover.jpg"
        output.add_attachment(name, f"image/{kind}", data)
        return None
    track: Any = output.add_mux_stream(codec, width=extras.width, height=extras.height)
    track.time_base = _MILLISECOND
    track.disposition = Disposition.attached_pic
    return track


def write_cover(output: "OutputContainer", track: "Any | None", extras: Extras) -> None:
    """Write the cover into its track of a started output."""
    import av

    if track is None or extras.cover is None:
        return
    packet: Any = av.Packet(extras.cover.read_bytes())
    packet.stream = track
    packet.time_base = _MILLISECOND
    packet.pts = packet.dts = 0
    packet.is_keyframe = True
    output.mux_one(packet)
