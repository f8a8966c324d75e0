"""Choose the container of a stream's tracks, and carry over what says how to play them.

Colour, HDR metadata, pixel aspect and rotation travel with the parameters libav copies. The type
of the sample entry, Dolby Vision records, dispositions and titles do not come by themselves.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.stream import Stream

#: What every player takes in an MP4.
_MP4_USUAL: Final = frozenset(
    {"h264", "hevc", "av1", "mpeg4", "aac", "ac3", "eac3", "mp3", "mp2", "alac"}
)
#: What an MP4 may hold besides, if somebody wants one.
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
#: Dolby Vision records are no part of the container's own standard.
_OPTIONS: Final = {"strict": "unofficial"}
#: Handler names that muxers write by themselves.
_NO_TITLES: Final = ("videohandler", "soundhandler", "core media", "iso media", "apple ", "bento4")


@attrs.frozen
class TargetContainer:
    """A container to write.

    Attributes:
        suffix: Its file suffix, with its dot.
        muxer: The libav muxer.
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


def container_for(streams: "Sequence[Stream]", wanted: str) -> TargetContainer:
    """Choose the container that holds all tracks without a loss.

    Args:
        streams: The tracks.
        wanted: The suffix of the name a person chose, or nothing.
    """
    codecs = {codec_of(stream) for stream in streams}
    if any(tag_of(stream) in _DOLBY_VISION for stream in streams):
        return MATROSKA
    if wanted == ".webm" and codecs <= _WEBM:
        return WEBM
    if wanted == ".mkv" and not (codecs <= _MP4_POSSIBLE and any(map(_has_own_shape, streams))):
        return MATROSKA
    is_mp4 = codecs <= (_MP4_POSSIBLE if wanted in {".mp4", ".m4v"} else _MP4_USUAL)
    return MP4 if is_mp4 else MATROSKA


def _has_own_shape(stream: "Stream") -> bool:
    """Whether the shape of a pixel stands in the container only; PyAV hands that to MP4 alone."""
    shape = getattr(stream, "sample_aspect_ratio", None)
    return bool(shape) and shape != stream.codec_context.sample_aspect_ratio  # type: ignore[attr-defined]


def codec_of(stream: "Stream") -> str:
    """Return the name of a track's codec, whatever libav's decoder for it is called."""
    name: str = stream.codec_context.codec.canonical_name
    return name


def tag_of(stream: "Stream") -> str:
    """Return the type of a track's sample entry, nothing outside of MP4 files."""
    is_entry = stream.container.format.name.startswith("mov")
    return str(stream.codec_context.codec_tag) if is_entry else ""


def add_track(output: "OutputContainer", stream: "Stream", *, is_default: bool) -> "Stream":
    """Add a track like *stream* to an output.

    Args:
        output: Where to.
        stream: The track of an input.
        is_default: Whether it is the one of its kind to play unless another is chosen.
    """
    from av.codec.codec import UnknownCodecError
    from av.stream import Disposition

    added: Any
    try:
        added = output.add_stream_from_template(stream)
    except UnknownCodecError:
        # Named after a decoder that has no encoder; its parameters are as good.
        added = output.add_stream_from_template(stream, opaque=True)
    tag = tag_of(stream)
    if output.format.name == "mp4" and tag in _TAGS.get(codec_of(stream), ()):
        added.codec_context.codec_tag = tag
    shape = getattr(stream, "sample_aspect_ratio", None)
    if shape:
        # It may stand in the container only.
        added.codec_context.sample_aspect_ratio = shape
    kept = stream.disposition & ~Disposition.default
    added.disposition = kept | (Disposition.default if is_default else Disposition(0))
    title = _title_of(stream)
    if title:
        added.metadata["title"] = title
        added.metadata["handler_name"] = title
    return added  # type: ignore[no-any-return]


def _title_of(stream: "Stream") -> str:
    """Return what people called a track, nothing if only a muxer named it."""
    written = stream.metadata
    title = written.get("title") or written.get("name") or written.get("handler_name") or ""
    return "" if title.lower().startswith(_NO_TITLES) else title.strip()
