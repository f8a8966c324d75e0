"""Adapter contexts for tests of adapters."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import attrs
from anyio import lowlevel

from aniworld_core.application.configuration import own_settings
from aniworld_core.domain.configuration import Config, NetworkConfig, ProviderConfig
from aniworld_core.ports.context import AdapterContext


@attrs.define
class JumpingClock:
    """Clock whose sleeps advance its time immediately and are recorded."""

    time: datetime = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    slept: list[float] = attrs.field(factory=list)

    def now(self) -> datetime:
        """Return the current time of the clock."""
        return self.time

    async def sleep(self, delay: timedelta) -> None:
        """Advance the time."""
        self.slept.append(delay.total_seconds())
        self.time += max(delay, timedelta())
        await lowlevel.checkpoint()


class NoThrottle:
    """Bandwidth limit that never delays."""

    async def take(self, amount: int) -> None:
        """Return without a delay."""
        await lowlevel.checkpoint()


def make_context(
    data_dir: Path,
    *,
    allowed: frozenset[str] = frozenset(),
    clock: JumpingClock | None = None,
    network: NetworkConfig | None = None,
    own: Mapping[str, object] | None = None,
    **providers: ProviderConfig,
) -> AdapterContext:
    """Return an adapter context with the given sections of the configuration."""
    config = Config(providers=providers, network=network or NetworkConfig(), unknown=own or {})
    return AdapterContext(
        config=config,
        read_own=partial(own_settings, config),
        data_dir=data_dir,
        allowed_addresses=allowed,
        throttle=NoThrottle(),
        clock=clock or JumpingClock(),
        user_agent="Aniworld/0 (tests)",
    )
