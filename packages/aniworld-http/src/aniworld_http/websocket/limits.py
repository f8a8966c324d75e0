"""Limits of live updates: times and sizes."""

from typing import Final

import attrs

_KIB: Final = 1024


@attrs.frozen(kw_only=True)
class Limits:
    """Bounds; times are in seconds, sizes in bytes.

    Attributes:
        sign_in: For the first message, which says who the client is.
        strangers: Connections at once that have not said yet who they are.
        session_check: Between two looks whether a client may still be here.
        tick: What becomes due within it is sent to a client in one write.
        progress: Between two messages about the progress of one item.
        settle: Changes of the queue within it are told as one.
        stalled: For a client that takes nothing of what waits for it.
        heartbeat: Of silence before a client is asked whether it lives; it has half of it to
            answer.
        goodbye: For a client to take its last messages and answer the closing.
        shutdown: For all clients together to go.
        backlog: Messages kept for a client that is behind; one more, and it gets the present
            state instead.
        buffered: What the transport may hold before a client counts as being behind.
        most_buffered: What it may hold at all.
        message: The longest message from a client.
    """

    sign_in: float = 5.0
    strangers: int = 1024
    session_check: float = 60.0
    tick: float = 0.02
    progress: float = 0.25
    settle: float = 0.1
    stalled: float = 10.0
    heartbeat: float = 20.0
    goodbye: float = 3.0
    shutdown: float = 5.0
    backlog: int = 64
    buffered: int = 64 * _KIB
    most_buffered: int = 1024 * _KIB
    message: int = 64 * _KIB
