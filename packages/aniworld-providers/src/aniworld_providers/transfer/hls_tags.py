"""Reads the tags of an HLS playlist tolerantly, on top of the `m3u8` parser's line loop.

The parser alone raises bare `KeyError` and `ValueError` on slightly wrong tags and knows neither
variables nor keys offered in several formats, so every tag that matters is read here; all other
tags are passed over, as RFC 8216 wants for unknown ones.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, urlsplit

from aniworld_core.errors import BadPlaylistError

#: Largest playlist that is read, in bytes after decoding.
MAX_PLAYLIST_BYTES: Final = 4 * 1024 * 1024
#: Most segments of one playlist.
MAX_SEGMENTS: Final = 20_000

Attributes: TypeAlias = dict[str, str]
_State: TypeAlias = dict[str, Any]
_Reader: TypeAlias = Callable[[str, _State, _State], None]

_ATTRIBUTE = re.compile(r'([A-Za-z0-9-]+)\s*=\s*("[^"]*"|[^,]*)')
_VARIABLE = re.compile(r"\{\$([A-Za-z0-9_-]+)\}")
_NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_WHOLE_NUMBER = re.compile(r"\s*[0-9]+\s*(?:,|\Z)")


def read_tags(text: str, url: str, imported: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Parse a playlist into the parser's dictionary of plain values.

    Besides the parser's own entries it holds `variables`, what `EXT-X-DEFINE` has defined.

    Args:
        text: The playlist.
        url: Where it came from after redirects; `QUERYPARAM` variables are taken from it.
        imported: Variables of the playlist that led here.

    Raises:
        BadPlaylistError: If it is no playlist, too long, or broken where that matters.
    """
    from m3u8 import parser  # slow to import

    body = text.removeprefix("\ufeff").lstrip()
    if not body.startswith("#EXTM3U"):
        raise BadPlaylistError("it does not begin with #EXTM3U")
    expanded, variables = _expand(body, url, imported or {})
    try:
        data: dict[str, Any] = parser.parse(expanded, custom_tags_parser=_read_tag)
    except (ValueError, KeyError, AttributeError, TypeError, IndexError, OverflowError) as error:
        raise BadPlaylistError(f"a tag makes no sense ({error})") from error
    if not data["is_endlist"] and body.rstrip().rpartition("\n")[2].startswith("#EXTINF"):
        # It breaks off before the address of its last segment: whatever it says, it goes on.
        data["playlist_type"] = None
    data["segments"] = [segment for segment in data["segments"] if "uri" in segment]
    if len(data["segments"]) > MAX_SEGMENTS:
        raise BadPlaylistError(f"it has more than {MAX_SEGMENTS} segments")
    data["variables"] = variables
    return data


def attributes_of(line: str) -> Attributes:
    """Read the attribute list of a tag (RFC 8216 section 4.2); names in upper case."""
    _, _, listed = line.partition(":")
    return {
        name.upper(): value.strip().strip('"')
        for name, value in _ATTRIBUTE.findall(listed)
        if value.strip()
    }


def number_of(raw: str | None) -> float | None:
    """Read the number a text begins with, `None` if it begins with none."""
    match = _NUMBER.match(raw or "")
    return float(match.group(1)) if match else None


def _expand(body: str, url: str, imported: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    if "#EXT-X-DEFINE" not in body:
        return body, {}
    variables: dict[str, str] = {}

    def value_of(match: re.Match[str]) -> str:
        if match.group(1) not in variables:
            raise BadPlaylistError(f"it uses the unknown variable {match.group(1)[:40]!r}")
        return variables[match.group(1)]

    lines = []
    size = 0
    for line in body.splitlines():
        if line.startswith("#EXT-X-DEFINE"):
            _define(attributes_of(line), variables, imported, url)
            continue
        known = not line.startswith("#") or line.startswith("#EXT")
        lines.append(_VARIABLE.sub(value_of, line) if known else line)
        size += len(lines[-1])
        if size > MAX_PLAYLIST_BYTES:
            raise BadPlaylistError("its variables make it larger than 4 MiB")
    return "\n".join(lines), variables


def _define(
    attributes: Attributes, variables: dict[str, str], imported: Mapping[str, str], url: str
) -> None:
    if "NAME" in attributes:
        variables[attributes["NAME"]] = attributes.get("VALUE", "")
    elif "IMPORT" in attributes:
        name = attributes["IMPORT"]
        if name not in imported:
            raise BadPlaylistError(f"it imports the unknown variable {name[:40]!r}")
        variables[name] = imported[name]
    elif "QUERYPARAM" in attributes:
        name = attributes["QUERYPARAM"]
        values = parse_qs(urlsplit(url).query).get(name)
        if not values:
            raise BadPlaylistError(f"it asks for the missing query parameter {name[:40]!r}")
        variables[name] = values[0]


def _read_tag(line: str, _number: int, data: _State, state: _State) -> bool:
    name = line.partition(":")[0].strip()
    reader = _READERS.get(name)
    if reader is not None:
        reader(line, data, state)
    return True


def _duration(line: str, data: _State, state: _State) -> None:
    if len(data["segments"]) > MAX_SEGMENTS:
        raise BadPlaylistError(f"it has more than {MAX_SEGMENTS} segments")
    segment = state.setdefault("segment", {})
    # A broken duration hurts nothing: the sum is only compared with what arrives.
    raw = line.partition(":")[2]
    segment["duration"] = number_of(raw) or 0.0
    segment["is_whole"] = _WHOLE_NUMBER.match(raw) is not None
    segment["title"] = ""
    state["expect_segment"] = True


def _byte_range(line: str, _data: _State, state: _State) -> None:
    state.setdefault("segment", {})["byterange"] = line.partition(":")[2].strip().strip('"')


def _key(line: str, data: _State, state: _State) -> None:
    # Keys one after another without a segment between them are the same key in several
    # formats; a later one alone replaces what was in force.
    place = len(data["segments"])
    if state.get("keys_at") != place:
        state["keys"] = []
    state["keys_at"] = place
    state["keys"] = [*state["keys"], attributes_of(line)]
    state["current_key"] = state["keys"]


def _map(line: str, _data: _State, state: _State) -> None:
    state["current_segment_map"] = {**attributes_of(line), "keys": state.get("current_key")}


def _variant(line: str, data: _State, state: _State) -> None:
    data["is_variant"] = True
    state["stream_info"] = attributes_of(line)
    state["expect_playlist"] = True


def _sequence(line: str, data: _State, _state: _State) -> None:
    raw = line.partition(":")[2].strip()
    if not raw.isascii() or not raw.isdecimal() or len(raw) > 20:
        raise BadPlaylistError(f"its media sequence is {raw[:40]!r}")
    data["media_sequence"] = int(raw)


def _skipped(_line: str, _data: _State, _state: _State) -> None:
    raise BadPlaylistError("it is only a difference to an earlier one")


_READERS: Final[Mapping[str, _Reader]] = {
    "#EXTINF": _duration,
    "#EXT-X-BYTERANGE": _byte_range,
    "#EXT-X-KEY": _key,
    "#EXT-X-MAP": _map,
    "#EXT-X-STREAM-INF": _variant,
    "#EXT-X-MEDIA-SEQUENCE": _sequence,
    "#EXT-X-SKIP": _skipped,
    "#EXT-X-MEDIA": lambda line, data, _: data["media"].append(attributes_of(line)),
    "#EXT-X-SESSION-KEY": lambda line, data, _: data["session_keys"].append(attributes_of(line)),
    "#EXT-X-I-FRAME-STREAM-INF": lambda line, data, _: data["iframe_playlists"].append(line),
    "#EXT-X-I-FRAMES-ONLY": lambda _line, data, _: data.update(is_i_frames_only=True),
    "#EXT-X-IMAGES-ONLY": lambda _line, data, _: data.update(is_images_only=True),
    "#EXT-X-DISCONTINUITY": lambda _line, _data, state: state.update(discontinuity=True),
    "#EXT-X-GAP": lambda _line, _data, state: state.update(gap=True),
    "#EXT-X-ENDLIST": lambda _line, data, _: data.update(is_endlist=True),
    "#EXT-X-PLAYLIST-TYPE": lambda line, data, _: data.update(
        playlist_type=line.partition(":")[2].strip().upper()
    ),
    "#EXT-X-TARGETDURATION": lambda line, data, _: data.update(
        targetduration=number_of(line.partition(":")[2])
    ),
}
