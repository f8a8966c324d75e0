"""Times of bare sound (AAC, MP3, AC-3 without a container), which are stored beside its samples."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from aniworld_providers.media.probe.sniff import CLOCK_WRAP
from aniworld_providers.media.remux.input import ByteSource

if TYPE_CHECKING:
    from av.packet import Packet

#: Seconds by which a told time may differ from the count of samples without meaning a gap.
_JITTER: Final = 0.02


def with_told_times(packets: "Iterator[Packet[Any]]", data: ByteSource) -> "Iterator[Packet[Any]]":
    """Return packets of bare sound with the times that *data* tells, as it has any.

    Samples are counted from each told time on. A told time that continues the count is not used:
    the count is more exact.
    """
    moved, known = 0.0, -1
    for packet in packets:
        base = float(packet.time_base or 0)
        stamp = packet.dts if packet.dts is not None else packet.pts
        if stamp is None or packet.pos is None:
            yield packet
            continue
        told = data.time_at(packet.pos)
        if told is not None and told[0] != known:
            off = told[1] - (stamp * base + moved)
            if known >= 0:
                off -= round(off / CLOCK_WRAP) * CLOCK_WRAP
            if known < 0 or abs(off) > _JITTER:
                moved += off
            known = told[0]
        if moved:
            ticks = round(moved / base)
            packet.dts = stamp + ticks
            packet.pts = packet.dts if packet.pts is None else packet.pts + ticks
        yield packet
