"""File names as guessit reads them. Needs the extra `names`."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from aniworld_core.domain.library import Numbers

#: Most characters of a name that guessit gets: its time grows faster than the name.
_LIMIT: Final = 255
_NUMBERS: Final = range(10_000)


def open_guessit() -> Callable[[str], Numbers | None] | None:
    """Return a reader of file names, or `None` if guessit is not installed."""
    if find_spec("guessit") is None:
        return None
    guess: Callable[[str, dict[str, str]], dict[str, Any]] = import_module("guessit").guessit

    def read(name: str) -> Numbers | None:
        found = guess("/".join(part[-_LIMIT:] for part in name.split("/")[-3:]), {})
        episodes = _numbers(found.get("episode", found.get("absolute_episode")))
        if not episodes:
            return None
        seasons = _numbers(found.get("season"))
        return Numbers(seasons[0] if seasons else None, episodes)

    return read


def _numbers(value: object) -> tuple[int, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(sorted({n for n in values if isinstance(n, int) and n in _NUMBERS}))
