"""Connections that owe headers are closed; those that ask for something are not."""

import asyncio

import pytest

from aniworld_http.middlewares import connections as module
from aniworld_http.middlewares.connections import Connections, GuardedProtocol

pytestmark = pytest.mark.anyio


class Wire(asyncio.Transport):
    """A connection that only knows whether it is open."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.is_open = True

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Tell the other end's address."""
        return (self.address, 1) if name == "peername" else default

    def abort(self) -> None:
        """Close at once."""
        self.is_open = False


class Time:
    """Seconds that pass when the test says so."""

    now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def _connect(
    connections: Connections, address: str = "10.0.0.1"
) -> tuple[Wire, asyncio.Protocol, GuardedProtocol]:
    inner = asyncio.Protocol()
    guard = connections.guard(inner)
    wire = Wire(address)
    guard.connection_made(wire)
    return wire, inner, guard


def test_headers_are_not_waited_for_longer_than_ten_seconds() -> None:
    """A drop now and then does not help."""
    time = Time()
    connections = Connections(time)
    wire, _, guard = _connect(connections)
    for _ in range(9):
        time.now += 1
        guard.data_received(b"X")
    assert (connections.reap(), wire.is_open) == (0, True)
    time.now += 1

    assert (connections.reap(), wire.is_open) == (1, False)


def test_a_request_under_way_is_not_disturbed() -> None:
    """However long it takes, such as an open socket."""
    time = Time()
    connections = Connections(time)
    wire, inner, _ = _connect(connections)
    connections.began(inner)
    time.now += 3600

    assert (connections.reap(), wire.is_open, connections.owing) == (0, True, 0)


def test_the_next_request_owes_headers_again() -> None:
    """From its first byte on; between requests a connection owes nothing."""
    time = Time()
    connections = Connections(time)
    wire, inner, guard = _connect(connections)
    connections.began(inner)
    connections.ended(inner)
    time.now += 60
    assert connections.reap() == 0
    guard.data_received(b"GET ")
    time.now += 10

    assert (connections.reap(), wire.is_open) == (1, False)


def test_one_address_may_owe_little() -> None:
    """After a second of grace, all but thirty-two give way, the oldest first."""
    time = Time()
    connections = Connections(time)
    flood = [_connect(connections)[0] for _ in range(40)]
    other = _connect(connections, "10.0.0.2")[0]
    assert connections.reap() == 0
    time.now += 1

    assert connections.reap() == 8
    assert [wire.is_open for wire in flood] == [False] * 8 + [True] * 32
    assert other.is_open


def test_all_together_owe_little() -> None:
    """A newcomer takes the place of who has been waiting for longest."""
    connections = Connections(Time())
    wires = [_connect(connections, f"10.0.{n >> 8}.{n & 255}")[0] for n in range(600)]

    assert connections.owing == module.MOST_OWING
    assert sum(wire.is_open for wire in wires) == module.MOST_OWING
    assert wires[-1].is_open


def test_who_is_gone_is_forgotten() -> None:
    """Nothing is kept of a closed connection."""
    connections = Connections(Time())
    _, _, guard = _connect(connections)
    guard.connection_lost(None)

    assert (len(connections), connections.owing) == (0, 0)
