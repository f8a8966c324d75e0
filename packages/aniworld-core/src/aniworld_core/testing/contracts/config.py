"""Contract suite of `ConfigStore`."""

from datetime import timedelta
from typing import ClassVar

import attrs
import pytest

from aniworld_core.domain.configuration import BackupConfig, Config, OtherConfig
from aniworld_core.errors import BackupNotFoundError, ConfigChangedError, InvalidConfigError
from aniworld_core.ports.config import ConfigStore, StoredDocument
from aniworld_core.testing.factories import START

_MINUTE = timedelta(minutes=1)
_HOSTILE_NAMES = (
    "",
    ".",
    "..",
    "config.json",
    "../config.json",
    "..%2fconfig.json",
    "..\\config.json",
    "/etc/passwd",
    "config-20260101T120000.000000Z.json/../../config.json",
    "config-20260101T120000.000000Z.json\x00",
    "config-99999999T999999.999999Z.json",
)


def named(name: str, *, secret: str = "", keep: int = 20) -> Config:
    """Return a configuration with a distinguishable name."""
    return Config(
        name=name, other=OtherConfig(master_password_hash=secret), backup=BackupConfig(keep=keep)
    )


class ConfigStoreContract:
    """Subclass it, name the class `Test…` and override the `store` fixture."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    async def store(self) -> ConfigStore:
        """Return an empty store; subclasses override it."""
        raise TypeError("override the `store` fixture")

    async def test_an_empty_store_has_the_defaults(self, store: ConfigStore) -> None:
        """An empty store returns the defaults and has no backups."""
        assert await store.load() == Config()
        assert list(await store.backups()) == []

    async def test_what_is_saved_is_loaded(self, store: ConfigStore) -> None:
        """Every field and every unknown setting is stored."""
        config = attrs.evolve(named("first", secret="hash"), unknown={"/later": {"a": [1]}})
        await store.save(config, at=START)
        assert await store.load() == config

    async def test_saving_keeps_the_former_one(self, store: ConfigStore) -> None:
        """Saving keeps the old version as a backup named after the time of the change."""
        await store.save(named("first"), at=START)
        await store.save(named("second"), at=START + _MINUTE)
        backups = await store.backups()
        assert [b.name for b in backups] == ["config-20260101T120100.000000Z.json"]
        assert backups[0].created_at.endswith("Z")
        restored = await store.restore(backups[0].name, at=START + 2 * _MINUTE)
        assert restored.name == "first"

    async def test_saving_the_same_changes_nothing(self, store: ConfigStore) -> None:
        """Saving an equal configuration makes no backup."""
        await store.save(named("first"), at=START)
        await store.save(named("first"), at=START + _MINUTE)
        assert list(await store.backups()) == []

    async def test_invalid_settings_are_kept(self, store: ConfigStore) -> None:
        """A store that can hold invalid settings keeps them beside a change, and a backup."""
        await store.save(named("first"), at=START)
        if await store.document() is None:
            pytest.skip("this store cannot hold invalid settings")
        document = {"name": 5, "later": {"a": [1]}}
        async with store.exclusive():
            await store.save_document(document, Config(), at=START)
        assert await store.document() == StoredDocument(document)
        with pytest.raises(InvalidConfigError):
            await store.load()
        assert len(await store.backups()) == 1
        await store.save(named("second"), at=START + _MINUTE)
        assert (await store.load()).name == "second"

    async def test_the_revision_shows_changes(self, store: ConfigStore) -> None:
        """The revision changes with the configuration, and only with it."""
        revisions = [await store.revision()]
        for name in ("first", "second", "second"):
            await store.save(named(name), at=START)
            revisions.append(await store.revision())
        assert len(set(revisions[:3])) == 3
        assert revisions[3] == revisions[2]

    async def test_backups_can_be_switched_off(self, store: ConfigStore) -> None:
        """With `keep = 0` only explicit backups are made."""
        off = BackupConfig(enabled=False)
        await store.save(attrs.evolve(named("first"), backup=off), at=START)
        await store.save(attrs.evolve(named("second"), backup=off), at=START + _MINUTE)
        assert list(await store.backups()) == []
        await store.back_up(at=START)
        assert len(await store.backups()) == 1

    async def test_only_the_newest_are_kept(self, store: ConfigStore) -> None:
        """Only the configured number of backups is kept, newest first."""
        for number in range(6):
            await store.save(named(str(number), keep=3), at=START + number * _MINUTE)
        names = [backup.name for backup in await store.backups()]
        assert names == sorted(names, reverse=True)
        assert [name[18:22] for name in names] == ["0500", "0400", "0300"]

    async def test_a_backup_on_request(self, store: ConfigStore) -> None:
        """An explicit backup stores the current version; equal times get different names."""
        await store.save(named("first"), at=START)
        first = await store.back_up(at=START)
        second = await store.back_up(at=START)
        assert first.name != second.name
        assert {b.name for b in await store.backups()} == {first.name, second.name}

    async def test_restoring_backs_up_the_present(self, store: ConfigStore) -> None:
        """A restore makes a backup of the current version first."""
        await store.save(named("first"), at=START)
        await store.save(named("second"), at=START + _MINUTE)
        (backup,) = await store.backups()
        await store.restore(backup.name, at=START + 2 * _MINUTE)
        assert (await store.load()).name == "first"
        newest = (await store.backups())[0]
        assert (await store.restore(newest.name, at=START + 3 * _MINUTE)).name == "second"

    async def test_restoring_keeps_the_password(self, store: ConfigStore) -> None:
        """A restore never changes the hash of the master password."""
        await store.save(named("first", secret="old"), at=START)
        await store.save(named("second", secret="new"), at=START + _MINUTE)
        (backup,) = await store.backups()
        restored = await store.restore(backup.name, at=START + 2 * _MINUTE)
        assert restored.other.master_password_hash == "new"
        assert (await store.load()).other.master_password_hash == "new"

    async def test_a_backup_can_be_looked_at(self, store: ConfigStore) -> None:
        """Reading a backup omits the hash of the password and changes nothing."""
        await store.save(named("first", secret="old"), at=START)
        await store.save(named("second", secret="new"), at=START + _MINUTE)
        (backup,) = await store.backups()
        assert await store.read_backup(backup.name) == named("first")
        assert await store.load() == named("second", secret="new")
        assert len(await store.backups()) == 1

    async def test_it_can_be_changed_alone(self, store: ConfigStore) -> None:
        """Every method works inside `exclusive`, and again afterwards."""
        async with store.exclusive():
            await store.save(named("first"), at=START)
            assert (await store.load()).name == "first"
        async with store.exclusive():
            await store.save(named("second"), at=START + _MINUTE)
        assert (await store.load()).name == "second"

    @pytest.mark.parametrize("name", _HOSTILE_NAMES)
    async def test_only_listed_names_are_taken(self, store: ConfigStore, name: str) -> None:
        """A name that is not in the list raises `BackupNotFoundError`."""
        await store.save(named("first"), at=START)
        await store.back_up(at=START)
        with pytest.raises(BackupNotFoundError):
            await store.restore(name, at=START)
        with pytest.raises(BackupNotFoundError):
            await store.read_backup(name)
        with pytest.raises(BackupNotFoundError):
            await store.remove_backup(name)
        assert (await store.load()).name == "first"
        assert len(await store.backups()) == 1

    async def test_a_backup_can_be_removed(self, store: ConfigStore) -> None:
        """A removed backup is no longer listed and no longer found."""
        backup = await store.back_up(at=START)
        await store.remove_backup(backup.name)
        assert list(await store.backups()) == []
        with pytest.raises(BackupNotFoundError):
            await store.remove_backup(backup.name)


class SharedConfigContract:
    """For stores of several machines; subclass it and override the `stores` fixture."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    async def stores(self) -> tuple[ConfigStore, ConfigStore]:
        """Return an empty store, opened by two machines; subclasses override it."""
        raise TypeError("override the `stores` fixture")

    async def test_both_read_what_one_stored(self, stores: tuple[ConfigStore, ConfigStore]) -> None:
        """A change by one machine is read by the other, and changes its revision."""
        ours, theirs = stores
        before = await theirs.revision()

        await ours.save(named("first"), at=START)

        assert await theirs.load() == named("first")
        assert await theirs.revision() == await ours.revision() != before

    @pytest.mark.parametrize("is_first", [True, False])
    async def test_no_change_is_lost(
        self, stores: tuple[ConfigStore, ConfigStore], *, is_first: bool
    ) -> None:
        """Of two changes at the same time, the later one is refused, and no backup is lost."""
        ours, theirs = stores
        if not is_first:
            await ours.save(named("start"), at=START)

        async with ours.exclusive():
            await ours.load()
            async with theirs.exclusive():
                await theirs.save(named("theirs"), at=START + _MINUTE)
            with pytest.raises(ConfigChangedError):
                await ours.save(named("ours"), at=START + _MINUTE)

        assert await ours.load() == named("theirs")
        assert len(await ours.backups()) == (0 if is_first else 1)

    async def test_no_restored_backup_replaces_a_change(
        self, stores: tuple[ConfigStore, ConfigStore]
    ) -> None:
        """A backup is not restored over a configuration that the person did not see."""
        ours, theirs = stores
        await ours.save(named("first"), at=START)
        backup = await ours.back_up(at=START)

        async with ours.exclusive():
            await theirs.save(named("second"), at=START + _MINUTE)
            with pytest.raises(ConfigChangedError):
                await ours.restore(backup.name, at=START + _MINUTE)

        assert await ours.load() == named("second")
