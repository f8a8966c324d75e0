"""M13: no text that a stranger writes breaks a parser or keeps it busy."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Final

from proof.figure import Control, Edit, Figure, Run
from providers.test_hostile_texts import MARKUP, READERS, TOKENS, _tolerant
from providers.transfer.manifests.test_growth import READERS as MANIFEST_READERS
from support.hostile_names import PIECES

_SIZE: Final = 64 * 1024
#: CPU seconds for the largest text.
_MOST: Final = 0.05
#: The same for pages of catalogues, which become a tree: 64 KiB of nothing but tags are the most
#: expensive text there is, and miss the figure.
_MOST_OF_PAGES: Final = 0.15
_LOOP: Final = 20_000
#: Runs of which the fastest counts if one takes too long: processors share caches and clocks.
_RUNS: Final = 4


async def _prove(run: Run) -> None:
    """Read spliced, repeated and mutated texts up to 64 KiB with every parser."""
    chance = random.Random(run.seed)
    rounds = run.pick(control=4, gate=8, full=2000)
    slowest: dict[str, float] = {}
    for name, read in _readers():
        for text in _texts(chance, rounds):
            problem, seconds = _read(read, text, _MOST_OF_PAGES if _is_page(name) else _MOST)
            slowest[name] = max(slowest.get(name, 0.0), seconds)
            run.check(ok=not problem, failure=f"{name}: {text[:60]!r} ({len(text)}): {problem}")
    worst = sorted(slowest.items(), key=lambda pair: -pair[1])[:5]
    run.measured |= {"parsers": len(slowest)}
    run.measured["slowest_ms"] = {name: round(seconds * 1000, 1) for name, seconds in worst}


def _readers() -> Iterator[tuple[str, Callable[[str], object]]]:
    for name, (read, _) in READERS.items():
        yield name, _tolerant(read)
    for name, (read, before, after) in MANIFEST_READERS.items():
        work = _tolerant(read)
        yield name, lambda text, w=work, b=before, a=after: w(b + text + a)  # type: ignore[misc]


def _texts(chance: random.Random, rounds: int) -> Iterator[str]:
    """Yield texts: each kind in turn, of any length up to the largest."""
    pieces = [*TOKENS, *MARKUP, *PIECES]
    for number in range(rounds):
        size = _SIZE if number % 2 else chance.randrange(_SIZE)
        match number % 4:
            case 0:
                text = "".join(chance.choices(pieces, k=size // 3 + 1))
            case 1:
                some = "".join(chance.choices(pieces, k=chance.randint(1, 3)))
                text = some * (size // len(some) + 1)
            case 2:
                text = "".join(map(chr, chance.choices(range(32, 0x2100), k=size)))
            case _:
                body = chance.choice(pieces) * 8
                text = chance.choice(pieces) + body * (size // len(body) + 1)
        yield text[:size]


def _is_page(name: str) -> bool:
    return name.startswith("Layout")


def _loop() -> float:
    """Return the CPU seconds of a fixed loop, which take longer on a processor with other work."""
    began = time.thread_time()
    for _ in range(_LOOP):
        pass
    return time.thread_time() - began


_IDLE: Final = min(_loop() for _ in range(50))


def _read(read: Callable[[str], object], text: str, most: float) -> tuple[str, float]:
    """Return what went wrong, and the CPU seconds of the fastest run."""
    best = float("inf")
    for _ in range(_RUNS):
        began = time.thread_time()
        try:
            read(text)
        except Exception as error:  # untyped errors are what this looks for
            return repr(error)[:200], 0.0
        taken = time.thread_time() - began
        slowdown = max(1.0, min(_loop() for _ in range(3)) / _IDLE)
        best = min(best, taken / slowdown)
        if best < most:
            return "", best
    return f"takes {best:.3f} s", best


_CLEANUP: Final = (
    "packages/aniworld-providers/src/aniworld_providers/catalogues/aniworld/layouts/text_cleanup.py"
)

FIGURE: Final = Figure(
    name="M13",
    title="parsers: no crash, 64 KiB within 50 ms",
    prove=_prove,
    controls=(
        Control(
            "an expression whose work grows with the square of a text",
            (Edit(_CLEANUP, 'r"</?em\\b[^<>]*+>"', 'r"<.{0,4000}em\\b"'),),
        ),
    ),
)
