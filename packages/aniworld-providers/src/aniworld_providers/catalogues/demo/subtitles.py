"""German subtitles of the demo in segments, as streaming servers offer them."""

from pathlib import Path
from typing import Final

from aniworld_providers.catalogues.demo.values import Clip

#: Name of the playlist, and length of a segment in seconds.
PLAYLIST: Final = "text-de.m3u8"
_SEGMENT: Final = 4
#: Seconds to show each line; some lines cross the border of two segments.
_SHOWN: Final = 3


def make_subtitles(clip: Clip, folder: Path) -> None:
    """Write the playlist and its segments into the folder of a clip."""
    seconds = clip.episode.seconds
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{_SEGMENT}"]
    lines.append("#EXT-X-PLAYLIST-TYPE:VOD")
    for number, start in enumerate(range(0, seconds, _SEGMENT)):
        name = f"text-de-{number:03}.vtt"
        end = min(start + _SEGMENT, seconds)
        (folder / name).write_text(_segment(clip, start, end), encoding="utf-8")
        lines += [f"#EXTINF:{end - start}.0,", name]
    (folder / PLAYLIST).write_text("\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n", encoding="utf-8")


def _segment(clip: Clip, start: int, end: int) -> str:
    """Return the lines of a segment; lines across a border are in both segments."""
    said = [clip.series.de, f"<i>{clip.episode.de}</i>", "Fortsetzung folgt."]
    blocks = ["WEBVTT"]
    for number, text in enumerate(said):
        first, last = number * _SHOWN, (number + 1) * _SHOWN
        if first < end and last > start:
            blocks.append(f"00:{first:02}.000 --> 00:{last:02}.000\n{text}")
    return "\n\n".join(blocks) + "\n"
