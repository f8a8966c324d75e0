"""Standard input as an argument."""

import sys
from collections.abc import Sequence
from typing import Final

#: Argument that stands for standard input.
STDIN: Final = "/dev/stdin"


def with_standard_input(tokens: Sequence[str]) -> list[str]:
    """Return the arguments with `STDIN` instead of each `-`.

    cyclopts takes `-` for an option without a name and refuses it.
    """
    end = tokens.index("--") if "--" in tokens else len(tokens)
    return [STDIN if t == "-" and place < end else t for place, t in enumerate(tokens)]


def read_standard_input() -> str:
    """Read standard input to its end; blocks."""
    return sys.stdin.read()
