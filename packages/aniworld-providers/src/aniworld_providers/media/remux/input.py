"""The inputs of the muxer: bytes in order, and the wanted tracks in them."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.probe.inspect import require_codecs
from aniworld_providers.media.probe.libav.errors import damage_reason
from aniworld_providers.media.probe.libav.input import LibavInput
from aniworld_providers.media.probe.libav.texts import keeping_bytes
from aniworld_providers.media.structure.programme_tables import ProgrammeTables

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream

#: Bytes per read: small enough for the processor's cache, and below the size from which on the
#: muxer process returns memory to the system.
_READ_BYTES: Final = 120 * 1024
#: Longer than any film, in microseconds.
_NO_LIMIT: Final = str(10**12)


class MuxCancelledError(Exception):
    """The transfer was cancelled; caught inside of this distribution."""


class ByteSource(Protocol):
    """Bytes in order; a read blocks until some are available."""

    def read(self, size: int, /) -> bytes:
        """Return up to *size* bytes, none only at the end.

        Raises:
            MuxCancelledError: If the transfer was cancelled.
        """
        ...

    def time_at(self, position: int, /) -> tuple[int, float] | None:
        """Return the tag time at a byte, as `GroupFeed.time_at`."""
        ...

    @property
    def tables(self) -> ProgrammeTables | None:
        """The programme tables of the bytes read so far, for a transport stream."""
        ...

    def demuxer(self) -> str:
        """Return the libav demuxer of the bytes; block until the first are available.

        Raises:
            BadMediaError: If they are not media.
            MuxCancelledError: As `read`.
        """
        ...


@attrs.frozen(kw_only=True)
class TrackSource:
    """The media of one playlist.

    Attributes:
        groups: Open each group, in order; a group has one clock and one set of codecs.
        has_video: Whether its video is wanted.
        has_audio: Whether its audio is wanted.
        language: ISO 639-3 code of its audio according to the manifest.
        origins: Per group, the media time in seconds at its start; `None` or missing if all sources
            share one clock.
        dates: Per group, its time of recording in seconds since 1970, if known.
    """

    groups: Sequence[Callable[[], ByteSource] | None]
    has_video: bool = True
    has_audio: bool = True
    language: str | None = None
    origins: Sequence[float | None] = ()
    dates: Sequence[float | None] = ()

    def origin_of(self, group: int) -> float | None:
        """Return the origin of a group, if it has one."""
        return self.origins[group] if group < len(self.origins) else None

    def date_of(self, group: int) -> float | None:
        """Return the date of a group, if it is known."""
        return self.dates[group] if group < len(self.dates) else None


class LateTrackError(Exception):
    """An announced track begins behind the bytes that libav probes.

    It is caught inside of this distribution.

    Attributes:
        pid: Its packet identifier.
        kind: `video` or `audio`.
    """

    def __init__(self, pid: int, kind: str) -> None:
        super().__init__(f"{kind} track {pid} begins late")
        self.pid = pid
        self.kind = kind


def opened_source(data: ByteSource, probe: int | None = None) -> "InputContainer":
    """Open bytes with their demuxer, which keeps libav from guessing.

    Args:
        data: The bytes.
        probe: Bytes to read until every track is known; 5 MB by default.

    Raises:
        BadMediaError: If they are not media, or libav cannot read them.
    """
    import av

    options = {"protocol_whitelist": "none"}
    demuxer = data.demuxer()
    if probe is not None:
        # The last option keeps libav from stopping at the first table.
        options |= {"probesize": str(probe), "analyzeduration": _NO_LIMIT, "scan_all_pmts": "1"}
    try:
        container: InputContainer = av.open(
            data if isinstance(data, LibavInput) else LibavInput(data),
            "r",
            format=demuxer,
            container_options=options,
            buffer_size=_READ_BYTES,
            **keeping_bytes(),
        )
    except (av.error.FFmpegError, EOFError, OverflowError, UnicodeError) as error:
        raise BadMediaError(damage_reason(error)) from error
    return container


def chosen_streams(
    container: "InputContainer", source: TrackSource, tables: ProgrammeTables | None
) -> "list[Stream]":
    """Return the wanted tracks of an input: video, ordinary audio, other audio.

    Data tracks are left out.

    Args:
        container: The input.
        source: The wanted tracks.
        tables: Its programme tables, for a transport stream.

    Raises:
        BadMediaError: If there is no wanted track, or one cannot be read.
        LateTrackError: If a track has not begun yet.
    """
    streams: list[Stream] = []
    # A transport stream may have several programmes: that of the best video is used.
    picture = container.streams.best("video")
    if source.has_video and picture is not None:
        streams.append(picture)
    if source.has_audio:
        streams += sorted(_sounds_beside(container, picture, tables), key=is_special)
    if not streams:
        raise BadMediaError(Message("no_picture" if source.has_video else "no_audio_track"))
    require_codecs(streams)
    for stream in streams:
        context: Any = stream.codec_context
        is_known = context.width if stream.type == "video" else context.sample_rate
        if not is_known and tables is not None:
            raise LateTrackError(stream.id, stream.type)
        if not is_known:
            raise BadMediaError(Message("track_unreadable", track=stream.type))
    return streams


def is_special(stream: "Stream") -> bool:
    """Whether an audio track is an audio description, a commentary or the like."""
    from av.stream import Disposition

    special = (
        Disposition.comment
        | Disposition.hearing_impaired
        | Disposition.visual_impaired
        | Disposition.clean_effects
        | Disposition.descriptions
    )
    return bool(stream.disposition & special)


def _sounds_beside(
    container: "InputContainer", picture: "Stream | None", tables: ProgrammeTables | None
) -> "list[Stream]":
    sounds: list[Stream] = list(container.streams.audio)
    if picture is None or len(container.streams.video) == 1:
        return sounds
    beside = tables.programme_of(picture.id) if tables is not None else {}
    if beside:
        return [sound for sound in sounds if sound.id in beside]
    best = container.streams.best("audio", related=picture)
    return [sound for sound in sounds if best is not None and sound.index == best.index]


def demuxed(
    container: "InputContainer", streams: "Sequence[Stream]", tables: ProgrammeTables | None
) -> "Iterator[Packet[Any]]":
    """Yield the packets of the wanted tracks.

    Raises:
        BadMediaError: If libav cannot read them.
        LateTrackError: If a track begins that was not known when the input was opened.
    """
    import av

    packets: Iterator[Packet[Any]] = container.demux(list(streams))
    try:
        yield from packets
    except IndexError:
        # PyAV raises this for a track that libav finds after opening the input.
        known = {stream.id for stream in container.streams}
        for programme in tables.programmes.values() if tables is not None else ():
            for pid, kind in programme.items():
                if pid not in known:
                    raise LateTrackError(pid, kind) from None
        raise
    except av.error.FFmpegError as error:
        # Without this, an impossible size would look like a failure to write the output.
        raise BadMediaError(damage_reason(error)) from error


def require_announced(
    streams: "Sequence[Stream]", source: TrackSource, tables: ProgrammeTables | None
) -> None:
    """Check that every announced audio track of a completely read input is chosen.

    Raises:
        LateTrackError: If one is not.
    """
    if tables is None or not source.has_audio or not streams:
        return
    chosen = {stream.id for stream in streams}
    for pid, kind in tables.programme_of(streams[0].id).items():
        if kind == "audio" and pid not in chosen:
            raise LateTrackError(pid, kind)


def start_of(container: "InputContainer", streams: "Sequence[Stream]") -> float:
    """Return the start of the wanted tracks on the input's clock, in seconds."""
    found = _starts_of(streams)
    return min(found) if found else (container.start_time or 0) / 1_000_000


def picture_start_of(streams: "Sequence[Stream]") -> float | None:
    """Return the start of the wanted video on the input's clock, in seconds."""
    return min(_starts_of([s for s in streams if s.type == "video"]), default=None)


def _starts_of(streams: "Sequence[Stream]") -> list[float]:
    return [
        float(stream.start_time * stream.time_base)
        for stream in streams
        if stream.start_time is not None and stream.time_base is not None
    ]
