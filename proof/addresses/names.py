"""Host names whose lookup changes, as a hostile name server could change it."""

import itertools
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from unittest import mock

#: An address of this machine that may be reached in this figure; nothing listens there.
GRANTED: Final = "127.0.0.2"
#: Name → answers of its lookups, in order; the last one stays.
NAMES: Final[dict[str, Sequence[Sequence[str]]]] = {
    "rebound.example": (["127.0.0.1"],),
    "mapped.example": (["::ffff:127.0.0.1"],),
    "sixth.example": (["::1"],),
    "mixed.example": ([GRANTED, "127.0.0.1"],),
    "changed.example": ([GRANTED], ["127.0.0.1"]),
    "changing.example": ([GRANTED], ["127.0.0.1"], [GRANTED], ["127.0.0.1"]),
    "changed.example.": ([GRANTED], ["127.0.0.1"]),
}
_real = socket.getaddrinfo


@contextmanager
def resolved() -> Iterator[None]:
    """Resolve these names inside the context, each time from the first answer on."""
    left = {
        name: itertools.chain(answers, itertools.repeat(answers[-1]))
        for name, answers in NAMES.items()
    }

    def look_up(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in left:
            return _real(host, port, *rest, **options)
        return [_entry(address, int(port or 0)) for address in next(left[name])]

    with mock.patch.object(socket, "getaddrinfo", look_up):
        yield


def _entry(address: str, port: int) -> tuple[Any, ...]:
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
