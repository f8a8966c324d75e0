"""Limits of live updates."""

from typing import Final

import attrs

_KIB: Final = 1024


@attrs.frozen(kw_only=True)
class Limits:
    """Limits; times in seconds, sizes in bytes.

    Attributes:
        sign_in: Time until the first message, which signs the client in.
        unidentified: Maximum number of connections that have not signed in.
        session_check: Interval between two checks of a client's session.
        tick: Messages due within this time are sent to a client in one write.
        progress: Interval between two progress messages of one item.
        queue_interval: Interval between two messages about the queue.
        stalled: Time after which a client that reads nothing is disconnected.
        heartbeat: Silence after which a client is pinged; it must answer within half of this time.
        close: Time for a client to read its last messages and answer the close frame.
        shutdown: Time until all connections are closed.
        backlog: Messages stored for a slow client; with one more, they are dropped and it gets the
            current state instead.
        buffered: Size of the transport buffer above which a client counts as slow.
        most_buffered: Maximum size of the transport buffer.
        message: Maximum size of a message from a client.
    """

    sign_in: float = 5.0
    unidentified: int = 1024
    session_check: float = 60.0
    tick: float = 0.02
    progress: float = 0.25
    queue_interval: float = 0.1
    stalled: float = 10.0
    heartbeat: float = 20.0
    close: float = 3.0
    shutdown: float = 5.0
    backlog: int = 64
    buffered: int = 64 * _KIB
    most_buffered: int = 1024 * _KIB
    message: int = 64 * _KIB
