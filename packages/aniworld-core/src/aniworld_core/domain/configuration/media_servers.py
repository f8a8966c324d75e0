"""Media servers to refresh after changes of the library, and how they see our paths."""

from pathlib import PurePosixPath
from typing import Final

import attrs

from aniworld_core.domain.configuration.description import SECONDS, Setting, setting
from aniworld_core.domain.configuration.forms import HEADER_VALUE, PATH_MAPPING, WEB_ADDRESS
from aniworld_core.domain.configuration.path_mapping import parse_path_mapping

#: Group of entry points of the adapters.
MEDIA_SERVERS: Final = "aniworld.media_server"


@attrs.frozen(kw_only=True)
class MediaServerConfig:
    """One media server.

    Attributes:
        name: Name on pages and in the log; empty means its address.
        kind: Name of its adapter, such as `jellyfin`.
        base_url: Address of the server.
        username: User name, for servers without tokens.
        password: Password of that user.
        token: API key or token.
        paths: Where the server sees our folders, as `OURS => THEIRS`; empty means the same paths.
        enabled: Whether it is refreshed.
    """

    name: str = setting("")
    kind: str = attrs.field(metadata=Setting(is_required=True, adapters=MEDIA_SERVERS).metadata)
    base_url: str = attrs.field(
        repr=False,
        metadata=Setting(form=WEB_ADDRESS, is_required=True, is_address=True).metadata,
    )
    token: str = setting("", Setting(form=HEADER_VALUE, is_secret=True))
    username: str = setting("", Setting(is_address=True))
    password: str = setting("", Setting(is_secret=True))
    paths: tuple[str, ...] = setting((), Setting(form=PATH_MAPPING))
    enabled: bool = setting(default=True)

    @property
    def label(self) -> str:
        """Name for people; the address has neither user nor query."""
        return self.name.strip() or self.base_url.partition("?")[0].rpartition("@")[2]

    def their_path(self, path: str) -> str:
        """Return our absolute path as the server sees it; the longest matching prefix counts."""
        place = PurePosixPath(path)
        mappings = [parse_path_mapping(raw) for raw in self.paths]
        matching = [each for each in mappings if place.is_relative_to(each.ours)]
        if not matching:
            return path
        mapping = max(matching, key=lambda each: len(each.ours.parts))
        return mapping.theirs_of(place.relative_to(mapping.ours).parts)


@attrs.frozen(kw_only=True)
class MediaServersConfig:
    """Media servers that are refreshed after changes of the library.

    Attributes:
        servers: The servers.
        delay_seconds: Seconds to collect changes before a refresh.
    """

    servers: tuple[MediaServerConfig, ...] = setting(())
    delay_seconds: int = setting(60, Setting(bounds=(0, 3600), unit=SECONDS, is_advanced=True))
