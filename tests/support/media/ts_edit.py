"""Changes to transport streams: tracks that pause, begin late, or are announced late."""

from collections.abc import Callable, Iterator

from aniworld_providers.media.probe.segment_probe import stamp_of

_PACKET = 188
_CLOCK = 90_000
VIDEO = 0x100
AUDIO = 0x101
TABLE = 0x1000


def without(segments: list[bytes], track: int, is_gone: Callable[[float], bool]) -> list[bytes]:
    """Leave the samples of a track out whose time, in seconds from the first one, is gone.

    Packets are counted anew, so that nothing looks lost.
    """
    first = min(time for data in segments for time in _times(data))
    edited, count, is_dropping = [], 0, False
    for data in segments:
        kept = bytearray()
        for packet in packets(data):
            if track_of(packet) == track:
                time = _time(packet)
                is_dropping = is_gone(time - first) if time is not None else is_dropping
                if is_dropping:
                    continue
                packet = packet[:3] + bytes([packet[3] & 0xF0 | count]) + packet[4:]
                count = (count + 1) % 16
            kept += packet
        edited.append(bytes(kept))
    return edited


def with_table(data: bytes, table: bytes) -> bytes:
    """Put another table of tracks in the place of each one."""
    return b"".join(table if track_of(p) == TABLE else p for p in packets(data))


def table_of(data: bytes) -> bytes:
    """Return the first table of tracks."""
    return next(packet for packet in packets(data) if track_of(packet) == TABLE)


def packets(data: bytes) -> Iterator[bytes]:
    """Return the packets of a stream."""
    for at in range(0, len(data), _PACKET):
        yield data[at : at + _PACKET]


def track_of(packet: bytes) -> int:
    """Return the identifier of the track to which a packet belongs."""
    return int.from_bytes(packet[1:3], "big") & 0x1FFF


def _times(data: bytes) -> Iterator[float]:
    for packet in packets(data):
        time = _time(packet)
        if time is not None:
            yield time


def _time(packet: bytes) -> float | None:
    start = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)
    pes = packet[start : start + 14]
    if not packet[1] & 0x40 or not pes.startswith(b"\x00\x00\x01") or not pes[7] & 0x80:
        return None
    return stamp_of(pes[9:14]) / _CLOCK
