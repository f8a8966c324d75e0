"""Our side: fetches one link and leaves, as a program of its own."""

import time

begun = time.perf_counter()  # before the imports, which belong to start-up

import argparse  # noqa: E402
import asyncio  # noqa: E402
import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402
from urllib.parse import urlsplit  # noqa: E402

import aniworld_providers.transfer as engine  # noqa: E402
from aniworld_core.adapters.system_clock import SystemClock  # noqa: E402
from aniworld_core.domain.configuration import Config  # noqa: E402
from aniworld_core.domain.media import Stream, StreamKind  # noqa: E402
from aniworld_core.ports.context import AdapterContext  # noqa: E402
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest  # noqa: E402


class Unlimited:
    """A throttle without a limit."""

    async def take(self, amount: int) -> None:
        """Let everything pass."""


async def fetch(kind: StreamKind, url: str, target: Path, connections: int) -> FetchedFile:
    """Fetch a link as the application would."""
    # Like the application, which loads an adapter on first use.
    opener = getattr(engine, f"open_{kind}_fetcher")
    with tempfile.TemporaryDirectory() as data:
        context = AdapterContext(
            config=Config(),
            data_dir=Path(data),
            allowed_addresses=frozenset({urlsplit(url).netloc}),
            throttle=Unlimited(),
            clock=SystemClock(),
            user_agent="Aniworld/0 (benchmark)",
        )
        request = FetchRequest(
            stream=Stream(url=url, kind=kind),
            destination=target,
            exact_name=True,
            connections=connections,
            digest=False,
        )
        async with opener(context) as fetcher:
            return await fetcher.fetch(request)


def main() -> None:
    """Read the command line, fetch, and say how long the fetch itself took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", type=StreamKind)
    parser.add_argument("url")
    parser.add_argument("target", type=Path)
    parser.add_argument("--connections", type=int, default=8)
    given = parser.parse_args()
    # Importing the fetcher belongs to start-up as well.
    getattr(engine, f"open_{given.kind}_fetcher")
    started = time.perf_counter()
    asyncio.run(fetch(given.kind, given.url, given.target, given.connections))
    ended = time.perf_counter()
    print(f"start-up {started - begun:.3f}")
    print(f"inner {ended - started:.4f}")


if __name__ == "__main__":
    main()
