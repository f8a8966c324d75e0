"""Announcement of the settings that this catalogue uses, below `providers.index`."""

from typing import ClassVar

import attrs


@attrs.frozen(kw_only=True)
class IndexSettings:
    """No settings of its own; `servers` lists any number of servers."""

    uses: ClassVar[tuple[str, ...]] = ("servers",)
