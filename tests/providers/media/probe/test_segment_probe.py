"""The probe of a segment."""

import pytest

from aniworld_providers.media.probe.segment_probe import SegmentProbe, probe_segment

PARAMETERS = b"\x00\x00\x01\x67" + bytes(range(1, 25))


def packet(payload: bytes, count: int, track: int = 0x100) -> bytes:
    """Make a packet of a transport stream that ends with *payload*."""
    stuffing = 184 - len(payload)
    field = bytes([stuffing - 1, 0]) + b"\xff" * (stuffing - 2) if stuffing else b""
    head = bytes([0x47, track >> 8, track & 0xFF, (0x30 if stuffing else 0x10) | count])
    return head + field + payload


def looked_at(before: int, count: int) -> SegmentProbe:
    """Probe a segment with *before* bytes of its parameter set in one packet."""
    packets = [
        packet(PARAMETERS[:before], count),
        packet(b"\x01" * 184, 0, track=0x101),
        packet(PARAMETERS[before:] + b"\x00\x00\x01\x68" + b"\x05" * 100, (count + 1) % 16),
    ]
    data = b"".join(packets)
    return probe_segment(lambda offset, size: data[offset : offset + size], len(data), "mpegts")


@pytest.mark.parametrize("before", [4, 5, 11, 27])
def test_a_parameter_set_across_packets_is_one(before: int) -> None:
    """Neither the packets' heads nor another track are taken for a part of it."""
    assert {looked_at(before, count).parameters for count in range(16)} == {PARAMETERS}
