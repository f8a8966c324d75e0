"""Settings of this catalogue, in `providers.example` of the configuration."""

import attrs


@attrs.frozen(kw_only=True)
class ExampleSettings:
    """Settings that Aniworld validates, because an entry point declares this class.

    Attributes:
        tagged_only: Whether to leave out files in an unknown language.
    """

    tagged_only: bool = False
