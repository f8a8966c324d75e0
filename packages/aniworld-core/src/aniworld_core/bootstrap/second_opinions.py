"""Other parsers of file names, for names that the rules of the library leave open."""

import logging
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeAlias, cast

from anyio import to_thread

from aniworld_core.bootstrap.plugins import load_adapters
from aniworld_core.domain.library import Numbers

logger: logging.Logger = logging.getLogger(__name__)

#: Entry point group of other parsers.
GROUP = "aniworld.names"
#: Names whose answers are kept.
_KEPT = 4096

#: Read a file name with its folders; `None` if it names no episode.
ReadName: TypeAlias = Callable[[str], Numbers | None]
#: Return a reader, or `None` if the library it needs is not installed.
OpenReader: TypeAlias = Callable[[], ReadName | None]


async def second_opinions(name: str) -> Mapping[str, Numbers | None]:
    """Return what each installed parser reads in a name, by its entry point.

    The parsers run in a worker thread; answers are kept. A parser that fails is left out and
    logged.
    """
    return await to_thread.run_sync(_opinions, name)


@lru_cache(maxsize=1)
def _readers() -> Mapping[str, ReadName]:
    found = {name: cast("OpenReader", opener)() for name, opener in load_adapters(GROUP).items()}
    return {name: reader for name, reader in found.items() if reader is not None}


@lru_cache(maxsize=_KEPT)
def _opinions(name: str) -> Mapping[str, Numbers | None]:
    opinions: dict[str, Numbers | None] = {}
    for parser, read in _readers().items():
        try:
            opinions[parser] = read(name)
        except Exception:
            logger.warning("%s cannot read the file name %r", parser, name[:80], exc_info=True)
    return opinions
