"""Context passed to adapter factories: configuration, data folder, throttle, clock."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import attrs

from aniworld_core.domain.configuration import Config
from aniworld_core.ports.clock import Clock

T = TypeVar("T")


class Throttle(Protocol):
    """One bandwidth limit and one pause switch shared by all transfers of an application."""

    async def take(self, amount: int) -> None:
        """Wait until *amount* more bytes may be received.

        Call it after receiving bytes and before the next read, at least once per MiB. It returns
        at once without a limit, and waits while downloads are paused. Waiting callers are served
        fairly. The limit may change at any time.
        """
        ...


@attrs.define(eq=False)
class SharedObjects:
    """Objects that the adapters of one application share.

    For a state of the outside world that all of them have to respect, such as the pause that a
    site asked for. Adapters that replace others after a change of settings get the same objects.
    """

    _made: dict[tuple[type[Any], str], Any] = attrs.field(factory=dict, init=False)

    def of(self, cls: type[T], make: Callable[[], T], *, name: str = "") -> T:
        """Return the object of a class, and of a name if there are several.

        The first caller makes it.
        """
        if (cls, name) not in self._made:
            self._made[cls, name] = make()
        found: T = self._made[cls, name]
        return found


@attrs.frozen(kw_only=True)
class AdapterContext:
    """Context of an adapter.

    Attributes:
        config: Configuration at the time of opening.
        data_dir: Data folder; an adapter keeps caches in a folder of its own name there.
        allowed_addresses: Exact `host:port` pairs in loopback or private ranges that may be
            reached besides the public internet.
        throttle: Shared bandwidth limit for media bytes.
        clock: The time.
        user_agent: User agent of requests: name and version of the product.
        library_folders: Returns the library folders at the moment; adapters only read in them.
        read_own: Function behind `own_settings`.
        shared: Objects that all adapters of the application share.
    """

    config: Config
    data_dir: Path
    allowed_addresses: frozenset[str]
    throttle: Throttle
    clock: Clock
    user_agent: str
    library_folders: Callable[[], Sequence[Path]] = tuple
    read_own: Callable[[str, type[Any]], Any] = lambda _provider, cls: cls()
    shared: SharedObjects = attrs.field(factory=SharedObjects)

    def own_settings(self, provider: str, cls: type[T]) -> T:
        """Return the settings that a loader declares, below `providers.<provider>`.

        Args:
            provider: Name of the loader.
            cls: Attrs class of the settings; all fields have defaults. With an entry point in the
                group `aniworld.loader_settings` it also validates the configuration.

        Raises:
            InvalidConfigError: If a value is wrong.
        """
        settings: T = self.read_own(provider, cls)
        return settings
