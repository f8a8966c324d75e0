"""The configuration file: crash safety, file modes, invalid content, backups, locking."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from aniworld_core.adapters import json_config_store
from aniworld_core.adapters.json_config_store import JsonConfigStore
from aniworld_core.domain.configuration import BackupConfig, Config, OtherConfig
from aniworld_core.errors import (
    BackupNotFoundError,
    ConfigCorruptError,
    InvalidConfigError,
    LibraryUnavailableError,
    StorageFullError,
)
from aniworld_core.testing.factories import START
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "config.json"


@pytest.fixture
def store(path: Path) -> JsonConfigStore:
    return JsonConfigStore(path)


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_only_the_owner_may_read(store: JsonConfigStore, path: Path) -> None:
    """With any umask, file and backups have mode 0600 and their folders 0700."""
    former = os.umask(0)
    try:
        await store.save(Config(name="a"), at=START)
        await store.save(Config(name="b"), at=START)
    finally:
        os.umask(former)
    assert mode_of(path) == 0o600
    assert [mode_of(p) for p in (path.parent / "backups").iterdir()] == [0o600]
    assert mode_of(path.parent) == mode_of(path.parent / "backups") == 0o700


async def test_the_file_has_the_documented_shape(store: JsonConfigStore, path: Path) -> None:
    """The file has the documented sections and names, indented for people."""
    await store.save(Config(other=OtherConfig(anime_directory="/ä")), at=START)
    text = path.read_text()
    document = json.loads(text)
    assert list(document)[:6] == ["name", "data_dir", "scheduler", "logging", "backup", "other"]
    assert document["other"]["anime_directory"] == "/ä"
    assert "/ä" in text
    assert text.endswith("}\n")


async def test_a_failed_write_leaves_the_former_file(
    store: JsonConfigStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed write the old content is there and no other file."""
    await store.save(Config(name="a"), at=START)
    before = path.read_bytes()

    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageFullError, match="disk is full"):
        await store.save(
            attrs.evolve(Config(name="b"), backup=BackupConfig(enabled=False)), at=START
        )
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["config.json"]


async def test_the_new_content_is_synced_before_it_gets_its_name(
    store: JsonConfigStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Content is synced before the rename, and the folder after it."""
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor: int) -> None:
        is_folder = os.path.isdir(f"/proc/self/fd/{descriptor}")  # noqa: PTH112
        steps.append("sync folder" if is_folder else "sync file")
        fsync(descriptor)

    def noted_replace(self: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    await store.save(Config(), at=START)
    assert steps == ["sync file", "rename", "sync folder"]


async def test_a_cut_file_is_never_a_fresh_start(store: JsonConfigStore, path: Path) -> None:
    """A file truncated at any byte is refused and kept, and the newest backup is named."""
    await store.save(Config(other=OtherConfig(master_password_hash="secret")), at=START)
    backup = await store.back_up(at=START)
    whole = path.read_bytes()
    for length in [*range(0, len(whole) - 2, 7), len(whole) - 2]:
        path.write_bytes(whole[:length])
        with pytest.raises(ConfigCorruptError) as corrupt:
            await store.load()
        with pytest.raises(ConfigCorruptError):
            await store.save(Config(), at=START)
        assert path.read_bytes() == whole[:length]
        assert corrupt.value.newest_backup is not None
        assert corrupt.value.newest_backup.endswith(backup.name)


@pytest.mark.parametrize(
    "content",
    [b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b" ", b'"text"', b"{" + b" " * 6 * 1024**2],
)
async def test_what_is_no_object_is_corrupt(
    store: JsonConfigStore, path: Path, content: bytes
) -> None:
    """Files with other JSON, invalid JSON or huge content are refused with a reason."""
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ConfigCorruptError) as corrupt:
        await store.load()
    assert corrupt.value.newest_backup is None
    assert "by hand" in str(corrupt.value.hint)


async def test_a_bad_backup_is_not_recommended(store: JsonConfigStore, path: Path) -> None:
    """The error names the newest backup that is valid."""
    await store.save(Config(), at=START)
    good = await store.back_up(at=START)
    folder = path.parent / "backups"
    (folder / "config-20990101T000000.000000Z.json").write_text("{")
    (folder / "config-20980101T000000.000000Z.json").write_text('{"name": 5}')
    path.write_text("{")
    with pytest.raises(ConfigCorruptError) as corrupt:
        await store.load()
    assert str(corrupt.value.newest_backup).endswith(good.name)


async def test_wrong_values_are_all_named(store: JsonConfigStore, path: Path) -> None:
    """Every invalid value is listed, and saving repairs the file."""
    path.parent.mkdir()
    path.write_text('{"name": 5, "downloads": {"concurrent": 0}}')
    with pytest.raises(InvalidConfigError) as invalid:
        await store.load()
    assert [p for p, _ in invalid.value.problems] == ["/name", "/downloads/concurrent"]
    await store.save(Config(name="repaired"), at=START)
    assert (await store.load()).name == "repaired"
    assert len(await store.backups()) == 1


async def test_unknown_settings_are_kept_and_warned_about_once(
    store: JsonConfigStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Settings of a newer version are kept, and logged once."""
    path.parent.mkdir()
    path.write_text('{"later": 1, "scheduler": {"moon": "full"}}')
    with caplog.at_level(logging.WARNING):
        config = await store.load()
        await store.load()
    assert len(caplog.records) == 2
    await store.save(attrs.evolve(config, name="x"), at=START)
    document = json.loads(path.read_text())
    assert document["later"] == 1
    assert document["scheduler"]["moon"] == "full"


async def test_backups_live_where_the_configuration_says(
    store: JsonConfigStore, path: Path, tmp_path: Path
) -> None:
    """The backup folder can be absolute or relative to the data folder."""
    await store.save(Config(backup=BackupConfig(path=str(tmp_path / "elsewhere"))), at=START)
    first = await store.back_up(at=START)
    assert (tmp_path / "elsewhere" / first.name).is_file()
    await store.save(Config(backup=BackupConfig(path="inner")), at=START)
    second = await store.back_up(at=START)
    assert (path.parent / "inner" / second.name).is_file()


async def test_links_among_the_backups_are_not_followed(
    store: JsonConfigStore, path: Path, tmp_path: Path
) -> None:
    """Symbolic links in the backup folder are ignored."""
    await store.save(Config(), at=START)
    (tmp_path / "foreign.json").write_text("{}")
    folder = path.parent / "backups"
    folder.mkdir()
    name = "config-20260101T000000.000000Z.json"
    (folder / name).symlink_to(tmp_path / "foreign.json")
    assert list(await store.backups()) == []
    with pytest.raises(BackupNotFoundError):
        await store.restore(name, at=START)


@pytest.mark.parametrize("content", ["{", "[]", '{"name": 5}', "{" + " " * 6 * 1024**2])
async def test_a_bad_backup_is_not_restored(
    store: JsonConfigStore, path: Path, content: str
) -> None:
    """Restoring an invalid backup changes nothing, not even the list."""
    await store.save(Config(name="present"), at=START)
    backup = await store.back_up(at=START)
    (path.parent / "backups" / backup.name).write_text(content)
    with pytest.raises(InvalidConfigError):
        await store.restore(backup.name, at=START)
    assert (await store.load()).name == "present"
    assert len(await store.backups()) == 1


async def test_the_restored_backup_is_spared_when_old_ones_go(
    store: JsonConfigStore, path: Path
) -> None:
    """Pruning never deletes the backup that is being restored."""
    one = BackupConfig(keep=1)
    await store.save(attrs.evolve(Config(name="a"), backup=one), at=START)
    backup = await store.back_up(at=START)
    await store.restore(backup.name, at=START)
    assert backup.name in {b.name for b in await store.backups()}


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A file in place of the folder is a clear error without a traceback."""
    (tmp_path / "data").write_text("")
    store = JsonConfigStore(tmp_path / "data" / "config.json")
    with pytest.raises(LibraryUnavailableError):
        await store.save(Config(), at=START)


async def test_a_change_by_another_process_is_waited_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change waits a limited time for the lock of another process."""
    monkeypatch.setattr(json_config_store, "_LOCK_SECONDS", 0.01)
    mine, others = JsonConfigStore(path), JsonConfigStore(path)
    async with others.exclusive():
        with pytest.raises(LibraryUnavailableError, match="another process is changing"):
            async with mine.exclusive():
                pass
    async with mine.exclusive():
        assert mode_of(path.with_suffix(".lock")) == 0o600


_SET_UP = """
import sys, anyio
from pathlib import Path
from aniworld_core.adapters.json_config_store import JsonConfigStore
from aniworld_core.application.configuration.editor import ConfigEditor
from aniworld_core.application.configuration.current import CurrentConfig
from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.domain.configuration.document import Config
from aniworld_core.errors import AlreadySetUpError

async def main(path, name):
    editor = ConfigEditor(
        store=JsonConfigStore(Path(path)), clock=SystemClock(), current=CurrentConfig(Config())
    )
    await editor.read()
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        await editor.set_up(name)
    except AlreadySetUpError:
        print("late")
    else:
        print("first")

anyio.run(main, *sys.argv[1:])
"""


async def test_of_many_processes_one_sets_the_first_password(path: Path) -> None:
    """Of several processes one sets the first password; the others get an error."""
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", _SET_UP, str(path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b", "c", "d")
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = [racer.communicate(timeout=PATIENCE)[0].strip() for racer in racers]

    assert sorted(said) == ["first", "late", "late", "late"]
    stored = (await JsonConfigStore(path).load()).other.master_password_hash
    assert stored == "abcd"[said.index("first")]
