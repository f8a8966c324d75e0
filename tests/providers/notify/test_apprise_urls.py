"""Notifications through Apprise, with a stand-in because it is not installed for tests."""

import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import anyio
import pytest

from aniworld_core.domain.automation import Notification
from aniworld_core.domain.configuration import NotificationKind
from aniworld_core.errors import AdapterNotFoundError, NotificationFailedError
from aniworld_core.ports.context import AdapterContext
from aniworld_core.testing.waiting import PATIENCE
from aniworld_providers.notify.apprise_urls import open_notifier
from support.adapter_context import make_context

pytestmark = pytest.mark.anyio

AT = datetime(2026, 1, 1, tzinfo=UTC)
NEWS = Notification(kind=NotificationKind.FAILED, at=AT, title="it failed", body="why")


class Apprise:
    """Accept addresses of one kind; the address selects the result."""

    sent: ClassVar[list[dict[str, str]]] = []
    released = threading.Event()
    #: The services that were added, with the asset that they were added with.
    added: ClassVar[list[SimpleNamespace]] = []

    def __init__(self, asset: SimpleNamespace) -> None:
        self.asset = asset

    def __iter__(self) -> Iterator[SimpleNamespace]:
        return iter(self.added)

    def add(self, url: str) -> bool:
        """Parse an address."""
        self.url = url
        # As Apprise does: an address may say it for itself.
        redirects = "redirect=yes" in url or self.asset.http_redirects
        self.added.append(SimpleNamespace(redirects=redirects))
        return url.startswith("known://")

    def notify(self, **message: str) -> bool:
        """Send, fail, raise or hang."""
        if self.url.endswith("hang"):
            self.released.wait()
        if self.url.endswith("break"):
            raise TypeError(self.url)
        self.sent.append(message)
        return not self.url.endswith("fail")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Install the stand-in and return what it sent."""
    module = SimpleNamespace(Apprise=Apprise, AppriseAsset=SimpleNamespace)
    monkeypatch.setitem(sys.modules, "apprise", module)
    monkeypatch.setattr(Apprise, "sent", [])
    monkeypatch.setattr(Apprise, "added", [])
    monkeypatch.setattr(Apprise, "released", threading.Event())
    return Apprise.sent


@pytest.fixture
def context(tmp_path: Path) -> AdapterContext:
    return make_context(tmp_path)


async def _tell(url: str, context: AdapterContext, notification: Notification = NEWS) -> None:
    async with open_notifier(url, context) as notifier:
        await notifier.notify(notification)


async def test_notifications_are_sent(sent: list[dict[str, str]], context: AdapterContext) -> None:
    """They have a type, and the body is never empty because many services refuse that."""
    await _tell("known://x", context)
    await _tell(
        "known://x", context, Notification(kind=NotificationKind.QUEUE_DRAINED, at=AT, title="done")
    )
    assert sent == [
        {"title": "it failed", "body": "why", "notify_type": "failure"},
        {"title": "done", "body": "done", "notify_type": "info"},
    ]


@pytest.mark.parametrize("url", ["known://x", "known://x?redirect=yes"])
async def test_a_service_cannot_redirect_to_another_address(
    sent: list[dict[str, str]], context: AdapterContext, url: str
) -> None:
    """Redirects are off, also where the address asks for them."""
    await _tell(url, context)
    assert [each.redirects for each in Apprise.added] == [False]


@pytest.mark.parametrize("url", ["known://secret/fail", "known://secret/break", "other://secret"])
async def test_a_failure_is_named_without_its_secret(
    sent: list[dict[str, str]], context: AdapterContext, url: str
) -> None:
    """The error names the kind of service only."""
    with pytest.raises(NotificationFailedError) as failed:
        await _tell(url, context)
    assert url.partition(":")[0] in str(failed.value)
    assert "secret" not in str(failed.value)


async def test_a_hanging_service_can_be_cancelled(
    sent: list[dict[str, str]], context: AdapterContext
) -> None:
    """Its thread is abandoned."""
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_tell, "known://hang", context)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
        assert tasks.cancel_scope.cancelled_caught
        assert sent == []
    Apprise.released.set()


async def test_without_apprise_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, context: AdapterContext
) -> None:
    """The hint names the extra to install."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(AdapterNotFoundError) as missing:
        await _tell("known://x", context)
    assert missing.value.hint == "install the extra: aniworld-providers[notify]"
