"""Work that grows no faster than its input: measured in CPU time of the thread."""

import time
from collections.abc import Callable
from typing import Final

#: Lengths of input that are tried, in characters; the last one is 64 KiB.
SIZES: Final = (4096, 16_384, 65_536)
#: CPU seconds below which growth says nothing.
_NEGLIGIBLE: Final = 0.1
#: Four times the input may take this many times as long; with quadratic work it is 16.
_MOST_GROWTH: Final = 9


def assert_linear(work: Callable[[str], object], token: str, *, end: str = "") -> None:
    """Check that *work* on *token* repeated up to 64 KiB takes time in proportion.

    An expected error of the work has to be caught by it.

    Args:
        work: What is done with the text.
        token: What is repeated.
        end: What follows the repeated tokens.
    """
    former = 0.0
    for size in SIZES:
        text = (token * (size // len(token) + 1))[:size] + end
        taken = min(_cpu_seconds(work, text) for _ in range(2))
        told = f"{token[:40]!r} repeated to {size} characters takes {taken:.2f} s of CPU"
        assert taken < _NEGLIGIBLE or taken <= former * _MOST_GROWTH or size == SIZES[0], told
        assert taken < 2, told
        former = max(taken, _NEGLIGIBLE / _MOST_GROWTH)


def _cpu_seconds(work: Callable[[str], object], text: str) -> float:
    began = time.thread_time()
    work(text)
    return time.thread_time() - began
