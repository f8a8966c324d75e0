"""Choice of the notifier for an address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import ClassVar, cast

import attrs
import pytest

from aniworld_core.application.automation import Address
from aniworld_core.bootstrap import plugins
from aniworld_core.bootstrap.opening.notifiers import NOTIFIERS as GROUP
from aniworld_core.bootstrap.opening.notifiers import notifier_opener
from aniworld_core.domain.automation import Notification
from aniworld_core.domain.configuration import Config
from aniworld_core.errors import AdapterNotFoundError, NotificationFailedError
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.notifier import Notifier
from support.application_stage import open_stage

CONTEXT = cast("AdapterContext", "the context of the moment")


def webhook(url: str, context: AdapterContext) -> object:
    """Return the adapter's name."""
    return ("webhook", url, context)


def apprise(url: str, context: AdapterContext) -> object:
    """Return the adapter's name."""
    return ("apprise", url, context)


def pigeon(url: str, context: AdapterContext) -> object:
    """Return the adapter's name."""
    return ("pigeon", url, context)


@attrs.define(eq=False)
class Dove(Notifier):
    """Notifier that records its notifications and the configuration it was opened with."""

    flights: ClassVar[list[tuple[str, Config]]] = []
    _url: str
    _config: Config

    async def notify(self, notification: Notification) -> None:
        """Record the notification."""
        self.flights.append((self._url, self._config))


@asynccontextmanager
async def dove(url: str, context: AdapterContext) -> AsyncIterator[Notifier]:
    """Open a notifier."""
    yield Dove(url, context.config)


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace the installed adapters by these; a test may remove some."""
    names = ["webhook", "apprise", "pigeon", "dove"]

    def offered(group: str) -> list[EntryPoint]:
        return [EntryPoint(name, f"{__name__}:{name}", group) for name in names if group == GROUP]

    monkeypatch.setattr(plugins, "_offered", offered)
    return names


@pytest.mark.parametrize(
    ("url", "is_webhook", "name"),
    [
        ("https://hooks.invalid/x", True, "webhook"),
        ("mailto://x", False, "apprise"),
        ("pigeon://roof", False, "pigeon"),
        ("https://discord.invalid/x", False, "apprise"),
        ("webhook://x", False, "apprise"),
    ],
)
def test_the_adapter_of_an_address(url: str, is_webhook: bool, name: str) -> None:
    """A webhook has its own adapter; others use that of their scheme, else the general one."""
    opened: object = notifier_opener(lambda _config: CONTEXT)(
        Address(url=url, is_webhook=is_webhook), Config()
    )
    assert opened == (name, url, CONTEXT)


def test_nothing_is_installed(installed: list[str]) -> None:
    """The error names the missing adapter."""
    installed.clear()
    with pytest.raises(AdapterNotFoundError, match="apprise"):
        notifier_opener(lambda _config: CONTEXT)(
            Address(url="mailto://x", is_webhook=False), Config()
        )


def test_what_is_no_address_is_refused() -> None:
    """An invalid address is refused without showing its secret."""
    with pytest.raises(NotificationFailedError) as refused:
        notifier_opener(lambda _config: CONTEXT)(
            Address(url="//secret@x", is_webhook=False), Config()
        )
    assert "secret" not in str(refused.value)


@pytest.mark.anyio
async def test_an_application_tells_under_the_present_configuration(tmp_path: Path) -> None:
    """A notifier is opened with the current configuration."""
    async with open_stage(tmp_path) as stage:
        changed = attrs.evolve(stage.app.current_config.value, name="changed")
        stage.app.current_config.value = changed
        await stage.app.notifications.test("dove://ark")
    assert Dove.flights == [("dove://ark", changed)]
