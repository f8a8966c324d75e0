"""What adapters are told about where they are."""

from functools import partial
from importlib.metadata import version

import attrs

from aniworld_core.application.configuration import CurrentConfig, own_settings
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext, Throttle


@attrs.frozen(kw_only=True)
class Surroundings:
    """Makes the context of adapters, also of those that are opened later."""

    settings: Settings
    current: CurrentConfig
    throttle: Throttle
    clock: Clock

    def now(self) -> AdapterContext:
        """The context with the configuration in force."""
        config = self.current.value
        return AdapterContext(
            config=config,
            data_dir=self.settings.data_dir,
            allowed_addresses=self.settings.allowed_addresses,
            throttle=self.throttle,
            clock=self.clock,
            read_own=partial(own_settings, config),
            user_agent=config.network.user_agent or f"Aniworld/{version('aniworld-core')}",
        )
