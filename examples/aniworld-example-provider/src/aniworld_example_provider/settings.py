"""Settings of this catalogue alone, below `providers.example` of the configuration."""

import attrs


@attrs.frozen(kw_only=True)
class ExampleSettings:
    """What Aniworld checks and types for us, since it is declared as an entry point.

    Attributes:
        tagged_only: Leave out films of which the catalogue does not say the language.
    """

    tagged_only: bool = False
