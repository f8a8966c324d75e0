"""Notifier: send notifications to one address."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from aniworld_core.domain.automation import Notification
from aniworld_core.ports.context import AdapterContext


class Notifier(ABC):
    """Send notifications to one address."""

    @abstractmethod
    async def notify(self, notification: Notification) -> None:
        """Send the notification; runs concurrently with downloads.

        Raises:
            NotificationFailedError: If it could not be sent; contains no secret of the address.
        """


#: Open the notifier of an address. Raise `NotificationFailedError` if it cannot be used, and
#: `AdapterNotFoundError` if a package is missing.
NotifierFactory: TypeAlias = Callable[[str, AdapterContext], AbstractAsyncContextManager[Notifier]]
