"""Add notification services by the values that they need, instead of by their address."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

import anyio.to_thread
import attrs

from aniworld_core.application.automation.notification_sender import Address, NotificationSender
from aniworld_core.application.automation.setting_tests import SettingTrial, tried
from aniworld_core.application.configuration import REDACTED, ConfigEditor
from aniworld_core.domain.configuration import Config
from aniworld_core.errors import (
    AdapterNotFoundError,
    InvalidFieldsError,
    NotificationAddressNotFoundError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.notification_services import NotificationService, NotificationServices


@attrs.frozen(kw_only=True)
class NotificationAddressView:
    """A stored address without its secrets.

    Attributes:
        list: Setting that contains it: `urls` or `webhooks`.
        position: Position in that list, from 0.
        service: Name of the service, such as `ntfy`; the host for a webhook.
        address: What can be shown of the address.
    """

    list: str
    position: int
    service: str
    address: str


#: Lists of addresses in the settings of notifications.
_LISTS: Final = ("urls", "webhooks")


@attrs.define(eq=False, kw_only=True)
class NotificationSetup:
    """Describe the services, test one, add it to `notifications.urls`, and remove addresses.

    Addresses contain secrets and are never returned whole.
    """

    _editor: ConfigEditor
    _sender: NotificationSender
    _open: Callable[[], NotificationServices]

    async def services(self) -> Sequence[NotificationService]:
        """Return all services, by title; none if nothing that describes them is installed."""
        try:
            return await anyio.to_thread.run_sync(lambda: self._open().services())
        except AdapterNotFoundError:
            return ()

    async def test(self, service: str, values: Mapping[str, str]) -> SettingTrial:
        """Send a test notification with values that are not stored, and return the result.

        Raises:
            InvalidFieldsError: If the values do not fit the service.
        """
        url = await self._address(service, values)
        config = await self._editor.read()
        address = Address(url=url, is_webhook=False)

        async def send() -> Message:
            await self._sender.try_address(address, config)
            return Message("notification_sent")

        return await tried("/notifications/urls", address.label, send)

    async def add(self, service: str, values: Mapping[str, str]) -> Config:
        """Add a service; an address that is configured already is not added twice.

        Raises:
            InvalidFieldsError: If the values do not fit the service.
            ConfigChangedError: If another process changes the configuration at the same time.
        """
        url = await self._address(service, values)
        config = await self._editor.read()
        urls = config.notifications.urls
        if url in urls:
            return config
        change = {"notifications": {"urls": [*urls, url]}}
        return await self._editor.replace(change, only_if=lambda stored: stored == config)

    async def addresses(self) -> Sequence[NotificationAddressView]:
        """Return the stored addresses without their secrets, in their order."""
        notifications = (await self._editor.read()).notifications
        titles = {
            scheme: service.title
            for service in await self.services()
            for scheme in (service.name, *service.schemes)
        }
        return [
            _shown(name, position, url, titles)
            for name in _LISTS
            for position, url in enumerate(getattr(notifications, name))
        ]

    async def remove(
        self, name: str, position: int, *, only_if: Callable[[Config], bool]
    ) -> Config:
        """Remove a stored address; the others stay as they are.

        Args:
            name: `urls` or `webhooks`.
            position: Its position in the list.
            only_if: Whether the stored configuration is the one that the caller has seen.

        Raises:
            InvalidFieldsError: If there is no such list.
            NotificationAddressNotFoundError: If the list has no such address.
            ConfigChangedError: If the configuration has been changed meanwhile.
        """
        if name not in _LISTS:
            raise InvalidFieldsError([("/list", Message("must_be_one_of", names=list(_LISTS)))])
        config = await self._editor.read()
        urls = list(getattr(config.notifications, name))
        if not 0 <= position < len(urls):
            raise NotificationAddressNotFoundError(name, position)
        del urls[position]
        return await self._editor.replace(
            {"notifications": {name: urls}},
            only_if=lambda stored: stored == config and only_if(stored),
        )

    async def _address(self, service: str, values: Mapping[str, str]) -> str:
        try:
            return await anyio.to_thread.run_sync(lambda: self._open().address(service, values))
        except AdapterNotFoundError as error:
            raise InvalidFieldsError([("/service", Message("no_such_service"))]) from error


def _shown(
    name: str, position: int, url: str, titles: Mapping[str, str]
) -> NotificationAddressView:
    scheme, _, rest = url.partition("://")
    if name == "webhooks":
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            host = ""
        shown, service = f"{scheme}://{host}/{REDACTED}", host
    else:  # The host of many services is a token.
        known = scheme.lower() if rest and scheme.isalnum() else ""
        shown = f"{known[:20]}://{REDACTED}" if known else REDACTED
        service = titles.get(known, known[:20])
    return NotificationAddressView(list=name, position=position, service=service, address=shown)
