"""The format of a track, and whether a later group of segments can continue it.

A container describes each track once. A group with other decoder settings can be joined if every
packet describes itself, or if the settings can be repeated in front of the key frames.
"""

from typing import TYPE_CHECKING, Any, Final

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.remux.tracks.adts import configuration_of, has_headers
from aniworld_providers.media.remux.tracks.identity import codec_of

if TYPE_CHECKING:
    from av.stream import Stream

#: Codecs whose decoder settings may stand in front of a key frame.
_IN_BAND: Final = frozenset({"h264", "hevc", "mpeg4"})
#: Codecs whose packets contain all decoder settings.
_SELF_DESCRIBING: Final = frozenset(
    {"vp8", "vp9", "av1", "mpeg1video", "mpeg2video", "mjpeg"}
    | {"ac3", "eac3", "mp3", "mp2", "dts", "opus", "flac"}
)
#: Audio codecs whose number of channels may change from packet to packet.
_OWN_CHANNELS: Final = frozenset({"ac3", "eac3", "mp3", "mp2", "dts"})
#: AAC-LC in the first five bits of an AAC configuration (ISO/IEC 14496-3, 1.6.2.1).
_AAC_LC: Final = 2
#: Values of the sampling rate and the channels that announce more bytes.
_EXPLICIT_RATE: Final = 15
_EXPLICIT_CHANNELS: Final = 0


class InBandSettingsError(Exception):
    """A later group needs its decoder settings in its packets; caught inside of this package.

    Attributes:
        source: Index of the source.
    """

    def __init__(self, source: int) -> None:
        super().__init__("the decoder settings change")
        self.source = source


@attrs.frozen(kw_only=True)
class TrackFormat:
    """What two tracks must have in common to be joined.

    Attributes:
        kind: `video` or `audio`.
        codec: Codec name.
        size: Width and height of a picture.
        rate: Samples per second.
        channels: Number of channels.
        is_extended: Whether AAC has a core of half the rate.
        settings: Decoder settings outside the packets; empty if the packets contain them.
    """

    kind: str
    codec: str
    size: tuple[int, int] = (0, 0)
    rate: int = 0
    channels: int = 0
    is_extended: bool = False
    settings: bytes = b""

    @classmethod
    def of(cls, stream: "Stream") -> "TrackFormat":
        """Return the format of a track of an input."""
        context: Any = stream.codec_context
        codec = codec_of(stream)
        settings = _settings_of(stream, codec)
        if stream.type == "video":
            size = (context.width, context.height)
            return cls(kind="video", codec=codec, size=size, settings=settings)
        return cls(
            kind="audio",
            codec=codec,
            rate=context.sample_rate,
            channels=context.layout.nb_channels,
            is_extended=str(context.profile or "").startswith("HE-AAC"),
            settings=settings,
        )

    def __str__(self) -> str:
        if self.kind == "video":
            return f"{self.codec} {self.size[0]}x{self.size[1]}"
        name = f"he-{self.codec}" if self.is_extended else self.codec
        return f"{name} {self.rate} Hz {self.channels} ch"

    def continues(self, first: "TrackFormat", source: int, at: float, *, in_band: bool) -> None:
        """Check that this track can follow *first* in one track of a file.

        Args:
            first: The format at the start of the file.
            source: Index of the source of both.
            at: Seconds from the start of the file to the change.
            in_band: Whether the settings of this source are written into its packets.

        Raises:
            InBandSettingsError: If that is possible only with settings in the packets.
            BadMediaError: If it is not possible.
        """
        if _comparable(self) != _comparable(first):
            raise BadMediaError(
                Message(
                    "format_changes_to",
                    track=self.kind,
                    before=str(first),
                    after=str(self),
                    start_seconds=at,
                )
            )
        if self.settings == first.settings:
            return
        if self.codec not in _IN_BAND:
            raise BadMediaError(
                Message("settings_change", track=self.kind, codec=self.codec, start_seconds=at)
            )
        if not in_band:
            raise InBandSettingsError(source)


def _comparable(track: TrackFormat) -> tuple[object, ...]:
    """Return the properties that must be equal whatever the settings are."""
    channels = 0 if track.codec in _OWN_CHANNELS else track.channels
    return (track.kind, track.codec, track.size, track.rate, channels, track.is_extended)


def _settings_of(stream: "Stream", codec: str) -> bytes:
    """Return the decoder settings of a track that are not in its packets."""
    is_packaged = stream.container.format.name.startswith(("mov", "matroska"))
    if codec in _SELF_DESCRIBING or (codec in _IN_BAND and not is_packaged):
        return b""
    if codec == "aac" and has_headers(stream):
        return configuration_of(stream)
    settings = bytes(stream.codec_context.extradata or b"")
    if codec == "aac" and len(settings) >= 2:
        fixed = int.from_bytes(settings[:2], "big")
        rate, channels = fixed >> 7 & 15, fixed >> 3 & 15
        is_fixed = fixed >> 11 == _AAC_LC and rate != _EXPLICIT_RATE
        if is_fixed and channels != _EXPLICIT_CHANNELS:
            return settings[:2]  # the rest repeats what the packets show
    return settings
