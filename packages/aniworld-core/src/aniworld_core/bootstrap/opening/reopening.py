"""Reopen adapters whose settings changed, so that a change applies at once.

The former adapters stay open until the application closes, because running downloads and searches
may still use them.
"""

import logging
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import anyio
import attrs

from aniworld_core.application.catalogue import Loaders
from aniworld_core.bootstrap.adapters import ContextSource, open_all, open_covers, open_loaders
from aniworld_core.domain.configuration import Config
from aniworld_core.ports.covers import CoverSource

if TYPE_CHECKING:
    from aniworld_core.domain.catalogue import Cover, CoverAddress

logger: logging.Logger = logging.getLogger(__name__)

_PROVIDERS: Final = "/providers/"
#: Part of the configuration that an adapter reads; equal parts need no new adapter.
_Inputs: TypeAlias = tuple[object, ...]


@attrs.define(eq=False)
class ReplaceableCovers(CoverSource):
    """Source of covers that can be replaced by a newly opened one.

    Attributes:
        source: The one in use.
    """

    source: CoverSource

    async def get(self, address: "CoverAddress") -> "Cover":
        """Return the cover of the source in use."""
        return await self.source.get(address)


@attrs.define(eq=False, kw_only=True)
class AdapterReopening:
    """Adapters that depend on the sections `network` and `providers`.

    Args:
        stack: Closes new adapters.
        source: Context of the moment.
        loaders: Catalogues; `None` if the caller of `open_application` gave them.
        groups: Group of entry points → its opened adapters, which are replaced in place.
        covers: Source of covers; `None` if it was given or none is installed.
    """

    _stack: AsyncExitStack
    _source: ContextSource
    _loaders: Loaders | None
    _groups: dict[str, list[Any]]
    _covers: ReplaceableCovers | None
    _opened: Config = attrs.field(init=False)
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)

    def __attrs_post_init__(self) -> None:
        self._opened = self._source.current.value

    async def apply(self) -> None:
        """Reopen what the configuration in force has changed; failures are logged."""
        async with self._lock:
            former, config = self._opened, self._source.current.value
            if _inputs(former) == _inputs(config):
                return
            context = self._source.of(config)
            if self._loaders is not None:
                kept = {
                    name: loader
                    for name, loader in self._loaders.by_name.items()
                    if _inputs_of(former, name) == _inputs_of(config, name)
                }
                opened = await open_loaders(
                    self._stack, self._source.settings, context, None, kept=kept
                )
                self._loaders.by_name, self._loaders.broken = opened.by_name, opened.broken
            for group, adapters in self._groups.items():
                adapters[:] = await open_all(self._stack, group, context)
            if self._covers is not None:
                self._covers.source = await open_covers(self._stack, context) or self._covers.source
            self._opened = config
            logger.info("reopened catalogues and adapters after a change of their settings")


def _inputs(config: Config) -> _Inputs:
    own = {
        pointer: value
        for pointer, value in config.unknown.items()
        if pointer.startswith(_PROVIDERS)
    }
    # The order of the catalogues is that of the document.
    return config.network, tuple(config.providers.items()), own


def _inputs_of(config: Config, name: str) -> _Inputs:
    """Return the part that one catalogue reads."""
    prefix = f"{_PROVIDERS}{name}/"
    own = {p: value for p, value in config.unknown.items() if p.startswith(prefix)}
    return config.network, config.provider(name), own
