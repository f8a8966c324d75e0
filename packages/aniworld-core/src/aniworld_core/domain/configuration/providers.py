"""The section of one catalogue and of its servers."""

import attrs

from aniworld_core.domain.configuration.description import Setting, setting
from aniworld_core.domain.configuration.forms import HEADER_VALUE, WEB_ADDRESS


@attrs.frozen(kw_only=True)
class ServerConfig:
    """One server of a provider with several servers, and its credentials."""

    name: str = attrs.field(metadata=Setting().metadata)
    base_url: str = attrs.field(
        repr=False,
        metadata=Setting(form=WEB_ADDRESS, is_required=True, is_address=True).metadata,
    )
    username: str = setting("", Setting(is_address=True))
    password: str = setting("", Setting(is_secret=True))
    token: str = setting("", Setting(form=HEADER_VALUE, is_secret=True))


@attrs.frozen(kw_only=True)
class ProviderConfig:
    """Section of one catalogue.

    Attributes:
        enabled: Whether it is used; `None` means the catalogue's own default.
        base_url: Its address; empty means its own default.
        servers: Servers of a catalogue that has several.
        proxy: Proxy for its requests; empty means `network.proxy`.
        requests_per_minute: Largest number of requests per minute and host.
    """

    enabled: bool | None = setting(default=None)
    base_url: str = setting("", Setting(form=WEB_ADDRESS, is_address=True))
    servers: tuple[ServerConfig, ...] = setting((), Setting(is_announced=True))
    proxy: str = setting("", Setting(form=WEB_ADDRESS, is_proxy=True, is_advanced=True))
    requests_per_minute: int = setting(60, Setting(bounds=(1, 6000), is_advanced=True))

    @property
    def all_servers(self) -> tuple[ServerConfig, ...]:
        """Return the servers; a `base_url` that is not among them is added."""
        if not self.base_url or any(s.base_url == self.base_url for s in self.servers):
            return self.servers
        return (*self.servers, ServerConfig(name="", base_url=self.base_url))
