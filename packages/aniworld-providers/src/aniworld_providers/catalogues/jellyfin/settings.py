"""Announcement of the settings that this catalogue uses, below `providers.jellyfin`."""

from typing import ClassVar

import attrs


@attrs.frozen(kw_only=True)
class JellyfinSettings:
    """No settings of its own; `servers` lists any number of servers."""

    uses: ClassVar[tuple[str, ...]] = ("servers",)
