"""Address guard: every connection stays on the public internet."""

import socket
from collections.abc import AsyncIterator
from typing import Any

import httpcore
import httpx
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from aniworld_core.errors import AddressRefusedError, AniworldError, InvalidLinkError, SettingsError
from aniworld_providers.network.bytes.client import ByteClient
from aniworld_providers.network.bytes.sending import Connecting
from aniworld_providers.network.guard import AddressGuard, is_public, parse_address
from aniworld_providers.network.pages.transport import guarded_transport
from aniworld_providers.ytdlp.sockets import GuardedConnections
from providers.faults.server import FaultServer, open_fault_server, status
from support.adapter_context import JumpingClock, NoThrottle

_NOT_PUBLIC_TEXT = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.1.2.3
169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.0.1
198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1
64:ff9b::127.0.0.1 64:ff9b::a00:1 64:ff9b:1::808:808 100::1 2001::1 2001:0:7f00:1::
2001:2::1 2001:10::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::1 2002:c0a8:1::1 3fff::1 4000::1
5f00::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 2606:4700::5efe:127.0.0.1
2606:4700:0:0:200:5efe:10.0.0.1
"""
NOT_PUBLIC = _NOT_PUBLIC_TEXT.split()

_PUBLIC_TEXT = """
8.8.8.8 1.1.1.1 172.15.0.1 172.32.0.1 100.63.0.1 100.128.0.1 192.0.3.1 223.255.255.254
2606:4700::1111 2a00:1450:4001::200e ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1
"""
PUBLIC = _PUBLIC_TEXT.split()

#: Hosts of links that lead to this machine or are invalid.
_TRICKS_TEXT = """
127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 0177.1 017700000001 0x7f.0.0.1
127.0.0.1. 00127.0.0.1 127.000.000.001 0 0.0.0.0 [::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1]
[::ffff:7f00:1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::] [fe80::1] [fe80::1%25eth0]
[::ffff:169.254.169.254] 169.254.169.254 2852039166 0xa9fea9fe 10.0.0.1 192.168.1.1 172.16.0.1
100.64.0.1 localhost LOCALHOST localhost. ip6-localhost
１２７.0.0.1 127。0。0。1 ①②⑦.0.0.1 127.0.0.1%00.example.org
"""
TRICKS = _TRICKS_TEXT.split()

BAD_LINKS = [
    "file:///etc/passwd",
    "ftp://example.org/a",
    "gopher://example.org/",
    "data:text/plain,x",
    "//example.org/a",
    "http://",
    "http:///a",
    "http://user:secret@example.org/",
    "http://example.org@127.0.0.1/",
    "http://example.org\\@127.0.0.1/",
    "http://exa mple.org/",
    "http://example.org\t/",
    "http://example.org:0/",
    "http://example.org:99999/",
    "http://example.org:x/",
    "http://[::1/",
    "http://\u202egro.elpmaxe/",
    "http://" + "a" * 300 + ".org/",
]


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_special_addresses_are_not_public(text: str) -> None:
    """Loopback, private, shared and reserved addresses, and those that embed one, are refused."""
    address = parse_address(text)

    assert address is None or not is_public(address)
    assert not AddressGuard().permits(text, 80, host="example.org")


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_public(text: str) -> None:
    """All other addresses may be reached."""
    assert AddressGuard().permits(text, 80, host="example.org")


@pytest.mark.parametrize("link", BAD_LINKS)
def test_suspicious_links_are_refused(link: str) -> None:
    """Other schemes, user names and ambiguous spellings are refused."""
    with pytest.raises(InvalidLinkError):
        AddressGuard().check_url(link)


def test_a_listed_address_may_be_reached_by_any_name() -> None:
    """A listed address with its port may be reached under any name; other ports are refused."""
    guard = AddressGuard(frozenset({"192.168.1.5:8096", "[::1]:80"}))

    assert guard.permits("192.168.1.5", 8096, host="nas.local")
    assert guard.permits("::ffff:192.168.1.5", 8096, host="nas.local")
    assert guard.permits("::1", 80, host="::1")
    assert not guard.permits("192.168.1.5", 22, host="nas.local")
    assert not guard.permits("192.168.1.6", 8096, host="nas.local")


def test_a_listed_name_grants_nothing_to_other_names() -> None:
    """Another name that resolves to the address of a listed one is refused."""
    guard = AddressGuard(frozenset({"NAS.local:8096"}))

    assert guard.permits("192.168.1.5", 8096, host="nas.local")
    assert not guard.permits("192.168.1.5", 8096, host="evil.example")
    assert not guard.permits("192.168.1.5", 8096, host="192.168.1.5")
    assert not guard.permits("192.168.1.5", 80, host="nas.local")
    assert not guard.permits("169.254.169.254", 8096, host="nas.local")


def test_listing_localhost_lists_its_addresses() -> None:
    """Localhost is always this machine, so its name and addresses are one grant."""
    guard = AddressGuard(frozenset({"localhost:8080"}))

    assert guard.check_url("http://127.0.0.1:8080/").port == 8080
    assert guard.permits("::1", 8080, host="localhost")
    assert not guard.permits("127.0.0.1", 8081, host="localhost")


@pytest.mark.parametrize("pair", ["", "host", "host:", ":80", "host:0", "::1:80", "a b:1", "h:1x"])
def test_an_invalid_pair_is_an_error(pair: str) -> None:
    """A mistyped grant is reported."""
    with pytest.raises(SettingsError):
        AddressGuard(frozenset({pair}))


# --- at connect time ----------------------------------------------------------------------


class Rebinding(AbstractResolver):
    """Resolve every name to this machine, as an attacker's name server would."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return loopback."""
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        """Do nothing."""


@pytest.fixture
async def canary() -> AsyncIterator[FaultServer]:
    """Run a server that must not be reached."""
    async with open_fault_server() as server:
        yield server


def _client(*allowed: str, resolver: AbstractResolver | None = None) -> ByteClient:
    return ByteClient(
        AddressGuard(frozenset(allowed)),
        throttle=NoThrottle(),
        clock=JumpingClock(),
        user_agent="test",
        connecting=Connecting(resolver=resolver),
    )


@pytest.mark.anyio
@pytest.mark.parametrize("host", TRICKS)
async def test_no_spelling_reaches_this_machine(canary: FaultServer, host: str) -> None:
    """However the host is written, as a link or a redirect, no request reaches this machine."""
    link = f"http://{host}:{canary.port}/"
    async with open_fault_server() as open_server:
        location = link.encode("ascii", "xmlcharrefreplace").decode()
        open_server.routes["/"] = status(302, ("Location", location))
        async with _client(open_server.address) as client:
            for url in (link, open_server.url("/")):
                with pytest.raises(AniworldError):
                    await client.read_all(url, max_bytes=100)

    assert canary.log == []


@pytest.mark.anyio
async def test_a_rebound_name_is_refused_at_connect_time(canary: FaultServer) -> None:
    """A name that resolves to this machine is refused."""
    async with _client(resolver=Rebinding()) as client:
        with pytest.raises(AddressRefusedError):
            await client.read_all(f"http://cdn.example.org:{canary.port}/", max_bytes=100)

    assert canary.log == []


@pytest.mark.anyio
async def test_a_listed_name_may_lead_here(canary: FaultServer) -> None:
    """A listed name may resolve to this machine."""
    canary.routes["/"] = status(200, page=b"hello")
    pair = f"nas.example.org:{canary.port}"
    async with _client(pair, resolver=Rebinding()) as client:
        body = await client.read_all(f"http://{pair}/", max_bytes=100)

        assert bytes(body.data) == b"hello"
        with pytest.raises(AddressRefusedError):
            await client.read_all(f"http://evil.example.org:{canary.port}/", max_bytes=100)


@pytest.mark.anyio
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1"])
async def test_the_transport_of_pages_is_guarded_too(canary: FaultServer, host: str) -> None:
    """The transport of the page client applies the same guard."""
    canary.routes["/"] = status(200, page=b"hello")
    async with httpx.AsyncClient(
        transport=guarded_transport(AddressGuard()), trust_env=False
    ) as client:
        with pytest.raises(AddressRefusedError):
            await client.get(f"http://{host}:{canary.port}/")
    assert canary.log == []

    guard = AddressGuard(frozenset({canary.address}))
    async with httpx.AsyncClient(transport=guarded_transport(guard), trust_env=False) as client:
        assert (await client.get(f"http://{host}:{canary.port}/")).text == "hello"


@pytest.mark.anyio
async def test_the_transport_refuses_unix_sockets() -> None:
    """Local sockets are refused."""
    backend: Any = guarded_transport(AddressGuard())._pool._network_backend

    with pytest.raises(AddressRefusedError):
        await backend.connect_unix_socket("/run/docker.sock")
    with pytest.raises(httpcore.ConnectError):
        await backend.connect_tcp("no-such-host.invalid", 80)


@pytest.mark.anyio
async def test_proxy_variables_are_ignored(
    canary: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proxy variables of the environment have no effect."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, canary.url(""))
    async with open_fault_server() as server:
        server.routes["/"] = status(200, page=b"x")
        async with _client(server.address) as client:
            await client.read_all(server.url("/"), max_bytes=10)

    assert canary.log == []


@pytest.mark.anyio
async def test_yt_dlp_connects_to_permitted_addresses_only(
    canary: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sockets of yt-dlp are checked at connect time, after the name lookup."""
    here = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", canary.port))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: [here])
    sockets = GuardedConnections(AddressGuard())
    with pytest.raises(AddressRefusedError):
        sockets.connect("cdn.example.org", canary.port, 5)
    assert canary.log == []
