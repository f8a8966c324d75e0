"""Choose the container for the tracks, and copy the properties that control how they are played.

libav copies colour, HDR metadata, pixel aspect and rotation. The sample entry type, Dolby Vision
records, dispositions and titles are copied here.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from aniworld_providers.media.probe.libav.texts import readable

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.stream import Stream

#: Codecs that every player supports in an MP4.
_MP4_USUAL: Final = frozenset(
    {"h264", "hevc", "av1", "mpeg4", "aac", "ac3", "eac3", "mp3", "mp2", "alac"}
)
#: Further codecs for an MP4, if one is requested.
_MP4_POSSIBLE: Final = _MP4_USUAL | {"opus", "flac", "vp9", "mpeg2video", "dts"}
_WEBM: Final = frozenset({"vp8", "vp9", "av1", "opus", "vorbis"})
#: Sample entry types that libav writes into an MP4, by codec; others say the same in an MP4 only.
_TAGS: Final[Mapping[str, frozenset[str]]] = {
    "h264": frozenset({"avc1", "avc3"}),
    "hevc": frozenset({"hvc1", "hev1", "dvh1"}),
    "av1": frozenset({"av01"}),
    "vp9": frozenset({"vp09"}),
}
#: Sample entry types of Dolby Vision that libav does not write; Matroska needs the record only.
_DOLBY_VISION: Final = frozenset({"dvhe", "dva1", "dvav", "dav1"})
#: Its sample entry types for parameter sets outside the samples.
_DOLBY_VISION_APART: Final = frozenset({"dvh1"})
#: Sample entry types for parameter sets in the samples (ISO/IEC 14496-15, 5.3.2 and 8.3.2).
_IN_BAND_TAGS: Final[Mapping[str, str]] = {"h264": "avc3", "hevc": "hev1"}
#: Dolby Vision records are no part of the container's own standard.
_OPTIONS: Final = {"strict": "unofficial"}
#: First words of handler names that muxers write.
_NO_TITLES: Final = ("videohandler", "soundhandler", "core media", "iso media", "apple ", "bento4")


@attrs.frozen
class TargetContainer:
    """An output container.

    Attributes:
        suffix: Its file suffix, with its dot.
        muxer: Its libav muxer.
        options: Options of the muxer.
    """

    suffix: str
    muxer: str
    options: Mapping[str, str] = _OPTIONS

    @property
    def is_mp4(self) -> bool:
        """Whether it is an MP4."""
        return self.muxer == "mp4"


MP4: Final = TargetContainer(".mp4", "mp4")
MATROSKA: Final = TargetContainer(".mkv", "matroska")
WEBM: Final = TargetContainer(".webm", "webm")


def container_for(
    streams: "Sequence[Stream]", wanted: str, *, in_band: bool = False
) -> TargetContainer:
    """Return the container that holds all tracks without a loss.

    Args:
        streams: The tracks.
        wanted: Requested suffix, or empty.
        in_band: Whether the packets of the video contain its parameter sets.
    """
    codecs = {codec_of(stream) for stream in streams}
    unnamed = _DOLBY_VISION | _DOLBY_VISION_APART if in_band else _DOLBY_VISION
    if any(tag_of(stream) in unnamed for stream in streams):
        return MATROSKA
    if wanted == ".webm" and codecs <= _WEBM:
        return WEBM
    if wanted == ".mkv" and not (
        codecs <= _MP4_POSSIBLE and any(map(_has_own_aspect_ratio, streams))
    ):
        return MATROSKA
    is_mp4 = codecs <= (_MP4_POSSIBLE if wanted in {".mp4", ".m4v"} else _MP4_USUAL)
    return MP4 if is_mp4 else MATROSKA


def _has_own_aspect_ratio(stream: "Stream") -> bool:
    """Whether only the container has the pixel aspect ratio; PyAV passes it to MP4 only."""
    aspect = getattr(stream, "sample_aspect_ratio", None)
    return bool(aspect) and aspect != stream.codec_context.sample_aspect_ratio  # type: ignore[attr-defined]


def codec_of(stream: "Stream") -> str:
    """Return the codec name of a track, whatever its decoder is named."""
    name: str = stream.codec_context.codec.canonical_name
    return name


def tag_of(stream: "Stream") -> str:
    """Return the sample entry type of a track; empty outside of MP4 files."""
    is_entry = stream.container.format.name.startswith("mov")
    return str(stream.codec_context.codec_tag) if is_entry else ""


def add_track(
    output: "OutputContainer", stream: "Stream", *, is_default: bool, in_band: bool = False
) -> "Stream":
    """Add a copy of *stream* to an output.

    Args:
        output: Where to.
        stream: A track of an input.
        is_default: Whether it is the default track of its kind.
        in_band: Whether its packets will contain its parameter sets.
    """
    from av.codec.codec import UnknownCodecError
    from av.stream import Disposition

    added: Any
    try:
        added = output.add_stream_from_template(stream)
    except UnknownCodecError:
        # There is no encoder of this name; the parameters are copied without one.
        added = output.add_stream_from_template(stream, opaque=True)
    codec = codec_of(stream)
    tag = _IN_BAND_TAGS.get(codec, "") if in_band else tag_of(stream)
    if output.format.name == "mp4" and tag in _TAGS.get(codec, ()):
        added.codec_context.codec_tag = tag
    aspect = getattr(stream, "sample_aspect_ratio", None)
    if aspect:
        # Only the container may have it.
        added.codec_context.sample_aspect_ratio = aspect
    kept = stream.disposition & ~Disposition.default
    added.disposition = kept | (Disposition.default if is_default else Disposition(0))
    title = _title_of(stream)
    if title:
        added.metadata["title"] = title
        added.metadata["handler_name"] = title
    return added  # type: ignore[no-any-return]


def _title_of(stream: "Stream") -> str:
    """Return the title of a track; empty if a muxer wrote it."""
    written = stream.metadata
    title = written.get("title") or written.get("name") or written.get("handler_name") or ""
    return "" if title.lower().startswith(_NO_TITLES) else readable(title).strip()
