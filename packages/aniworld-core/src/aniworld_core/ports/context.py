"""What the core hands to the adapters it opens."""

from pathlib import Path
from typing import Protocol

import attrs

from aniworld_core.domain.config import Config
from aniworld_core.ports.clock import Clock


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
    """

    config: Config
    data_dir: Path
    allowed_addresses: frozenset[str]
    throttle: Throttle
    clock: Clock
    user_agent: str
