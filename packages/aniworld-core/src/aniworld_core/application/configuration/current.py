"""The configuration in force, shared by the use cases of one application."""

from collections.abc import Callable

import attrs

from aniworld_core.domain.configuration import Config


@attrs.define(eq=False)
class CurrentConfig:
    """Hold the configuration in force; a change replaces it as a whole."""

    _value: Config
    _listeners: list[Callable[[Config], None]] = attrs.field(factory=list, init=False)

    @property
    def value(self) -> Config:
        """Configuration in force."""
        return self._value

    @value.setter
    def value(self, config: Config) -> None:
        self._value = config
        for listener in self._listeners:
            listener(config)

    def listen(self, listener: Callable[[Config], None]) -> None:
        """Call *listener* with the new configuration whenever it changes; it must not fail."""
        self._listeners.append(listener)
