"""Sending of notifications."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import anyio
import attrs
import pytest

from aniworld_core.application.automation import DISK_LOW_AGAIN, Address, NotificationSender
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.automation import Notification
from aniworld_core.domain.configuration import Config, NotificationKind, NotificationsConfig
from aniworld_core.domain.downloads import DownloadStatus
from aniworld_core.domain.identity import FolderName
from aniworld_core.errors import (
    AdapterNotFoundError,
    DiskFullError,
    NotificationFailedError,
    StorageUnavailableError,
)
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    Event,
    QueueDrained,
    QueueStateChanged,
)
from aniworld_core.ports.notifier import Notifier
from aniworld_core.ports.storage import Storage
from aniworld_core.testing import START, make_failure, make_item
from aniworld_core.testing.fakes import FakeClock, RecordingBus
from aniworld_core.testing.memory import MemoryStorage
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio

MAIL = "mailto://user:secret@mail.invalid"
HOOK = "https://hooks.invalid/secret"
FOLDER = FolderName("Titan")
DRAINED = QueueDrained(at=START)


@attrs.define(eq=False)
class Outside(Notifier):
    """Fake notifiers that record notifications, and fail or hang on request."""

    told: list[tuple[str, Notification]] = attrs.field(factory=list)
    broken: set[str] = attrs.field(factory=set)
    hanging: set[str] = attrs.field(factory=set)
    _url: str = ""

    @asynccontextmanager
    async def open(self, address: Address, config: Config) -> AsyncIterator[Notifier]:
        """Open the notifier of an address."""
        yield attrs.evolve(self, url=address.url)

    async def notify(self, notification: Notification) -> None:
        """Record the notification."""
        if self._url in self.hanging:
            await anyio.sleep_forever()
        if self._url in self.broken:
            raise NotificationFailedError("somebody", "no answer")
        self.told.append((self._url, notification))

    def kinds(self) -> list[str]:
        """Return the kinds of recorded notifications in order."""
        return [notification.kind.value for _, notification in self.told]


@attrs.define(eq=False)
class World:
    """A notification sender with its fakes."""

    outside: Outside = attrs.field(factory=Outside)
    bus: RecordingBus = attrs.field(factory=RecordingBus)
    config: CurrentConfig = attrs.field(
        factory=lambda: CurrentConfig(
            Config(notifications=NotificationsConfig(urls=(MAIL,), webhooks=(HOOK,)))
        )
    )
    storage: Storage = attrs.field(factory=MemoryStorage)
    notifications: NotificationSender = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.notifications = NotificationSender(
            bus=self.bus,
            config=self.config,
            clock=FakeClock(),
            open=self.outside.open,
            is_first=self.storage.is_first,
        )

    async def carry(self, *events: Event) -> None:
        """Publish these events and wait until they are handled."""
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self.notifications.run)
                await _settle()
                for event in events:
                    await self.bus.publish(event)
                await _settle()
                tasks.cancel_scope.cancel()


async def _settle() -> None:
    for _ in range(100):
        await anyio.lowlevel.checkpoint()


@pytest.fixture
def world() -> World:
    return World()


def completed() -> DownloadCompleted:
    return DownloadCompleted(item=make_item(), folder=FOLDER, at=START)


def disk_full(at: datetime = START) -> QueueStateChanged:
    return QueueStateChanged(
        is_running=True, is_paused=False, at=at, waiting_for=DiskFullError("/srv").message
    )


async def test_every_address_is_told(world: World) -> None:
    """All addresses get the same notification."""
    await world.carry(completed(), DRAINED)
    told = [(url, notification.kind) for url, notification in world.outside.told]
    for url in (MAIL, HOOK):
        assert [kind for to, kind in told if to == url] == ["completed", "queue_drained"]


async def test_without_addresses_nothing_happens(world: World) -> None:
    """The current configuration applies, also without addresses."""
    world.config.value = Config()
    await world.carry(completed())
    assert world.outside.told == []


async def test_only_the_chosen_kinds(world: World) -> None:
    """`notifications.events` selects the kinds."""
    notifications = attrs.evolve(world.config.value.notifications, events=("queue_drained",))
    world.config.value = attrs.evolve(world.config.value, notifications=notifications)
    await world.carry(completed(), DRAINED)
    assert world.outside.kinds() == ["queue_drained"] * 2


async def test_a_failure_is_told_when_it_is_final(world: World) -> None:
    """A failure that will be retried sends no notification."""
    passing = make_item(
        status=DownloadStatus.FAILED, failure=make_failure("fetch_interrupted", retryable=True)
    )
    final = attrs.evolve(passing, retry_count=3)
    await world.carry(
        DownloadFailed(item=passing, folder=FOLDER, at=START),
        DownloadFailed(item=final, folder=FOLDER, at=START),
    )
    assert world.outside.kinds() == ["failed"] * 2


async def test_a_full_disk_is_told_now_and_then(world: World) -> None:
    """A full disk sends at most one notification per hour."""
    await world.carry(
        disk_full(),
        disk_full(START + timedelta(minutes=1)),
        disk_full(START + DISK_LOW_AGAIN - timedelta(seconds=1)),
        disk_full(START + DISK_LOW_AGAIN),
    )
    assert world.outside.kinds() == ["disk_low"] * 4


async def test_one_that_fails_does_not_stop_the_others(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A failing address is logged without its secrets and does not affect others."""
    world.outside.broken = {HOOK}
    with caplog.at_level(logging.DEBUG):
        await world.carry(completed(), DRAINED)
    assert [url for url, _ in world.outside.told] == [MAIL, MAIL]
    assert "the webhook at hooks.invalid" in caplog.text
    assert "secret" not in caplog.text


async def test_one_that_hangs_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hanging address times out without delaying other addresses."""
    monkeypatch.setattr(
        "aniworld_core.application.automation.notification_sender.DEADLINE", timedelta(0)
    )
    world.outside.hanging = {MAIL}
    await world.carry(completed(), DRAINED)
    assert [url for url, _ in world.outside.told] == [HOOK, HOOK]


async def test_publishers_never_wait(world: World) -> None:
    """Publishing an event never waits for a notifier."""
    world.outside.hanging = {MAIL, HOOK}
    await world.carry(*[completed() for _ in range(1000)])
    assert world.outside.told == []


async def test_a_trial_of_one_address(world: World) -> None:
    """A test notification ignores the selected kinds, and its failure is raised."""
    await world.notifications.test("https://other.invalid/x")
    ((url, notification),) = world.outside.told
    assert (url, notification.kind) == ("https://other.invalid/x", NotificationKind.TEST)
    world.outside.broken = {MAIL}
    with pytest.raises(NotificationFailedError):
        await world.notifications.test(MAIL)


async def test_a_trial_of_all(world: World) -> None:
    """The result for each address has no secrets and contains the failure."""
    world.outside.broken = {HOOK}
    assert await world.notifications.test_all() == {
        "1: mailto": "",
        "2: the webhook at hooks.invalid": "could not notify somebody: no answer",
    }


async def test_what_must_be_installed_is_said(world: World) -> None:
    """The hint names the missing package."""

    def open_none(address: Address, config: Config) -> None:
        error = AdapterNotFoundError("aniworld.notifier", "apprise", ())
        error.hint = "install the extra"
        raise error

    sender = NotificationSender(
        bus=world.bus,
        config=world.config,
        clock=FakeClock(),
        open=open_none,  # type: ignore[arg-type]
    )
    results = await sender.test_all()
    assert all(result.endswith("install the extra") for result in results.values())
    with pytest.raises(AdapterNotFoundError):
        await sender.test(MAIL)


@pytest.mark.parametrize(
    ("url", "is_webhook", "label"),
    [
        ("HTTPS://u:p@h.invalid/p", True, "the webhook at h.invalid"),
        ("http://[", True, "a webhook"),
        ("tgram://token/chat", False, "tgram"),
        ("token:chat", False, "an address"),
    ],
)
def test_an_address_keeps_its_secret(url: str, is_webhook: bool, label: str) -> None:
    """The name and the repr of an address show only the service or host."""
    address = Address.of(url)
    assert (address.is_webhook, address.label) == (is_webhook, label)
    assert url not in repr(address)


@attrs.define(eq=False)
class SharedNames(MemoryStorage):
    """A storage of several machines, or one that cannot be reached."""

    is_away: bool = False
    names: set[str] = attrs.field(factory=set)

    async def is_first(self, name: str, *, at: datetime, within: timedelta) -> bool:
        """Return whether the name is new."""
        if self.is_away:
            raise StorageUnavailableError("away")
        is_new = name not in self.names
        self.names.add(name)
        return is_new


async def test_of_several_servers_one_sends() -> None:
    """An event that all servers see is sent by one of them; other events are sent, too."""
    storage = SharedNames()
    worlds = [World(storage=storage) for _ in range(3)]
    for world in worlds:
        other = attrs.evolve(completed(), item=make_item(2))
        await world.carry(completed(), other)

    assert [len(world.outside.told) for world in worlds] == [4, 0, 0]


async def test_it_is_sent_while_the_database_is_away() -> None:
    """Rather a notification too much than none."""
    world = World(storage=SharedNames(is_away=True))
    await world.carry(completed())

    assert len(world.outside.told) == 2
