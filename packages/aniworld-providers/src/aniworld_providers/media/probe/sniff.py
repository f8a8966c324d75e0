"""Identify content by its bytes; names and types sent by a server prove nothing."""

from typing import Final

import attrs

from aniworld_core.messages import Message
from aniworld_providers.media.structure.boxes import MP4_BOXES

#: First bytes of a file that all rules below need.
SNIFF_BYTES: Final = 4096
#: Name that `impostor_of` gives to a web page.
WEB_PAGE: Final = Message("content_web_page")
#: Most bytes of an image header in front of a transport stream.
DISGUISE_LIMIT: Final = 64 * 1024
#: Demuxers of audio without a container; its only clock is an ID3 tag per segment (RFC 8216, 3.4).
BARE_SOUND: Final = frozenset({"aac", "mp3", "ac3", "eac3"})
#: Largest ID3 tag in bytes that is searched for a time.
ID3_LIMIT: Final = DISGUISE_LIMIT
_TIME_OWNER: Final = b"com.apple.streaming.transportStreamTimestamp\x00"
#: The clock of a transport stream has 33 bits (ISO/IEC 13818-1).
_CLOCK: Final = 90_000
_CLOCK_MASK: Final = 2**33 - 1
#: Seconds after which that clock restarts at zero.
CLOCK_WRAP: Final = 2**33 / _CLOCK
_TS_PACKET: Final = 188
_M2TS_PACKET: Final = 192
_SYNC: Final = 0x47
_ASF_GUID: Final = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
#: First bytes of HLS playlists; some lack the first line.
_PLAYLIST: Final = (b"#extm3u", b"#extinf:", b"#ext-x-")
_IMAGES: Final = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"BM", "BMP"),
)


@attrs.frozen
class ContainerKind:
    """A video container.

    Attributes:
        suffix: Its usual file suffix, with the dot.
        demuxer: The libav demuxer that reads it; naming it keeps libav from guessing, and so from
            opening links in a hostile file.
    """

    suffix: str
    demuxer: str


def container_of(head: bytes) -> ContainerKind | None:
    """Return the container that begins with these bytes; `None` if it is not a video container."""
    if _has_mp4_box(head):
        return ContainerKind(_mp4_suffix(head), "mov")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return ContainerKind(".webm" if b"webm" in head[:128] else ".mkv", "matroska")
    if _synced(head, 0, _TS_PACKET):
        return ContainerKind(".ts", "mpegts")
    if _synced(head, 4, _M2TS_PACKET):
        return ContainerKind(".m2ts", "mpegts")
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return ContainerKind(".avi", "avi")
    if head.startswith(b"OggS"):
        return ContainerKind(".ogv", "ogg")
    if head.startswith(b"FLV\x01"):
        return ContainerKind(".flv", "flv")
    if head.startswith(_ASF_GUID):
        return ContainerKind(".wmv", "asf")
    if head.startswith(b"\x00\x00\x01\xba"):
        return ContainerKind(".mpg", "mpeg")
    if head.startswith(b"\x00\x00\x01\xb3"):
        return ContainerKind(".mpg", "mpegvideo")
    return None


def impostor_of(head: bytes) -> Message | None:
    """Return the name of content that is certainly not media: a web page, an image, a text.

    Returns:
        The name for messages (kind `content_web_page`), or `None` if the bytes may be media.
    """
    if not head:
        return Message("content_nothing")
    if container_of(head) is not None:
        return None
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<script", b"<body", b"<!--")):
        return WEB_PAGE
    if text.startswith(_PLAYLIST):
        return Message("content_playlist")
    if text.startswith((b"<?xml", b"<mpd", b"<svg")):
        return Message("content_xml")
    for magic, name in _IMAGES:
        if head.startswith(magic):
            return Message("content_image", format=name)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Message("content_image", format="WebP")
    if head.startswith(b"%PDF"):
        return Message("content_pdf")
    if head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")):
        return Message("content_archive")
    if _is_text(head[:512]):
        return Message("content_text")
    return None


def manifest_of(head: bytes) -> str | None:
    """Return the kind of manifest that begins with these bytes: `hls`, `dash` or `None`."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(_PLAYLIST):
        return "hls"
    return "dash" if text.startswith((b"<?xml", b"<mpd", b"<!--")) and b"<mpd" in text else None


def transport_stream_start(head: bytes) -> int | None:
    """Return the start of a transport stream, which may follow an image header.

    Three sync bytes at a distance of one packet are a start (ISO/IEC 13818-1: 188 bytes). Shorter
    data are judged by what is there.
    """
    limit = min(len(head), DISGUISE_LIMIT)
    start = head.find(_SYNC, 0, limit)
    while start != -1:
        if _synced(head, start, _TS_PACKET):
            return start
        start = head.find(_SYNC, start + 1, limit)
    return None


def segment_kind(head: bytes) -> tuple[str, int] | None:
    """Return the demuxer of a segment by its bytes.

    Returns:
        The libav demuxer and the offset of the media; `None` if the bytes are not media.
    """
    kind = container_of(head)
    if kind is not None and kind.demuxer in {"mov", "mpegts", "matroska"}:
        return kind.demuxer, 0
    if head.startswith(b"\x1fC\xb6u"):
        return "matroska", 0  # a WebM cluster; its header is in the initialisation section
    start = transport_stream_start(head)
    if start is not None:
        return "mpegts", start
    start = id3_length(head)
    sound = head[start : start + 8]
    if len(sound) < 2:
        return None
    if sound[0] == 0xFF and sound[1] & 0xF6 == 0xF0:
        return "aac", start
    if sound[0] == 0xFF and sound[1] & 0xE0 == 0xE0 and sound[1] & 0x06:
        return "mp3", start
    if sound.startswith(b"\x0b\x77") and len(sound) > 5:
        return ("eac3" if sound[5] >> 3 > 10 else "ac3"), start
    return None


def stored_start(kind: tuple[str, int]) -> int:
    """Return the offset of the bytes of a segment that are stored.

    An image header is left out. The ID3 tag of audio is kept, because it is the clock.
    """
    return 0 if kind[0] in BARE_SOUND else kind[1]


def id3_time(tag: bytes) -> float | None:
    """Return the time in seconds in an ID3 tag for the first sample behind it (RFC 8216, 3.4).

    Returns:
        `None` if it has none.
    """
    at = tag.find(_TIME_OWNER)
    raw = tag[at + len(_TIME_OWNER) :][:8] if at >= 0 else b""
    return (int.from_bytes(raw, "big") & _CLOCK_MASK) / _CLOCK if len(raw) == 8 else None


def id3_length(head: bytes) -> int:
    """Return the length of the ID3 tag at the start of these bytes, 0 without one."""
    if not head.startswith(b"ID3") or len(head) < 10:
        return 0
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def _synced(head: bytes, start: int, packet: int) -> bool:
    places = [start + packet * i for i in range(3) if start + packet * i < len(head)]
    if not places or (len(places) < 3 and len(head) - start != packet * len(places)):
        return False
    return all(head[place] == _SYNC for place in places)


def _has_mp4_box(head: bytes) -> bool:
    if len(head) < 8 or head[4:8] not in MP4_BOXES:
        return False
    size = int.from_bytes(head[:4], "big")
    return size in {0, 1} or size >= 8


def _mp4_suffix(head: bytes) -> str:
    brand = head[8:12] if head[4:8] == b"ftyp" else b""
    if brand == b"qt  ":
        return ".mov"
    return ".m4v" if brand.startswith(b"M4V") else ".mp4"


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return False
        text = head[: error.start].decode("utf-8")
    controls = sum(character < " " and character not in "\t\r\n\f\x1b" for character in text)
    return bool(text) and controls == 0
