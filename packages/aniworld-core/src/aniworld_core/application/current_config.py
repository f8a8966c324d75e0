"""The configuration in force, shared by the use cases of one application."""

import attrs

from aniworld_core.domain.config import Config


@attrs.define(eq=False)
class CurrentConfig:
    """Holds the configuration that applies now; replaced as a whole when it changes."""

    value: Config
