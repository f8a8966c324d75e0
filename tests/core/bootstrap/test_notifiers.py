"""Which adapter tells whom."""

from importlib.metadata import EntryPoint
from typing import cast

import pytest

from aniworld_core.application.announcer import Address
from aniworld_core.bootstrap import plugins
from aniworld_core.bootstrap.notifiers import GROUP, notifier_opener
from aniworld_core.errors import AdapterNotFoundError, NotificationFailedError
from aniworld_core.ports.context import AdapterContext

CONTEXT = cast("AdapterContext", "the context of the moment")


def webhook(url: str, context: AdapterContext) -> object:
    """Tell who was asked for."""
    return ("webhook", url, context)


def apprise(url: str, context: AdapterContext) -> object:
    """Tell who was asked for."""
    return ("apprise", url, context)


def pigeon(url: str, context: AdapterContext) -> object:
    """Tell who was asked for."""
    return ("pigeon", url, context)


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make these the only adapters installed; a test may take some out."""
    names = ["webhook", "apprise", "pigeon"]

    def entry_points(group: str) -> list[EntryPoint]:
        return [EntryPoint(name, f"{__name__}:{name}", group) for name in names if group == GROUP]

    monkeypatch.setattr(plugins, "entry_points", entry_points)
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
    """Webhooks have their own; else the one of the scheme, else the general one."""
    opened: object = notifier_opener(lambda: CONTEXT)(Address(url=url, is_webhook=is_webhook))
    assert opened == (name, url, CONTEXT)


def test_nothing_is_installed(installed: list[str]) -> None:
    """What is missing is named."""
    installed.clear()
    with pytest.raises(AdapterNotFoundError, match="apprise"):
        notifier_opener(lambda: CONTEXT)(Address(url="mailto://x", is_webhook=False))


def test_what_is_no_address_is_refused() -> None:
    """Its secret part is not shown."""
    with pytest.raises(NotificationFailedError) as refused:
        notifier_opener(lambda: CONTEXT)(Address(url="//secret@x", is_webhook=False))
    assert "secret" not in str(refused.value)
