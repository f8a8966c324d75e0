"""What goes into a container: bytes in order, and which of their tracks are wanted."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_providers.media.structure.programme_tables import ProgrammeTables

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream

#: Small enough to stay in the processor's cache on its way, and, with its header, to be no piece
#: of memory that the remuxing program gives back to the system each time.
_READ_BYTES: Final = 120 * 1024
#: Microseconds that no film lasts.
_NO_LIMIT: Final = str(10**12)


class MuxCancelledError(Exception):
    """The work was called off; never leaves this distribution."""


class ByteSource(Protocol):
    """Bytes in order; a read blocks until some are there."""

    def read(self, size: int, /) -> bytes:
        """Return up to *size* bytes, none only at the end.

        Raises:
            MuxCancelledError: If no more will come because the work was called off.
        """
        ...

    def time_at(self, position: int, /) -> tuple[int, float] | None:
        """Return the time in seconds that is told beside the samples, as `GroupFeed.time_at`."""
        ...

    @property
    def tables(self) -> ProgrammeTables | None:
        """What the bytes that were read announce, if they are a transport stream."""
        ...

    def demuxer(self) -> str:
        """Tell the libav demuxer for these bytes; blocks until the first are there.

        Raises:
            BadMediaError: If they are no media.
            MuxCancelledError: As `read`.
        """
        ...


@attrs.frozen(kw_only=True)
class TrackSource:
    """One playlist's media.

    Attributes:
        groups: Begin to read its stretches, each with one clock and one set of codecs, in order.
        has_video: Whether its picture is wanted.
        has_audio: Whether its sound is wanted.
        language: ISO 639-3 code of its sound where known from outside.
        origins: Per group, the media time in seconds that plays at its beginning; `None` or
            missing where the clocks of all sources are the same.
        dates: Per group, when it was recorded, in seconds since 1970, where known.
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
    """An announced track has not begun where libav stops to look; never leaves this distribution.

    Attributes:
        pid: Its packet identifier.
        kind: `video` or `audio`.
    """

    def __init__(self, pid: int, kind: str) -> None:
        super().__init__(f"{kind} track {pid} begins late")
        self.pid = pid
        self.kind = kind


def opened_source(data: ByteSource, probe: int | None = None) -> "InputContainer":
    """Open bytes with the demuxer they name, which keeps libav from guessing.

    Args:
        data: The bytes.
        probe: How many bytes to look at until every track is known; 5 MB unless told.

    Raises:
        BadMediaError: If they are no media.
        av.error.FFmpegError: If libav cannot make sense of them.
    """
    import av

    options = {"protocol_whitelist": "none"}
    demuxer = data.demuxer()
    if probe is not None:
        # The last keeps libav from stopping at the first table.
        options |= {"probesize": str(probe), "analyzeduration": _NO_LIMIT, "scan_all_pmts": "1"}
    return av.open(
        data,
        "r",
        format=demuxer,
        container_options=options,
        buffer_size=_READ_BYTES,
    )


def chosen_streams(
    container: "InputContainer", source: TrackSource, tables: ProgrammeTables | None
) -> "list[Stream]":
    """Return the wanted tracks of an input, the picture first; data tracks are dropped.

    Args:
        container: The input.
        source: What is wanted of it.
        tables: What it announces, if it is a transport stream.

    Raises:
        BadMediaError: If there is none, or one cannot be read.
        LateTrackError: If one has not begun.
    """
    streams: list[Stream] = []
    # A transport stream may carry several programmes: the best picture decides which.
    picture = container.streams.best("video")
    if source.has_video and picture is not None:
        streams.append(picture)
    if source.has_audio:
        streams += _sounds_beside(container, picture, tables)
    if not streams:
        wanted = "picture" if source.has_video else "sound"
        raise BadMediaError(f"it has no {wanted}")
    for stream in streams:
        context: Any = stream.codec_context
        is_known = context.width if stream.type == "video" else context.sample_rate
        if not is_known and tables is not None:
            raise LateTrackError(stream.id, stream.type)
        if not is_known:
            raise BadMediaError(f"its {stream.type} track is announced, but cannot be read")
    return streams


def _sounds_beside(
    container: "InputContainer", picture: "Stream | None", tables: ProgrammeTables | None
) -> "list[Stream]":
    sounds: list[Stream] = list(container.streams.audio)
    if picture is None or len(container.streams.video) == 1:
        return sounds
    beside = tables.beside(picture.id) if tables is not None else {}
    if beside:
        return [sound for sound in sounds if sound.id in beside]
    best = container.streams.best("audio", related=picture)
    return [sound for sound in sounds if best is not None and sound.index == best.index]


def demuxed(
    container: "InputContainer", streams: "Sequence[Stream]", tables: ProgrammeTables | None
) -> "Iterator[Packet[Any]]":
    """Return the packets of the wanted tracks.

    Raises:
        LateTrackError: If a track begins that was not announced before.
    """
    packets: Iterator[Packet[Any]] = container.demux(list(streams))
    try:
        yield from packets
    except IndexError:
        # PyAV has no place for a track that libav found after opening the input.
        known = {stream.id for stream in container.streams}
        for programme in tables.programmes.values() if tables is not None else ():
            for pid, kind in programme.items():
                if pid not in known:
                    raise LateTrackError(pid, kind) from None
        raise


def require_announced(
    streams: "Sequence[Stream]", source: TrackSource, tables: ProgrammeTables | None
) -> None:
    """Check that every announced sound is among the chosen tracks of an input that was read.

    Raises:
        LateTrackError: If one is not.
    """
    if tables is None or not source.has_audio or not streams:
        return
    chosen = {stream.id for stream in streams}
    for pid, kind in tables.beside(streams[0].id).items():
        if kind == "audio" and pid not in chosen:
            raise LateTrackError(pid, kind)


def signature_of(stream: "Stream") -> tuple[object, ...]:
    """Return what must not change between the groups of one track."""
    context: Any = stream.codec_context
    if stream.type == "video":
        # A fragment of an MP4 keeps its parameter sets apart, and the output has room for
        # one set only; in a transport stream they travel with the pictures.
        is_apart = stream.container.format.name.startswith("mov")
        sets = bytes(context.extradata or b"") if is_apart else b""
        return ("video", context.name, context.width, context.height, sets)
    return ("audio", context.name, context.sample_rate, context.layout.nb_channels)


def start_of(container: "InputContainer", streams: "Sequence[Stream]") -> float:
    """Return when the wanted tracks of an input begin on its own clock, in seconds."""
    found = _starts_of(streams)
    return min(found) if found else (container.start_time or 0) / 1_000_000


def picture_start_of(streams: "Sequence[Stream]") -> float | None:
    """Return when the picture among the wanted tracks begins on its own clock, in seconds."""
    return min(_starts_of([s for s in streams if s.type == "video"]), default=None)


def _starts_of(streams: "Sequence[Stream]") -> list[float]:
    return [
        float(stream.start_time * stream.time_base)
        for stream in streams
        if stream.start_time is not None and stream.time_base is not None
    ]
