"""Work that grows no faster than its input: measured in CPU time of the thread."""

import math
import time
from collections.abc import Callable
from typing import Final

from support.thorough import IS_THOROUGH

#: Lengths of input that are tried, in characters; the last one is 64 KiB.
SIZES: Final = (8192, 65_536)
#: CPU seconds below which growth says nothing.
_NEGLIGIBLE: Final = 0.1
#: CPU seconds for the small text at which even quadratic work on the large one is negligible: it
#: takes 64 times as long. Work that grows faster takes far more than this on the small text.
_FAST: Final = 0.0 if IS_THOROUGH else _NEGLIGIBLE / 64
#: Eight times the input may take this many times as long; with quadratic work it is 64.
_MOST_GROWTH: Final = 20
#: CPU seconds that no text of these sizes may take.
_MOST_SECONDS: Final = 2.0
#: Runs of which the fastest counts, where the first one takes too long.
_RUNS: Final = 3


def assert_linear(
    work: Callable[[str], object],
    token: str,
    *,
    start: str = "",
    end: str = "",
    is_whole: bool = False,
) -> None:
    """Check that *work* on *token* repeated up to 64 KiB takes time in proportion.

    An expected error of the work has to be caught by it.

    Args:
        work: What is done with the text.
        token: What is repeated.
        start: What precedes the repeated tokens.
        end: What follows the repeated tokens.
        is_whole: Whether the last token is left out instead of being cut where it does not fit.
    """
    small, large = SIZES
    texts = {
        size: start + (token * (size // len(token) + (not is_whole)))[:size] + end for size in SIZES
    }
    taken = {small: _cpu_seconds(work, texts[small], lambda best: best < _NEGLIGIBLE)}
    if taken[small] < _FAST:
        return

    def is_linear(best: float) -> bool:
        allowed = max(taken[small], _NEGLIGIBLE / _MOST_GROWTH) * _MOST_GROWTH
        return best < _MOST_SECONDS and (best <= allowed or best < _NEGLIGIBLE)

    taken[large] = _cpu_seconds(work, texts[large], is_linear)
    for size, seconds in taken.items():
        told = f"{token[:40]!r} repeated to {size} characters takes {seconds:.2f} s of CPU"
        assert seconds < _MOST_SECONDS, told
    assert is_linear(taken[large]), told


def _cpu_seconds(
    work: Callable[[str], object], text: str, is_enough: Callable[[float], bool]
) -> float:
    """Return the CPU time of the thread: the best of a few runs, where the first is not enough.

    Other processes share the caches and the clock of a core, so that a single run may take
    several times as long as the next one.
    """
    best = math.inf
    for _ in range(_RUNS):
        began = time.thread_time()
        work(text)
        best = min(best, time.thread_time() - began)
        if is_enough(best):
            break
    return best
