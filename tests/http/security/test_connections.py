"""Limits on connections by stage, address and time."""

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Never

import pytest

from aniworld_http.lifespan.accepting import Acceptor
from aniworld_http.security import connections as module
from aniworld_http.security.connections import Connections, GuardedProtocol

pytestmark = pytest.mark.anyio


class Wire(asyncio.Transport):
    """Transport that only records whether it is open."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.is_open = True

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Return the address of the peer."""
        return (self.address, 1) if name == "peername" else default

    def abort(self) -> None:
        """Close at once."""
        self.is_open = False


class Time:
    """Clock that the test advances."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def _connect(
    connections: Connections, address: str = "10.0.0.1"
) -> tuple[Wire, asyncio.Protocol, GuardedProtocol]:
    inner = asyncio.Protocol()
    guard = connections.guard(inner)
    wire = Wire(address)
    guard.connection_made(wire)
    return wire, inner, guard


def test_incomplete_headers_time_out_after_ten_seconds() -> None:
    """Sending a byte now and then does not extend the time."""
    time = Time()
    connections = Connections(time)
    wire, _, guard = _connect(connections)
    for _ in range(9):
        time.now += 1
        guard.data_received(b"X")
    assert (connections.reap(), wire.is_open) == (0, True)
    time.now += 1

    assert (connections.reap(), wire.is_open) == (1, False)


def test_a_request_of_an_identified_caller_has_no_time_limit() -> None:
    """A request of an unidentified caller is closed after its limit; others stay open."""
    time = Time()
    connections = Connections(time)
    known, inner, _ = _connect(connections)
    connections.request_started(inner)
    connections.identified(inner)
    stranger, other, _ = _connect(connections, "10.0.0.2")
    connections.request_started(other)
    time.now += module.ANONYMOUS_SECONDS - 1
    assert connections.reap() == 0
    time.now += 3600

    assert (connections.reap(), connections.incomplete) == (1, 0)
    assert (known.is_open, stranger.is_open) == (True, False)


def test_the_next_request_has_the_header_limit_again() -> None:
    """The limit starts with its first byte; between requests there is none."""
    time = Time()
    connections = Connections(time)
    wire, inner, guard = _connect(connections)
    connections.request_started(inner)
    connections.request_ended(inner)
    time.now += 60
    assert connections.reap() == 0
    guard.data_received(b"GET ")
    time.now += 10

    assert (connections.reap(), wire.is_open) == (1, False)


def test_incomplete_headers_are_bounded_per_address() -> None:
    """After a second of grace all but the newest thirty-two connections are closed."""
    time = Time()
    connections = Connections(time)
    flood = [_connect(connections)[0] for _ in range(40)]
    other = _connect(connections, "10.0.0.2")[0]
    assert connections.reap() == 0
    time.now += 1

    assert connections.reap() == 8
    assert [wire.is_open for wire in flood] == [False] * 8 + [True] * 32
    assert other.is_open


def test_incomplete_headers_are_bounded_in_all() -> None:
    """A new connection replaces the one that has waited longest."""
    connections = Connections(Time())
    wires = [_connect(connections, f"10.0.{n >> 8}.{n & 255}")[0] for n in range(600)]

    assert connections.incomplete == module.MAX_INCOMPLETE
    assert sum(wire.is_open for wire in wires) == module.MAX_INCOMPLETE
    assert wires[-1].is_open


def _idle(connections: Connections, address: str, *, is_known: bool = False) -> Wire:
    """Connect and complete one request."""
    wire, inner, _ = _connect(connections, address)
    connections.request_started(inner)
    if is_known:
        connections.identified(inner)
    connections.request_ended(inner)
    return wire


def test_idle_connections_of_one_address_are_bounded() -> None:
    """The oldest are closed; other addresses and identified callers keep theirs."""
    time = Time()
    connections = Connections(time)
    known = [_idle(connections, "10.0.0.1", is_known=True) for _ in range(50)]
    flood = [_idle(connections, "10.0.0.1") for _ in range(100)]
    other = [_idle(connections, "10.0.0.2") for _ in range(10)]

    assert connections.reap() == 36
    assert [wire.is_open for wire in flood] == [False] * 36 + [True] * 64
    assert all(wire.is_open for wire in known + other)


@pytest.mark.parametrize("stage", ["silent", "idle", "request"])
def test_a_flood_costs_only_its_own_address(stage: str) -> None:
    """1,300 connections of one address close none of others, and no new one is refused."""
    connections = Connections(Time(), capacity=200)
    others = [_idle(connections, f"10.1.0.{n}") for n in range(50)]
    others += [_idle(connections, "10.0.0.1", is_known=True) for _ in range(6)]
    socket, inner, _ = _connect(connections, "10.0.0.1")
    connections.request_started(inner)
    connections.identified(inner)
    for _ in range(1300):
        wire, protocol, _ = _connect(connections, "10.0.0.1")
        assert wire.is_open, "there is room for a newcomer"
        if stage != "silent":
            connections.request_started(protocol)
        if stage == "idle":
            connections.request_ended(protocol)

    assert len(connections) <= 200
    assert socket.is_open
    assert all(wire.is_open for wire in others)
    # The owner at the same address, as behind a proxy that is not trusted.
    owner, protocol, _ = _connect(connections, "10.0.0.1")
    connections.request_started(protocol)
    connections.identified(protocol)
    assert owner.is_open


def test_a_flood_from_many_addresses_keeps_identified_callers() -> None:
    """Identified callers are closed last; after that, new connections are refused."""
    connections = Connections(Time(), capacity=64)
    known = [_idle(connections, "10.0.0.1", is_known=True) for _ in range(20)]
    for number in range(500):
        _idle(connections, f"10.{number >> 8}.{number & 255}.2")
    assert all(wire.is_open for wire in known)
    busy = []
    for _ in range(70):
        wire, protocol, _ = _connect(connections, "10.0.0.3")
        connections.request_started(protocol)
        connections.identified(protocol)
        busy.append(wire)

    assert sum(wire.is_open for wire in busy) == 64
    assert len(connections) == 64


def test_networks_and_mapped_addresses_are_one_address() -> None:
    """An IPv6 /64 counts as one address, and IPv4-mapped IPv6 as IPv4."""
    connections = Connections(Time())
    guards = [
        _connect(connections, address)[2]
        for address in ("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1", "::ffff:10.0.0.1")
    ]

    assert guards[0].address == guards[1].address != guards[2].address
    assert guards[3].address == "10.0.0.1"


def test_the_client_behind_a_trusted_proxy_counts() -> None:
    """Connections are counted by the reported client; other clients of the proxy keep theirs."""
    connections = Connections(Time())
    for number in range(100):
        _, protocol, _ = _connect(connections, "127.0.0.1")
        connections.request_started(
            protocol, "203.0.113.9" if number < 90 else f"198.51.100.{number}"
        )
        connections.request_ended(protocol)

    assert connections.reap() == 90 - 64


def test_websockets_leave_capacity_for_requests() -> None:
    """One address gets half of the capacity for WebSockets, all together three quarters."""
    connections = Connections(Time(), capacity=100)
    room = []
    for number in range(80):
        _, protocol, _ = _connect(connections, "10.0.0.1" if number < 51 else f"10.0.1.{number}")
        connections.request_started(protocol)
        connections.identified(protocol)
        room.append(connections.has_room_for_socket(protocol))

    assert room == [True] * 50 + [False] + [True] * 24 + [False] * 5


class NoDescriptors(socket.socket):
    """Listening socket of a process without free file descriptors."""

    calls = 0

    def accept(self) -> Never:
        """Raise the error of the system."""
        self.calls += 1
        raise OSError(errno.EMFILE, "Too many open files")


async def test_without_descriptors_idle_connections_are_closed_and_accepting_pauses(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One failure per attempt, a growing pause, and one log line a minute."""
    pauses: list[float] = []
    loop = asyncio.get_running_loop()
    call_later = loop.call_later

    def noted(delay: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        pauses.append(delay)
        return call_later(3600, callback)

    time = Time()
    connections = Connections(time)
    wires = [_idle(connections, "10.0.0.1") for _ in range(40)]
    with NoDescriptors() as listener:
        acceptor = Acceptor(listener, asyncio.Protocol, connections, time)
        monkeypatch.setattr(loop, "call_later", noted)
        for _ in range(9):
            acceptor.accept()
        said = [record for record in caplog.records if "cannot accept" in record.getMessage()]
        time.now += 61
        acceptor.accept()
        monkeypatch.undo()
        acceptor.stop()

    assert listener.calls == 10
    assert pauses[:6] == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0]
    assert max(pauses) == 1.0
    assert not any(wire.is_open for wire in wires)
    assert len(said) == 1
    assert len([r for r in caplog.records if "cannot accept" in r.getMessage()]) == 2


def test_closed_connections_are_not_stored() -> None:
    """Nothing of a closed connection stays in memory."""
    connections = Connections(Time())
    _, _, guard = _connect(connections)
    guard.connection_lost(None)

    assert (len(connections), connections.incomplete) == (0, 0)
