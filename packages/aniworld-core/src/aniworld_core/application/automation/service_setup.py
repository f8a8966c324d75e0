"""Add notification services by the values that they need, instead of by their address."""

from collections.abc import Callable, Mapping, Sequence

import anyio.to_thread
import attrs

from aniworld_core.application.automation.notification_sender import Address, NotificationSender
from aniworld_core.application.automation.setting_tests import SettingTrial, tried
from aniworld_core.application.configuration import ConfigEditor
from aniworld_core.domain.configuration import Config
from aniworld_core.errors import AdapterNotFoundError, InvalidFieldsError
from aniworld_core.messages import Message
from aniworld_core.ports.notification_services import NotificationService, NotificationServices


@attrs.define(eq=False, kw_only=True)
class NotificationSetup:
    """Describe the services, test one, and add it to `notifications.urls`.

    Addresses contain secrets and are never returned.
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

    async def _address(self, service: str, values: Mapping[str, str]) -> str:
        try:
            return await anyio.to_thread.run_sync(lambda: self._open().address(service, values))
        except AdapterNotFoundError as error:
            raise InvalidFieldsError([("/service", Message("no_such_service"))]) from error
