"""Notifier for the services that Apprise supports; needs the extra `notify`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any, Final

import anyio.to_thread
import attrs

from aniworld_core.domain.automation import Notification
from aniworld_core.domain.configuration import NotificationKind
from aniworld_core.errors import AdapterNotFoundError, NotificationFailedError
from aniworld_core.messages import Message
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.notifier import Notifier

#: Apprise's notification types.
_TONES: Final = {
    NotificationKind.COMPLETED: "success",
    NotificationKind.FAILED: "failure",
    NotificationKind.DISK_LOW: "warning",
}


@attrs.define(eq=False, kw_only=True)
class AppriseNotifier(Notifier):
    """Send through Apprise in a thread, because Apprise blocks."""

    _service: Any = attrs.field(repr=False)
    _label: str

    async def notify(self, notification: Notification) -> None:
        # Do not wait for a service that hangs; its thread ends later.
        await anyio.to_thread.run_sync(self._send, notification, abandon_on_cancel=True)

    def _send(self, notification: Notification) -> None:
        try:
            was_sent = self._service.notify(
                title=notification.title,
                body=notification.body or notification.title,
                notify_type=_TONES.get(notification.kind, "info"),
            )
        except (OSError, TypeError, ValueError) as error:
            raise NotificationFailedError(self._label, type(error).__name__) from error
        if not was_sent:
            raise NotificationFailedError(self._label, Message("notification_not_accepted"))


@asynccontextmanager
async def open_notifier(url: str, context: AdapterContext) -> AsyncIterator[Notifier]:
    """Open the notifier installed as `apprise`.

    Apprise makes its own connections without the address guard. It connects only to the address
    in the owner's configuration and follows no redirects.

    Raises:
        AdapterNotFoundError: If Apprise is not installed.
        NotificationFailedError: If it does not support this kind of address.
    """
    scheme, mark, _ = url.partition("://")
    label = scheme[:20] if mark and scheme.isalnum() else Message("an_address")
    service = await anyio.to_thread.run_sync(_service, url, label)
    yield AppriseNotifier(service=service, label=label)


def _service(url: str, label: str) -> Any:
    """Load Apprise, which takes a while, and pass it the address."""
    try:
        apprise: Any = import_module("apprise")
    except ImportError as error:
        missing = AdapterNotFoundError("aniworld.notifier", "apprise", ())
        missing.hint = Message("apprise_missing.hint", extra="aniworld-providers[notify]")
        raise missing from error
    service = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=False))
    if not service.add(url):
        raise NotificationFailedError(label, Message("apprise_unsupported"))
    for each in service:
        each.redirects = False  # also where the address says `redirect=yes`
    return service
