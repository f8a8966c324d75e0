"""Send notifications about events to the configured addresses."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias
from urllib.parse import urlsplit

import anyio
import attrs

from aniworld_core.application.automation.event_texts import notification_of, trial_message
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.automation import Notification
from aniworld_core.domain.configuration import Config, NotificationKind
from aniworld_core.errors import (
    AniworldError,
    NotificationFailedError,
    StorageUnavailableError,
    SubscriberLaggedError,
)
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    EpisodesFound,
    Event,
    QueueDrained,
    QueueStateChanged,
)
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.notifier import Notifier

logger: logging.Logger = logging.getLogger(__name__)

#: Maximum seconds that one address may take for one notification.
DEADLINE: Final = timedelta(seconds=30)
#: Least time between two notifications about a full disk.
DISK_LOW_AGAIN: Final = timedelta(hours=1)
_SUBSCRIBED: Final = (
    DownloadCompleted,
    DownloadFailed,
    EpisodesFound,
    QueueDrained,
    QueueStateChanged,
)


@attrs.frozen(kw_only=True)
class Address:
    """Address of notifications.

    Attributes:
        url: Secret: it often contains a password or token.
        is_webhook: Whether it gets a signed JSON body.
    """

    url: str = attrs.field(repr=False)
    is_webhook: bool

    @classmethod
    def of(cls, url: str) -> "Address":
        """Return the address of a URL that is in no list; web addresses are webhooks."""
        return cls(url=url, is_webhook=url.lower().startswith(("http://", "https://")))

    @property
    def label(self) -> str:
        """Return a name without secrets."""
        if not self.is_webhook:
            scheme, mark, _ = self.url.partition("://")
            return scheme[:20] if mark and scheme.isalnum() else Message("an_address")
        try:
            return Message("webhook_at", host=urlsplit(self.url).hostname)
        except ValueError:
            return Message("a_webhook")


#: Opens the notifier of an address with the context of a configuration.
OpenNotifier: TypeAlias = Callable[[Address, Config], AbstractAsyncContextManager[Notifier]]


class IsFirst(Protocol):
    """Return whether this process is to do what must happen once; see `Storage.is_first`."""

    async def __call__(self, name: str, *, at: datetime, within: timedelta) -> bool:
        """Return whether no other process does it."""
        ...


async def _always(name: str, *, at: datetime, within: timedelta) -> bool:
    return True


@attrs.define(eq=False, kw_only=True)
class NotificationSender:
    """Send notifications about events in the background.

    Each notification uses the configuration in force. A failure of an address is logged, does not
    delay the others and is not retried. Of several servers that see an event, one sends it.
    """

    _bus: ProgressBus
    _config: CurrentConfig
    _clock: Clock
    _open: OpenNotifier
    _is_first: IsFirst = _always
    _disk_low_at: datetime | None = attrs.field(default=None, init=False)

    async def run(self) -> None:
        """Send notifications about the events of the bus until cancelled or the bus ends."""
        async with self._bus.subscribe(*_SUBSCRIBED) as events:
            while True:
                try:
                    event = await anext(events, None)
                except SubscriberLaggedError as error:
                    logger.warning("cannot send a notification: %s", error)
                    continue
                if event is None:
                    return
                await self._announce(event)

    async def test(self, url: str) -> None:
        """Send a test notification to one address; raises what `try_address` raises."""
        await self.try_address(Address.of(url), self._config.value)

    async def try_address(self, address: Address, config: Config) -> None:
        """Send a test notification to an address that need not be stored.

        Args:
            address: The address.
            config: Configuration with the key of signatures.

        Raises:
            NotificationFailedError: If it was not accepted.
            AdapterNotFoundError: If a package is missing; the hint names it.
        """
        await self._deliver(address, trial_message(self._clock.now()), config)

    async def test_all(self) -> Mapping[str, str]:
        """Send a test notification to every configured address.

        Returns:
            Name without secrets → reason of the failure, or an empty string. Equal names are
            numbered.
        """
        results: dict[str, str] = {}
        for number, address in enumerate(self._addresses(), start=1):
            try:
                await self._deliver(address, trial_message(self._clock.now()))
                outcome: str = ""
            except AniworldError as error:
                outcome = (
                    Message("with_hint", message=error.message, hint=error.hint)
                    if error.hint
                    else error.message
                )
            results[f"{number}: {address.label}"] = outcome
        return results

    def _addresses(self) -> Sequence[Address]:
        notifications = self._config.value.notifications
        return (
            *(Address(url=url, is_webhook=False) for url in notifications.urls),
            *(Address(url=url, is_webhook=True) for url in notifications.webhooks),
        )

    async def _announce(self, event: Event) -> None:
        addresses = self._addresses()
        if not addresses:
            return
        notification = notification_of(event)
        if notification is None or not self._is_wanted(event, notification):
            return
        if not await self._is_ours(event, notification):
            return
        async with anyio.create_task_group() as tasks:
            for address in addresses:
                tasks.start_soon(self._try, address, notification)

    def _is_wanted(self, event: Event, notification: Notification) -> bool:
        config = self._config.value
        kinds = config.notifications.events
        if kinds and notification.kind not in kinds:
            return False
        if isinstance(event, DownloadFailed):
            return not event.item.may_be_retried(config.downloads.retry_policy)
        if notification.kind is not NotificationKind.DISK_LOW:
            return True
        last, self._disk_low_at = self._disk_low_at, notification.at
        if last is not None and abs(notification.at - last) < DISK_LOW_AGAIN:
            self._disk_low_at = last
            return False
        return True

    async def _is_ours(self, event: Event, notification: Notification) -> bool:
        """Return whether no other server sends this notification."""
        name, within = _name_of(event, notification)
        try:
            return await self._is_first(name, at=self._clock.now(), within=within)
        except StorageUnavailableError:
            return True  # rather twice than not at all

    async def _try(self, address: Address, notification: Notification) -> None:
        try:
            await self._deliver(address, notification)
        except AniworldError as error:
            logger.warning("cannot notify %s of %r: %s", address.label, notification.title, error)

    async def _deliver(
        self, address: Address, notification: Notification, config: Config | None = None
    ) -> None:
        try:
            with anyio.fail_after(DEADLINE.total_seconds()):
                async with self._open(address, config or self._config.value) as notifier:
                    await notifier.notify(notification)
        except TimeoutError as error:
            reason = Message("no_answer_within", waited_seconds=DEADLINE.total_seconds())
            raise NotificationFailedError(address.label, reason) from error


def _name_of(event: Event, notification: Notification) -> tuple[str, timedelta]:
    """Return what servers call the same notification, and how long it is the same."""
    name = f"notification {notification.kind}"
    match event:
        case DownloadCompleted(item=item) | DownloadFailed(item=item):
            return f"{name} {item.id} {item.completed_at}", timedelta(days=1)
        case EpisodesFound(key=key, codes=codes):
            return f"{name} {key} {' '.join(codes)}", timedelta(minutes=1)
        case QueueStateChanged():
            return name, DISK_LOW_AGAIN
        case _:
            return name, timedelta(seconds=10)
