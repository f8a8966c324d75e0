"""Change the configuration: secrets, validation, and the configuration in force."""

import json
from datetime import timedelta

import attrs
import pytest

from aniworld_core.application.configuration import (
    ConfigEditor,
    CurrentConfig,
    document_from_config,
    redacted,
)
from aniworld_core.domain.configuration import Config, NotificationsConfig, OtherConfig
from aniworld_core.errors import InvalidConfigError, SettingNotFoundError, UsageError
from aniworld_core.testing.fakes import FakeClock, MemoryConfigStore

pytestmark = pytest.mark.anyio

STORED = Config(
    name="stored",
    other=OtherConfig(master_password_hash="hash", anime_directory="/a"),
    notifications=NotificationsConfig(urls=("mailto://x",)),
)


@pytest.fixture
def store() -> MemoryConfigStore:
    return MemoryConfigStore(config=STORED)


@pytest.fixture
def current() -> CurrentConfig:
    return CurrentConfig(STORED)


@pytest.fixture
def editor(store: MemoryConfigStore, current: CurrentConfig) -> ConfigEditor:
    return ConfigEditor(store=store, clock=FakeClock(), current=current)


async def test_a_partial_document_changes_what_it_names(
    editor: ConfigEditor, store: MemoryConfigStore, current: CurrentConfig
) -> None:
    """A partial document changes only its settings, at once."""
    config = await editor.replace({"downloads": {"concurrent": 3}})
    assert config == attrs.evolve(STORED, downloads=attrs.evolve(STORED.downloads, concurrent=3))
    assert store.config == current.value == await editor.read() == config
    assert len(await editor.backups()) == 1


async def test_a_view_sent_back_changes_nothing(editor: ConfigEditor) -> None:
    """Saving an unchanged view changes nothing."""
    view = redacted(document_from_config(STORED))
    assert await editor.replace(view) == STORED
    assert list(await editor.backups()) == []


@pytest.mark.parametrize("hashed", ["other", "", 5, None, "********"])
async def test_a_document_never_touches_the_password(editor: ConfigEditor, hashed: object) -> None:
    """The password hash in a document is ignored."""
    config = await editor.replace({"other": {"master_password_hash": hashed}})
    assert config.other.master_password_hash == "hash"
    with pytest.raises(UsageError):
        await editor.set({"other.master_password_hash": "x"})


async def test_the_password_hash_has_its_own_way(
    editor: ConfigEditor, store: MemoryConfigStore, current: CurrentConfig
) -> None:
    """`set_password_hash` changes only the hash."""
    assert await editor.set_password_hash("new") == "new"
    assert store.config is not None
    assert store.config.other == OtherConfig(master_password_hash="new", anime_directory="/a")
    assert current.value == store.config


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"downloads": {"concurrent": 0}}, "/downloads/concurrent"),
        ({"downloads": 5}, "/downloads"),
        ({"other": 5}, "/other"),
        ({"notifications": {"urls": ["mailto://y", "********"]}}, "/notifications/urls/1"),
        ({"network": {"proxy": "nonsense"}}, "/network/proxy"),
    ],
)
async def test_a_wrong_document_changes_nothing(
    editor: ConfigEditor,
    store: MemoryConfigStore,
    current: CurrentConfig,
    document: dict[str, object],
    pointer: str,
) -> None:
    """An invalid document is refused completely, with the same pointers as a check."""
    check = await editor.check(document)
    assert not check.is_valid
    with pytest.raises(InvalidConfigError) as invalid:
        await editor.replace(document)
    assert [p for p, _ in invalid.value.problems] == [p for p, _ in check.errors] == [pointer]
    assert store.config == current.value == STORED


async def test_checking_warns_and_changes_nothing(
    editor: ConfigEditor, store: MemoryConfigStore
) -> None:
    """Unknown settings and a relative library folder are warnings."""
    check = await editor.check({"later": 1, "other": {"anime_directory": "anime"}})
    assert check.is_valid
    assert [pointer for pointer, _ in check.warnings] == ["/later", "/other/anime_directory"]
    assert store.config == STORED
    fine = await editor.check({"other": {"anime_directory": "~/anime"}})
    assert fine.warnings == ()


async def test_single_settings(editor: ConfigEditor, current: CurrentConfig) -> None:
    """Settings are set by dotted name; unknown names and invalid values change nothing."""
    await editor.set({"downloads.concurrent": "4"})
    assert current.value.downloads.concurrent == 4
    with pytest.raises(SettingNotFoundError):
        await editor.set({"downloads.nope": "4"})
    with pytest.raises(InvalidConfigError):
        await editor.set({"downloads.concurrent": "400"})
    assert current.value.downloads.concurrent == 4
    assert current.value.other.master_password_hash == "hash"


async def test_backups(editor: ConfigEditor, current: CurrentConfig) -> None:
    """Backups are made, listed, restored and removed."""
    backup = await editor.back_up()
    await editor.set({"name": "changed"})
    restored = await editor.restore(backup.name)
    assert restored == current.value == STORED
    for info in await editor.backups():
        await editor.remove_backup(info.name)
    assert list(await editor.backups()) == []


async def test_backups_are_named_after_the_clock(store: MemoryConfigStore) -> None:
    """The time in the name of a backup comes from the clock port."""
    clock = FakeClock()
    clock.advance(timedelta(days=1))
    editor = ConfigEditor(store=store, clock=clock, current=CurrentConfig(STORED))
    assert (await editor.back_up()).name == "config-20260102T120000.000000Z.json"


async def test_setting_a_new_address_asks_for_its_secret_again() -> None:
    """A new address requires its secret in the same step."""
    editor = ConfigEditor(
        store=MemoryConfigStore(Config()), clock=FakeClock(), current=CurrentConfig(Config())
    )
    own = {"name": "tv", "base_url": "http://tv", "password": "S3CRET"}
    await editor.replace({"providers": {"a": {"servers": [own]}}})
    moved = json.dumps([{**own, "base_url": "http://evil", "password": "********"}])
    with pytest.raises(InvalidConfigError) as refused:
        await editor.set({"providers.a.servers": moved})
    assert [p for p, _ in refused.value.problems] == ["/providers/a/servers/0/password"]
    with pytest.raises(InvalidConfigError) as refused:
        await editor.set({"network.proxy": "http://evil:1"})
    assert [p for p, _ in refused.value.problems] == ["/providers/a/servers/0/password"]
    config = await editor.set({"name": "later"})
    assert config.providers["a"].servers[0].password == "S3CRET"


async def test_setting_one_notification_list_keeps_the_other_secrets() -> None:
    """Addresses of services, webhooks and their key are changed one at a time."""
    editor = ConfigEditor(
        store=MemoryConfigStore(Config()), clock=FakeClock(), current=CurrentConfig(Config())
    )
    urls, hooks, key = (f"notifications.{n}" for n in ("urls", "webhooks", "webhook_secret"))
    await editor.set({urls: "json://user:pass@a.example,ntfy://topic"})
    await editor.set({key: "s" * 16, hooks: "https://a.example"})
    await editor.set({hooks: "********,https://b.example"})
    await editor.set({urls: "********,********,ntfy://later"})
    config = await editor.set({"notifications": '{"events": ["failed"]}'})

    assert config.notifications == NotificationsConfig(
        urls=("json://user:pass@a.example", "ntfy://topic", "ntfy://later"),
        webhooks=("https://a.example", "https://b.example"),
        webhook_secret="s" * 16,
        events=("failed",),
    )
    config = await editor.set({key: "t" * 16})
    assert config.notifications.webhook_secret == "t" * 16
    assert len(config.notifications.urls) == 3


async def test_what_another_process_stores_is_put_in_force(
    editor: ConfigEditor, store: MemoryConfigStore, current: CurrentConfig
) -> None:
    """The configuration in force follows the stored one; an unusable one changes nothing."""
    applied: list[Config] = []
    current.listen(applied.append)
    await editor.follow()
    store.config = changed = attrs.evolve(STORED, name="changed")
    await editor.follow()
    await editor.follow()
    assert current.value == changed
    store.config = attrs.evolve(STORED, name="unusable")
    store.error = InvalidConfigError([("/name", "unusable")])
    await editor.follow()
    assert applied == [changed]
    store.config, store.error = attrs.evolve(STORED, name="usable"), None
    await editor.follow()
    assert current.value.name == "usable"
