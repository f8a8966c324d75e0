"""Contract suite of `Notifier`."""

from datetime import timedelta
from typing import ClassVar

import anyio
import attrs
import pytest

from aniworld_core.domain.automation import Notification
from aniworld_core.domain.configuration import NotificationKind
from aniworld_core.errors import NotificationFailedError
from aniworld_core.ports.notifier import Notifier
from aniworld_core.testing.factories import START
from aniworld_core.testing.waiting import PATIENCE

NOTIFICATION = Notification(
    kind=NotificationKind.TEST,
    at=START,
    title="Grüße: \N{JAPANESE OGRE}",
    body='two lines\nwith <b>&amp;</b> and "quotes"',
)


class NotifierContract:
    """Subclass it and provide the fixtures `notifier` and `failing`.

    `failing` sends to an address that refuses everything and contains the text `secret`.
    """

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_a_notification_is_sent(self, notifier: Notifier) -> None:
        """A notification with any text is sent, and may be sent again."""
        with anyio.fail_after(PATIENCE):
            await notifier.notify(NOTIFICATION)
            await notifier.notify(attrs.evolve(NOTIFICATION, at=START + timedelta(seconds=1)))

    async def test_many_are_sent_at_once(self, notifier: Notifier) -> None:
        """Concurrent notifications do not disturb each other."""
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                for _ in range(5):
                    tasks.start_soon(notifier.notify, NOTIFICATION)

    async def test_a_refusal_hides_the_address(self, failing: Notifier) -> None:
        """A failure raises `NotificationFailedError`, which contains no secret of the address."""
        with anyio.fail_after(PATIENCE):
            with pytest.raises(NotificationFailedError) as refused:
                await failing.notify(NOTIFICATION)

        assert "secret" not in str(refused.value)
        assert "secret" not in repr(failing)

    async def test_it_can_be_cancelled(self, notifier: Notifier) -> None:
        """A cancelled notification ends, and the next one is sent."""
        with anyio.fail_after(PATIENCE):
            with anyio.CancelScope() as scope:
                scope.cancel()
                await notifier.notify(NOTIFICATION)
            await notifier.notify(NOTIFICATION)
