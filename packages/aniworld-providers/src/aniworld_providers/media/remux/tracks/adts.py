"""Add and remove the headers that AAC packets have outside of MP4 and Matroska (ADTS).

A playlist may change between transport streams, whose AAC packets have headers, and MP4 fragments,
whose packets have none (ISO/IEC 13818-7, 6.2).
"""

from typing import TYPE_CHECKING, Any, Final

import attrs

from aniworld_providers.media.remux.tracks.parameter_sets import copied

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream

#: Bytes of a header without and with a checksum.
_HEADER: Final = 7
_HEADER_WITH_CHECKSUM: Final = 9
_SYNC: Final = 0xFFF
#: Names of the demuxers whose AAC packets have headers.
_WITH_HEADERS: Final = frozenset({"mpegts", "aac"})
_RATES: Final = (96, 88.2, 64, 48, 44.1, 32, 24, 22.05, 16, 12, 11.025, 8, 7.35)
#: Channel configurations by the number of channels.
_CHANNELS: Final = {**{count: count for count in range(1, 7)}, 8: 7}
_LOW_COMPLEXITY: Final = 2


def has_headers(stream: "Stream") -> bool:
    """Whether the AAC packets of a track have headers."""
    return stream.container.format.name in _WITH_HEADERS


def configuration_of(stream: "Stream") -> bytes:
    """Return the configuration that headers describe; empty if it is not AAC-LC."""
    context: Any = stream.codec_context
    channels, rate = _CHANNELS.get(context.layout.nb_channels), context.sample_rate / 1000
    if context.profile != "LC" or channels is None or rate not in _RATES:
        return b""
    fixed = _LOW_COMPLEXITY << 11 | _RATES.index(rate) << 7 | channels << 3
    return fixed.to_bytes(2, "big")


@attrs.frozen
class AdtsChange:
    """Gives the packets of a group the form of the output.

    Attributes:
        configuration: Configuration of the group, to write headers; empty to remove them.
    """

    configuration: bytes

    def applied(self, packet: "Packet[Any]") -> "Packet[Any]":
        """Return a packet in the form of the output."""
        data = bytes(packet)
        if self.configuration:
            return copied(packet, self._header(len(data)) + data)
        if int.from_bytes(data[:2], "big") >> 4 != _SYNC:
            return packet
        return copied(packet, data[_HEADER if data[1] & 1 else _HEADER_WITH_CHECKSUM :])

    def _header(self, length: int) -> bytes:
        fixed = int.from_bytes(self.configuration[:2], "big")
        kind, rate, channels = (fixed >> 11) - 1, fixed >> 7 & 15, fixed >> 3 & 15
        bits = _SYNC << 4 | 1
        bits = bits << 2 | kind
        bits = bits << 5 | rate << 1
        bits = bits << 3 | channels
        bits = bits << 17 | (length + _HEADER)
        # No buffer fullness is known, and the packet has a single block.
        return (bits << 13 | 0x7FF << 2).to_bytes(_HEADER, "big")
