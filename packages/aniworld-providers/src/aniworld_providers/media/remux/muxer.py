"""Copy the packets of streams into a container without encoding."""

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.probe.libav.errors import libav_text
from aniworld_providers.media.probe.packet_check import PacketCheck, is_intact, packet_check_of
from aniworld_providers.media.probe.sniff import BARE_SOUND
from aniworld_providers.media.remux.bare_sound import with_tag_times
from aniworld_providers.media.remux.extras import (
    Extras,
    add_cover,
    chapters_of,
    set_chapters,
    write_cover,
)
from aniworld_providers.media.remux.input import (
    ByteSource,
    LateTrackError,
    MuxCancelledError,
    TrackSource,
    chosen_streams,
    demuxed,
    opened_source,
    picture_start_of,
    require_announced,
    start_of,
)
from aniworld_providers.media.remux.mux_hints import MuxHints, RetryMuxError
from aniworld_providers.media.remux.start_times import InputStart, common_shifts
from aniworld_providers.media.remux.timeline import (
    LEAP_BACK,
    LEAP_FORWARD,
    ClockShift,
    LoneJumpError,
    OutputTrack,
    Timeline,
    check_jumps,
)
from aniworld_providers.media.remux.tracks.adts import AdtsChange, has_headers
from aniworld_providers.media.remux.tracks.format import InBandSettingsError, TrackFormat
from aniworld_providers.media.remux.tracks.identity import (
    MP4,
    TargetContainer,
    add_track,
    codec_of,
    container_for,
)
from aniworld_providers.media.remux.tracks.parameter_sets import InBandSets, ParameterSets
from aniworld_providers.media.remux.writeback import Writeback

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.stream import Stream

#: Most bytes per packet in the index of an MP4: size, time and a chunk.
_INDEX_BYTES: Final = 34
#: Shortest distance of two packets of a track in seconds; longer than a tick of any output clock.
_STEP: Final = 0.0001
#: Bytes per write; larger writes are slower on virtual machines.
_WRITE_BYTES: Final = 128 * 1024
_NO_EXTRAS: Final = Extras()


@attrs.frozen(kw_only=True)
class MuxReport:
    """The result of a remux.

    Attributes:
        suffix: The container's file suffix, with its dot.
        packets: Number of packets per track, in the output's order.
        timeline: The output's clock and its oddities.
        audio_languages: ISO 639-3 codes per sound track, `und` where unknown.
    """

    suffix: str
    packets: tuple[int, ...]
    timeline: Timeline
    audio_languages: tuple[str, ...]


def remux(
    sources: Sequence[TrackSource],
    target: Path,
    *,
    expected_duration: float,
    wanted: str = "",
    extras: Extras = _NO_EXTRAS,
    cancelled: Callable[[], bool] = lambda: False,
) -> MuxReport:
    """Copy *sources* into *target*; blocks.

    All inputs are shifted by one common offset, so that the first packet is shown at 0 and audio
    stays in sync. In an MP4 the first picture is at 0 if the audio begins only a moment before it.
    Every later group starts at the end of the one before. The index of an MP4 is put in front, so
    that players can start at once.

    Args:
        sources: The media; the first source with a video gives the video.
        target: Path of the output; an existing file is replaced.
        expected_duration: Playing time in seconds, to reserve space for the index.
        wanted: Requested suffix; used if the tracks fit.
        extras: Chapters and cover of the output.
        cancelled: Called between packets; True cancels the remux.

    Raises:
        BadMediaError: If the media cannot be read or change their format.
        MuxCancelledError: If it was cancelled.
        OSError: If *target* cannot be written.
    """
    import av  # slow to import, and not every command needs it

    hints = MuxHints(expected_duration)
    try:
        while True:
            try:
                with ExitStack() as stack:
                    return _Muxer(sources, target, hints, wanted, extras, cancelled, stack).run()
            except RetryMuxError:
                continue
    except OSError as error:
        if isinstance(error, av.error.FFmpegError) and error.errno is None:
            raise BadMediaError(_uncopied(error)) from error
        raise
    except (av.error.FFmpegError, EOFError, OverflowError, ValueError) as error:
        raise BadMediaError(_uncopied(error)) from error


def _uncopied(error: BaseException) -> Message:
    return Message("cannot_be_copied", detail=libav_text(error))


@attrs.define(eq=False)
class _Input:
    data: ByteSource
    container: "InputContainer"
    streams: "list[Stream]"
    outputs: list[int]
    clock: ClockShift

    @property
    def is_bare(self) -> bool:
        """Whether it is audio without a container, whose samples have no clock."""
        return self.container.format.name in BARE_SOUND


@attrs.define(eq=False)
class _Muxer:
    _sources: Sequence[TrackSource]
    _target: Path
    _hints: MuxHints
    _wanted: str
    _extras: Extras
    _cancelled: Callable[[], bool]
    _stack: ExitStack
    _timeline: Timeline = attrs.field(factory=Timeline, init=False)
    _outputs: "list[Stream]" = attrs.field(factory=list, init=False)
    _formats: list[TrackFormat] = attrs.field(factory=list, init=False)
    _owners: list[int] = attrs.field(factory=list, init=False)
    _length_widths: dict[int, int] = attrs.field(factory=dict, init=False)
    _adts: dict[int, bool] = attrs.field(factory=dict, init=False)
    _languages: list[str] = attrs.field(factory=list, init=False)
    _kind: TargetContainer = attrs.field(default=MP4, init=False)
    _last_shifts: dict[int, float] = attrs.field(factory=dict, init=False)

    def run(self) -> MuxReport:
        output: OutputContainer | None = None
        ends = [0.0] * len(self._sources)
        lengths = {len(source.groups) for source in self._sources}
        for index in range(max(lengths)):
            with ExitStack() as group:
                inputs = self._open_group(index, group)
                self._timeline.joined_at = max(ends)
                if output is None:
                    output = self._open_output(inputs)
                self._start_clocks(index, inputs, ends, aligned=len(lengths) == 1)
                with self._adding_hints():
                    self._copy(output, inputs)
                self._check_group(inputs)
                for position, _ in inputs:
                    ends[position] = self._end_of(inputs, position, aligned=len(lengths) == 1)
                self._skip_pauses({position for position, _ in inputs}, index)
        if output is None or not any(track.packets for track in self._timeline.tracks):
            raise BadMediaError(Message("no_media"))
        self._finish(output)
        return MuxReport(
            suffix=self._kind.suffix,
            packets=tuple(track.packets for track in self._timeline.tracks),
            timeline=self._timeline,
            audio_languages=tuple(self._languages),
        )

    def _skip_pauses(self, present: set[int], index: int) -> None:
        """Advance the tracks that have no segments in a group according to the manifest."""
        for track in self._timeline.tracks:
            groups = self._sources[track.source].groups
            if track.source not in present and index < len(groups) and groups[index] is None:
                self._timeline.skip(track)

    def _finish(self, output: "OutputContainer") -> None:
        import av

        try:
            output.close()
        except av.error.ArgumentError as error:
            if self._kind.is_mp4 and self._hints.index_duration is not None:
                self._hints.index_duration = None
                raise RetryMuxError from error
            raise

    def _open_group(self, index: int, group: ExitStack) -> list[tuple[int, _Input]]:
        inputs: list[tuple[int, _Input]] = []
        used = 0
        for position, source in enumerate(self._sources):
            begin = source.groups[index] if index < len(source.groups) else None
            if begin is None:
                continue
            key = (index, position)
            data = begin()
            probe = self._hints.probes.get(key)
            container = group.enter_context(opened_source(data, probe))
            with self._adding_hints(key):
                streams = chosen_streams(container, source, data.tables)
                outputs = self._outputs_for(position, streams, first=index == 0, used=used)
            used += len(streams)
            clock = ClockShift(key, 0.0, pauses=self._hints.pauses.get(key, set()))
            inputs.append((position, _Input(data, container, streams, outputs, clock)))
        return inputs

    def _outputs_for(
        self, position: int, streams: "list[Stream]", *, first: bool, used: int
    ) -> list[int]:
        formats = [TrackFormat.of(stream) for stream in streams]
        if first:
            self._formats += formats
            self._owners += [position] * len(formats)
            return list(range(used, used + len(streams)))
        places = [place for place, owner in enumerate(self._owners) if owner == position]
        at = self._timeline.end
        if len(places) != len(formats):
            raise BadMediaError(
                Message("tracks_change", before=len(places), after=len(formats), start_seconds=at)
            )
        in_band = position in self._hints.in_band
        for place, found in zip(places, formats, strict=True):
            found.continues(self._formats[place], position, at, in_band=in_band)
        return places

    def _open_output(self, inputs: list[tuple[int, _Input]]) -> "OutputContainer":
        import av

        streams = [(position, s) for position, item in inputs for s in item.streams]
        if not any(stream.type == "video" for _, stream in streams):
            raise BadMediaError(Message("no_picture"))
        tracks = [stream for _, stream in streams]
        self._kind = container_for(tracks, self._wanted, in_band=bool(self._hints.in_band))
        options = dict(self._kind.options) | (self._index(tracks) if self._kind.is_mp4 else {})
        output = self._stack.enter_context(
            av.open(
                f"file:{self._target}",
                "w",
                format=self._kind.muxer,
                options=options,
                buffer_size=_WRITE_BYTES,
            )
        )
        for position, stream in streams:
            self._add_output(output, stream, position)
        chapters = self._extras.chapters
        if not chapters and all(len(source.groups) == 1 for source in self._sources):
            # Chapters of one group say nothing about the others.
            item = inputs[0][1]
            chapters = chapters_of(item.container, start_of(item.container, item.streams))
        set_chapters(output, chapters)
        cover = add_cover(output, self._extras)
        output.start_encoding()
        write_cover(output, cover, self._extras)
        return output

    def _add_output(self, output: "OutputContainer", stream: "Stream", position: int) -> None:
        from aniworld_providers.media.probe.inspect import language_of

        kind = stream.type
        is_first = all(track.kind != kind for track in self._timeline.tracks)
        in_band = position in self._hints.in_band
        added = add_track(output, stream, is_default=is_first, in_band=in_band)
        self._outputs.append(added)
        self._timeline.tracks.append(OutputTrack(kind, source=position))
        language = language_of(stream)
        if kind == "audio":
            known = self._sources[position].language
            language = language if language != "und" else (known or "und")
            self._languages.append(language)
        added.metadata["language"] = language

    def _index(self, streams: "list[Stream]") -> dict[str, str]:
        expected = self._hints.index_duration
        if expected is None:
            return {"movflags": "+faststart"}
        # Space reserved in front for the index saves moving the whole file afterwards.
        rates = 0.0
        for stream in streams:
            if stream.type == "video":
                rates += max(float(getattr(stream, "average_rate", None) or 0), 30.0)
            else:
                rates += float(getattr(stream, "rate", None) or 48_000) / 1024
        index_duration = math.ceil((expected * 1.05 + 5) * rates * _INDEX_BYTES) + 16 * 1024
        index_duration += self._extras.index_bytes
        return {"moov_size": str(index_duration)}

    def _start_clocks(
        self, index: int, inputs: list[tuple[int, _Input]], ends: list[float], *, aligned: bool
    ) -> None:
        starts = [
            InputStart(
                at=start_of(item.container, item.streams),
                is_bare=item.is_bare,
                has_wrap=item.is_bare or item.container.format.name == "mpegts",
                tag_time=tag_time[1] if (tag_time := item.data.time_at(0)) is not None else None,
                origin=self._sources[position].origin_of(index),
                date=self._sources[position].date_of(index),
                picture=picture_start_of(item.streams),
            )
            for position, item in inputs
        ]
        # Only an MP4 has edit lists, which set the start of a film within its samples.
        may_lead = self._kind.is_mp4 and not self._timeline.end
        shifts = common_shifts(starts, may_lead=may_lead)
        for place, (position, item) in enumerate(inputs):
            clock = item.clock
            # Groups of equal number share one offset; otherwise audio and video would drift apart.
            if aligned or not self._timeline.end:
                clock.shift = max(ends) + shifts[place]
                continue
            # A continuing clock is kept: only its playlist has more groups than the others.
            clock.shift = self._last_shifts.get(position, 0.0)
            off = starts[place].first + clock.shift - ends[position]
            if not -LEAP_BACK <= off <= LEAP_FORWARD:
                clock.shift = ends[position] - starts[place].first
        self._last_shifts = {position: item.clock.shift for position, item in inputs}
        # Subtitles are timed by the video's clock and use the same shift.
        self._timeline.shifts.append(inputs[0][1].clock.shift)

    def _check_group(self, inputs: list[tuple[int, _Input]]) -> None:
        """Check the properties of a group that only all packets show."""
        for position, item in inputs:
            with self._adding_hints(item.clock.key):
                require_announced(item.streams, self._sources[position], item.data.tables)
        with self._adding_hints():
            check_jumps(
                [
                    (item.clock, [self._timeline.tracks[place] for place in item.outputs])
                    for _, item in inputs
                    if not item.is_bare or item.data.time_at(0) is not None
                ]
            )

    @contextmanager
    def _adding_hints(self, key: tuple[int, int] = (0, 0)) -> Iterator[None]:
        """Convert a late track, a jump or new settings into a hint for another attempt.

        Raises:
            RetryMuxError: If the hint is new.
            BadMediaError: If it cannot help.
        """
        try:
            yield
        except LateTrackError as error:
            index, position = key
            begin = self._sources[position].groups[index]
            if begin is None:
                raise
            self._hints.add_probe(key, error, begin)
            raise RetryMuxError from error
        except LoneJumpError as error:
            self._hints.add_pause(error)
            raise RetryMuxError from error
        except InBandSettingsError as error:
            self._hints.in_band.add(error.source)
            raise RetryMuxError from error

    def _end_of(self, inputs: list[tuple[int, _Input]], position: int, *, aligned: bool) -> float:
        if aligned:
            return self._timeline.end
        own = [item.outputs for place, item in inputs if place == position]
        return max(self._timeline.tracks[i].end for outputs in own for i in outputs)

    def _copy(self, output: "OutputContainer", inputs: list[tuple[int, _Input]]) -> None:
        feeds = [self._packets(item, order) for order, (_, item) in enumerate(inputs)]
        merged = feeds[0] if len(feeds) == 1 else heapq.merge(*feeds, key=lambda entry: entry[:2])
        cancelled, mux = self._cancelled, output.mux_one
        timeline = self._timeline
        end, hole = timeline.end, timeline.hole
        with closing(Writeback(self._target)) as writeback:
            written = writeback.written
            for at, _, packet, shown in merged:
                if cancelled():
                    raise MuxCancelledError
                if at - end > hole and end:
                    timeline.hole = hole = at - end
                    timeline.hole_at = end
                if shown > end:
                    timeline.end = end = shown
                size = packet.size
                mux(packet)
                written(size)
            writeback.start()

    def _form_of(self, stream: "Stream", place: int) -> InBandSets | AdtsChange | None:
        """Return the change that gives packets the form of the output; `None` if they have it."""
        if codec_of(stream) == "aac":
            is_first = self._adts.setdefault(place, has_headers(stream))
            if is_first is has_headers(stream):
                return None
            return AdtsChange(self._formats[place].settings if is_first else b"")
        if self._owners[place] not in self._hints.in_band:
            return None
        sets = ParameterSets.of(stream)
        if sets is None:
            return None
        return InBandSets(sets, self._length_widths.setdefault(place, sets.width))

    @staticmethod
    def _demuxed(item: _Input) -> "Iterator[Packet[Any]]":
        packets = demuxed(item.container, item.streams, item.data.tables)
        return with_tag_times(packets, item.data) if item.is_bare else packets

    def _packets(
        self, item: _Input, order: int
    ) -> "Iterator[tuple[float, int, Packet[Any], float]]":
        timeline, clock = self._timeline, item.clock
        tracks = {
            stream.index: (
                timeline.tracks[place],
                self._outputs[place],
                float(stream.time_base or 0),
                _check_of(stream),
                self._form_of(stream, place),
            )
            for stream, place in zip(item.streams, item.outputs, strict=True)
        }
        # A film has some hundred thousand packets, so this loop reads each attribute once.
        joined_at, place_of = timeline.joined_at, clock.place
        for packet in self._demuxed(item):
            if packet.size == 0:
                continue
            track, stream, base, check, form = tracks[packet.stream_index]
            if check is not None and not is_intact(check, bytes(packet)):
                track.damaged_at = track.damaged_at if track.damaged else track.end
                track.damaged += 1
            if form is not None:
                packet = form.applied(packet)
            dts, pts = packet.dts, packet.pts
            if dts is None:
                dts = round((track.next_dts - clock.shift) / base) if pts is None else pts
            moved = round(place_of(dts * base, track, timeline) / base)
            pts = dts + moved if pts is None else pts + moved
            dts += moved
            at, last = dts * base, track.last_dts
            if last is not None and at <= last + base / 2:
                dts = round(last / base) + max(1, round(_STEP / base))
                at = dts * base
            pts = max(pts, dts)
            packet.dts, packet.pts = dts, pts
            if packet.is_corrupt:
                timeline.corrupt += 1
            shown = (pts + (packet.duration or 0)) * base
            if track.begin is None:
                track.begin = pts * base
            track.go_to(at, joined_at)
            track.next_dts = at + (shown - pts * base)
            if shown > track.end:
                track.end = shown
            packet.stream = stream
            yield at, order, packet, shown


def _check_of(stream: "Stream") -> PacketCheck | None:
    """Return the packet check for containers that do not detect damage themselves.

    The packets of a transport stream have their own counters and are numerous.
    """
    return None if stream.container.format.name == "mpegts" else packet_check_of(stream)
