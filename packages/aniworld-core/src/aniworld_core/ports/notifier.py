"""Telling somebody outside."""

from abc import ABC, abstractmethod

from aniworld_core.domain.events import Event


class Notifier(ABC):
    """Delivers news of events."""

    @abstractmethod
    async def notify(self, event: Event) -> None:
        """Deliver the event; runs beside downloads and never delays one.

        Raises:
            NotificationFailedError: If it could not be delivered.
        """
