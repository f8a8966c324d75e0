"""What the core hands to the adapters it opens."""

from collections.abc import Callable
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

        Called after bytes arrived and before the next read, at least once per MiB. Returns at
        once where no limit is set; waits while the downloads are paused. Callers that wait are
        served fairly. The limit may change at any time.
        """
        ...


@attrs.frozen(kw_only=True)
class AdapterContext:
    """The surroundings of an adapter.

    Attributes:
        config: The configuration at the time of opening.
        data_dir: Where an adapter may keep caches, below a folder named after itself.
        allowed_addresses: Exact `host:port` pairs in loopback or private ranges that may be
            reached besides the public internet.
        throttle: The shared limit on media bytes.
        clock: The time.
        user_agent: The product's own name and version, for requests.
        read_own: Reads what `own_settings` returns.
    """

    config: Config
    data_dir: Path
    allowed_addresses: frozenset[str]
    throttle: Throttle
    clock: Clock
    user_agent: str
    read_own: Callable[[str, type[Any]], Any] = lambda _provider, cls: cls()

    def own_settings(self, provider: str, cls: type[T]) -> T:
        """Return the settings that a loader declares itself, below `providers.<provider>`.

        Args:
            provider: The loader's name.
            cls: Its attrs class; all fields have defaults. Named in the group of entry points
                `aniworld.loader_settings`, it is also what the configuration is checked with.

        Raises:
            InvalidConfigError: If a value is wrong.
        """
        settings: T = self.read_own(provider, cls)
        return settings
