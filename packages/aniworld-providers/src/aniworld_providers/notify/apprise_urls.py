"""News to the many services that Apprise knows; needs the extra `notify`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any, Final

import anyio.to_thread
import attrs

from aniworld_core.domain.automation import News
from aniworld_core.domain.configuration import NewsKind
from aniworld_core.errors import AdapterNotFoundError, NotificationFailedError
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.notifier import Notifier

#: Apprise's names for how a message is meant.
_TONES: Final = {
    NewsKind.COMPLETED: "success",
    NewsKind.FAILED: "failure",
    NewsKind.DISK_LOW: "warning",
}


@attrs.define(eq=False, kw_only=True)
class AppriseNotifier(Notifier):
    """Lets Apprise, which blocks, send in a thread."""

    _service: Any = attrs.field(repr=False)
    _label: str

    async def notify(self, news: News) -> None:
        # A service that hangs must not be waited for: its thread ends by itself some time.
        await anyio.to_thread.run_sync(self._send, news, abandon_on_cancel=True)

    def _send(self, news: News) -> None:
        try:
            was_sent = self._service.notify(
                title=news.title,
                body=news.body or news.title,
                notify_type=_TONES.get(news.kind, "info"),
            )
        except (OSError, TypeError, ValueError) as error:
            raise NotificationFailedError(self._label, type(error).__name__) from error
        if not was_sent:
            raise NotificationFailedError(self._label, "the service did not take it")


@asynccontextmanager
async def open_notifier(url: str, context: AdapterContext) -> AsyncIterator[Notifier]:
    """Open the notifier installed as `apprise`.

    Apprise makes its own connections, which the address guard does not see: it goes where the
    owner's configuration sends it.

    Raises:
        AdapterNotFoundError: If Apprise is not installed.
        NotificationFailedError: If it does not know the kind of address.
    """
    scheme, mark, _ = url.partition("://")
    label = scheme[:20] if mark and scheme.isalnum() else "an address"
    service = await anyio.to_thread.run_sync(_service, url, label)
    yield AppriseNotifier(service=service, label=label)


def _service(url: str, label: str) -> Any:
    """Load Apprise, which takes a while, and let it read the address."""
    try:
        apprise: Any = import_module("apprise")
    except ImportError as error:
        missing = AdapterNotFoundError("aniworld.notifier", "apprise", ())
        missing.hint = "install the extra: aniworld-providers[notify]"
        raise missing from error
    service = apprise.Apprise()
    if not service.add(url):
        raise NotificationFailedError(label, "Apprise does not know this kind of address")
    return service
