"""Something happens at the n-th call that changes the disk: an error, or the death of the process.

As a script it fetches a film again and again, killed right before and right after its first such
call, its second, and so on to the last; after each kill the fetch goes on undisturbed:

    python tests/providers/faults/syscalls.py KIND LINK FOLDER ADDRESS STRIDE
"""

import asyncio
import contextlib
import hashlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest
from aniworld_core.testing.contracts.fetcher import fetched_file
from aniworld_providers.transfer.direct.fetcher import open_direct_fetcher
from aniworld_providers.transfer.disk import publish
from aniworld_providers.transfer.segments.on_demand import open_dash_fetcher, open_hls_fetcher
from support.adapter_context import make_context

OPENERS: Final = {
    "direct": open_direct_fetcher,
    "hls": open_hls_fetcher,
    "dash": open_dash_fetcher,
}
#: What changes files, as the engine calls it; renaming without replacing has no function in `os`.
CALLS: Final = ("pwrite", "write", "fsync", "fdatasync", "ftruncate", "unlink", "link", "mkdir")
_RENAME: Final = "_rename_no_replace"
#: How long the films play: a short one is put together without another process.
_SECONDS: Final = {"hls": 6.0}

#: Told of a call before it is made; returns what to do after it, if anything.
Hook = Callable[[str], Callable[[], None] | None]


@contextlib.contextmanager
def interposed(hook: Hook) -> Iterator[None]:
    """Let a hook see every call that changes the disk."""

    def wrapped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            after = hook(name)
            result = real(*args, **kwargs)
            if after is not None:
                after()
            return result

        return call

    places = [(os, name) for name in CALLS] + [(publish, _RENAME)]
    former = [(place, name, getattr(place, name)) for place, name in places]
    for place, name, real in former:
        setattr(place, name, wrapped(name, real))
    try:
        yield
    finally:
        for place, name, real in former:
            setattr(place, name, real)


class NthCall:
    """A hook that does something at one call, counted over all threads.

    Attributes:
        number: Calls seen so far.
        hit: Name of the call at which it happened.
    """

    def __init__(self, nth: int, action: Callable[[], None], *, is_after: bool = False) -> None:
        self.number = 0
        self.hit: str | None = None
        self._nth = nth
        self._action = action
        self._is_after = is_after
        self._lock = threading.Lock()

    def __call__(self, name: str) -> Callable[[], None] | None:
        """Count a call."""
        with self._lock:
            self.number += 1
            if self.number != self._nth:
                return None
            self.hit = name
        if self._is_after:
            return self._action
        self._action()
        return None


async def fetch(kind: str, link: str, folder: Path, address: str) -> FetchedFile:
    """Fetch a film over two connections."""
    context = make_context(folder.with_name("data"), allowed=frozenset({address}))
    request = FetchRequest(
        stream=Stream(url=link, kind=StreamKind(kind), duration=_SECONDS.get(kind)),
        destination=folder / "Film - S01E01.mp4",
        connections=2,
    )
    async with OPENERS[kind](context) as fetcher:
        return await fetched_file(fetcher, request)


def finished(folder: Path) -> list[Path]:
    """Return what has a final name."""
    return [path for path in sorted(folder.iterdir()) if ".part" not in path.name]


def _forked(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _main(kind: str, link: str, base: Path, address: str, stride: int) -> dict[str, Any]:
    mistakes: list[str] = []
    expected: set[str] = set()
    kills = nth = 0
    is_through = False
    while not is_through:
        nth += 1 if nth == 0 else stride
        for is_after in (False, True):
            folder = base / f"{nth}-{'after' if is_after else 'before'}" / "films"

            hook = NthCall(nth, _die, is_after=is_after)

            def doomed(folder: Path = folder, hook: NthCall = hook) -> None:
                with interposed(hook):
                    asyncio.run(fetch(kind, link, folder, address))

            code = _forked(doomed)
            if code == 0:
                # A call that failed by itself has no moment after it.
                is_through = is_through or not is_after
            elif code != -signal.SIGKILL:
                mistakes.append(f"{nth}: it ended with {code}")
            kills += code == -signal.SIGKILL
            early = {_digest(path) for path in finished(folder)} if folder.exists() else set()

            def undisturbed(folder: Path = folder) -> None:
                asyncio.run(fetch(kind, link, folder, address))

            if _forked(undisturbed) != 0:
                mistakes.append(f"{nth}: it does not go on")
            films = finished(folder)
            expected |= {_digest(path) for path in films}
            if len(films) != 1 or len(expected) != 1 or not early <= expected:
                mistakes.append(f"{nth}: {[path.name for path in films]}, {len(expected)} versions")
            if left := [path.name for path in folder.iterdir() if path not in films]:
                mistakes.append(f"{nth}: left {left}")
    return {"kills": kills, "calls": nth, "sha256": sorted(expected), "mistakes": mistakes}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    _kind, _link, _base, _address, _stride = sys.argv[1:]
    sys.stdout.write(json.dumps(_main(_kind, _link, Path(_base), _address, int(_stride))) + "\n")
