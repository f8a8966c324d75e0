"""Telling somebody outside."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from aniworld_core.domain.automation import Notification
from aniworld_core.ports.context import AdapterContext


class Notifier(ABC):
    """Delivers notification to one address."""

    @abstractmethod
    async def notify(self, notification: Notification) -> None:
        """Deliver the notification; runs beside downloads and never delays one.

        Raises:
            NotificationFailedError: If it could not be delivered; says nothing secret about the
                address.
        """


#: Opens the notifier of an address. Raises `NotificationFailedError` if it cannot be used, and
#: `AdapterNotFoundError` if something must be installed for it.
NotifierFactory: TypeAlias = Callable[[str, AdapterContext], AbstractAsyncContextManager[Notifier]]
