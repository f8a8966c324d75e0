"""Address guard: decide which addresses may be reached, at the moment of connecting.

A host name can resolve to any address, and to another one at each lookup. So the guard checks the
address that a socket is about to connect to. RFC 6890 and the IANA special-purpose registries
define the public ones. `check_url` only rejects some links earlier, with a clearer reason.
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final, Self, TypeAlias
from urllib.parse import SplitResult, urlsplit

import attrs

from aniworld_core.errors import AddressRefusedError, InvalidLinkError, SettingsError
from aniworld_core.messages import Message

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
#: Characters that URL parsers treat differently. Valid links do not contain them unquoted.
_TROUBLE = re.compile(r"[\x00-\x20\x7f-\x9f\\\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
#: The last label of a host that `inet_aton` reads as a number: `1`, `0x7f`, `0177`.
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)

_V6_GLOBAL = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_V6_SPECIAL: Final = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # IETF protocols: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)
_V4_SPECIAL: Final = tuple(
    ipaddress.IPv4Network(text)
    for text in ("192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4", "100.64.0.0/10")
)
#: Networks that even a listed name must not resolve to: cloud metadata, multicast, reserved.
_NEVER_BY_NAME: Final = tuple(
    ipaddress.ip_network(text)
    for text in ("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "fe80::/10", "ff00::/8", "::/128")
)


@attrs.frozen
class Target:
    """Scheme, host and port of a link."""

    scheme: str
    host: str
    port: int


def parse_address(text: str) -> IpAddress | None:
    """Return the address that a socket would connect to; IPv4-mapped IPv6 becomes IPv4."""
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_public(address: IpAddress) -> bool:
    """Return whether an address is public; for tunnels, also the IPv4 address it embeds."""
    if isinstance(address, ipaddress.IPv4Address):
        special = any(address in network for network in _V4_SPECIAL)
        return address.is_global and not address.is_multicast and not special
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    if address not in _V6_GLOBAL or any(address in network for network in _V6_SPECIAL):
        return False
    if address.sixtofour is not None and not is_public(address.sixtofour):
        return False
    if (int(address) >> 32) & 0xFDFF_FFFF == 0x5EFE:  # ISATAP (RFC 5214) carries IPv4 as well
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    # Python 3.13 calls 6to4 (RFC 3056) not global, whatever it embeds.
    return address.sixtofour is not None or address.is_global


def _split_pair(pair: str) -> tuple[str, int]:
    host, _, port = pair.strip().rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise SettingsError([f"{pair!r} is no host:port pair"])
    if ":" in host and not bracketed:
        raise SettingsError([f"{pair!r}: write an IPv6 address in brackets"])
    address = parse_address(host)
    if address is None and (bracketed or not re.fullmatch(r"[\w.-]+", host)):
        raise SettingsError([f"{pair!r} is no host:port pair"])
    return (str(address) if address else host.lower().rstrip(".")), int(port)


def _grants(pairs: Iterable[str]) -> frozenset[tuple[str, int]]:
    found = {_split_pair(pair) for pair in pairs}
    # RFC 6761 defines localhost, so listing the name lists its addresses too.
    for port in {port for host, port in found if host == "localhost"}:
        found |= {("127.0.0.1", port), ("::1", port)}
    return frozenset(found)


@attrs.frozen
class AddressGuard:
    """Allow the public internet and exact `host:port` pairs, nothing else.

    A listed *address* may be reached under every name. A listed *name* grants access under that
    name only: another name that resolves to the same address is refused.

    Attributes:
        allowed: The listed pairs, such as `192.168.1.5:8096`, `[::1]:80` or `nas.local:8096`.
    """

    allowed: frozenset[str] = frozenset()
    _pairs: frozenset[tuple[str, int]] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_pairs", _grants(self.allowed))

    def with_reach(self, reach: Iterable[str]) -> Self:
        """Return a guard that also allows the pairs of *reach*."""
        return attrs.evolve(self, allowed=self.allowed | frozenset(reach))

    def grants(self, host: str, port: int) -> bool:
        """Return whether exactly this pair is listed."""
        address = parse_address(host)
        return ((str(address) if address else host.lower().rstrip(".")), port) in self._pairs

    def permits(self, address: str, port: int, *, host: str) -> bool:
        """Return whether a connection to *address*, resolved from *host*, is allowed."""
        parsed = parse_address(address)
        if parsed is None:
            return False
        if is_public(parsed) or self.grants(str(parsed), port):
            return True
        if parse_address(host) is not None or not self.grants(host, port):
            return False
        return not any(parsed in network for network in _NEVER_BY_NAME)

    def require(self, address: str, port: int, *, host: str) -> None:
        """Raise an error unless `permits` allows the connection.

        Raises:
            AddressRefusedError: If the guard does not permit the address.
        """
        if not self.permits(address, port, host=host):
            shown = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
            named = "" if address == host else f" ({host})"
            raise AddressRefusedError(shown + named, Message("not_public"))

    def check_url(self, url: str) -> Target:
        """Return the target of a link after the checks that need no name lookup.

        Raises:
            InvalidLinkError: If it is not a plain `http` or `https` link.
            AddressRefusedError: If it names an address that the guard does not permit.
        """
        target = target_of(url)
        host, port = target.host, target.port
        if parse_address(host) is not None:
            self.require(host.strip("[]"), port, host=host)
        elif _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
            # Parsers disagree about `2130706433`, `127.1` and `0x7f.1`; links do not need them.
            raise AddressRefusedError(host, Message("address_odd_spelling"))
        return target


def target_of(url: str) -> Target:
    """Return scheme, host and port of a link, without checking the guard.

    Raises:
        InvalidLinkError: If it is not a plain `http` or `https` link.
    """
    parts = _split(url)
    host, port = parts.hostname or "", _port(url, parts)
    if not host or len(host) > 253:
        raise InvalidLinkError(url, Message("link_no_host"))
    return Target(parts.scheme.lower(), host, port)


def _split(url: str) -> SplitResult:
    if _TROUBLE.search(url.strip()):
        raise InvalidLinkError(url, Message("link_bad_characters"))
    try:
        parts = urlsplit(url.strip())
    except ValueError as exc:
        raise InvalidLinkError(url, Message("not_a_link")) from exc
    if parts.scheme.lower() not in _DEFAULT_PORTS:
        raise InvalidLinkError(url, Message("not_http"))
    if "@" in parts.netloc:
        raise InvalidLinkError(url, Message("link_user_name"))
    return parts


def _port(url: str, parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError as exc:
        raise InvalidLinkError(url, Message("link_no_port")) from exc
    if port == 0:
        raise InvalidLinkError(url, Message("link_no_port"))
    return port or _DEFAULT_PORTS[parts.scheme.lower()]
