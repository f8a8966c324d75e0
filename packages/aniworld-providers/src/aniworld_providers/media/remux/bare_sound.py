"""Timestamps of audio without a container (AAC, MP3, AC-3), from the ID3 tags beside it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from aniworld_providers.media.probe.sniff import CLOCK_WRAP
from aniworld_providers.media.remux.input import ByteSource

if TYPE_CHECKING:
    from av.packet import Packet

#: Seconds by which a tag time may differ from the count of samples before it counts as a gap.
_JITTER: Final = 0.02


def with_tag_times(packets: "Iterator[Packet[Any]]", data: ByteSource) -> "Iterator[Packet[Any]]":
    """Yield packets of bare sound with the times of the ID3 tags in *data*.

    Samples are counted from each tag time on. A tag time that agrees with the count is ignored,
    because the count is more exact.
    """
    moved, known = 0.0, -1
    for packet in packets:
        base = float(packet.time_base or 0)
        stamp = packet.dts if packet.dts is not None else packet.pts
        if stamp is None or packet.pos is None:
            yield packet
            continue
        tag_time = data.time_at(packet.pos)
        if tag_time is not None and tag_time[0] != known:
            off = tag_time[1] - (stamp * base + moved)
            if known >= 0:
                off -= round(off / CLOCK_WRAP) * CLOCK_WRAP
            if known < 0 or abs(off) > _JITTER:
                moved += off
            known = tag_time[0]
        if moved:
            ticks = round(moved / base)
            packet.dts = stamp + ticks
            packet.pts = packet.dts if packet.pts is None else packet.pts + ticks
        yield packet
