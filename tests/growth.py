"""Work that grows no faster than its input: measured in CPU time of the thread."""

import time
from collections.abc import Callable
from typing import Final

#: Lengths of input that are tried, in characters; the last one is 64 KiB.
SIZES: Final = (8192, 65_536)
#: CPU seconds below which growth says nothing.
_NEGLIGIBLE: Final = 0.1
#: Eight times the input may take this many times as long; with quadratic work it is 64.
_MOST_GROWTH: Final = 20


def assert_linear(work: Callable[[str], object], token: str, *, end: str = "") -> None:
    """Check that *work* on *token* repeated up to 64 KiB takes time in proportion.

    An expected error of the work has to be caught by it.

    Args:
        work: What is done with the text.
        token: What is repeated.
        end: What follows the repeated tokens.
    """
    taken = {}
    for size in SIZES:
        text = (token * (size // len(token) + 1))[:size] + end
        taken[size] = _cpu_seconds(work, text)
        if taken[size] > _NEGLIGIBLE:  # measure again: another process may have been in the way
            taken[size] = min(taken[size], _cpu_seconds(work, text))
        told = f"{token[:40]!r} repeated to {size} characters takes {taken[size]:.2f} s of CPU"
        assert taken[size] < 2, told
    small, large = SIZES
    is_linear = taken[large] <= max(taken[small], _NEGLIGIBLE / _MOST_GROWTH) * _MOST_GROWTH
    assert is_linear or taken[large] < _NEGLIGIBLE, told


def _cpu_seconds(work: Callable[[str], object], text: str) -> float:
    began = time.thread_time()
    work(text)
    return time.thread_time() - began
