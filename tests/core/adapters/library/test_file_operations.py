"""Single steps on the local file system: nothing is overwritten, nothing leads outside."""

import errno
import os
import resource
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aniworld_core.adapters.library import LocalFileOperations
from aniworld_core.adapters.library.changes import no_replace
from aniworld_core.adapters.library.changes import operations as operations_module
from aniworld_core.adapters.library.changes import steps as steps_module
from aniworld_core.adapters.library.changes.places import Place
from aniworld_core.domain.library import (
    ChangeAction,
    ChangeOrigin,
    ChangePlan,
    FileChange,
    FileStamp,
    Step,
    StepKind,
    step_problems,
    steps_of,
    undo_steps,
)
from aniworld_core.errors import (
    AniworldError,
    ChangeRefusedError,
    LibraryUnavailableError,
    UnsafePathError,
)
from aniworld_core.testing import at
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio

KINDS = [StepKind.MOVE, StepKind.COPY, StepKind.LINK, StepKind.WRITE]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A library with one file."""
    root = tmp_path / "library"
    (root / "A").mkdir(parents=True)
    (root / "A/a.mkv").write_text("a")
    return root


def files(*roots: Path) -> LocalFileOperations:
    return LocalFileOperations(lambda: roots)


async def test_a_file_is_opened_below_the_roots_only(root: Path, tmp_path: Path) -> None:
    """Links inside are followed, others refused; what is no regular file is not opened."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/x.mkv").write_text("secret")
    (root / "A/inside.mkv").symlink_to(root / "A/a.mkv")
    (root / "A/outside.mkv").symlink_to(tmp_path / "secret/x.mkv")
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "A/none.mkv").symlink_to(root / "A/nothing")
    (root / "A/folder.mkv").mkdir()
    os.mkfifo(root / "A/pipe.mkv")
    operations = files(root)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - only their number matters
    for path in ("A/a.mkv", "A/inside.mkv", str(root / "A/a.mkv")):
        opened = await operations.open(path)
        assert opened is not None
        with opened:
            assert opened.read() == b"a"
    for path in ("A/none.mkv", "A/folder.mkv", "A/pipe.mkv", "A/missing.mkv", "A/a.mkv/x"):
        assert await operations.open(path) is None
    for path in ("A/outside.mkv", "out/x.mkv", "../secret/x.mkv", str(tmp_path / "secret/x.mkv")):
        with pytest.raises(UnsafePathError):
            await operations.open(path)

    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


async def test_a_file_is_opened_while_a_change_runs(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that copies a film to another disk for minutes does not stop the players."""
    begun, is_read = threading.Event(), threading.Event()

    def copy(*_: object) -> None:
        begun.set()
        assert is_read.wait(60)

    monkeypatch.setattr(operations_module, "run_step", copy)
    operations = files(root)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(operations.run, step(StepKind.MOVE, root / "A/a.mkv", "A/b.mkv"))
        await anyio.to_thread.run_sync(begun.wait)
        with anyio.fail_after(30):
            opened = await operations.open("A/a.mkv")
            content = await operations.read("A/a.mkv", max_bytes=10)
            names = await operations.names("A")
        is_read.set()
    assert opened is not None
    opened.close()

    assert (content, names) == (b"a", ["a.mkv"])


def stamp(path: Path) -> FileStamp:
    return FileStamp(path.stat().st_size, path.stat().st_mtime_ns)


def step(kind: StepKind, source: Path, target: str, name: str = "A/a.mkv") -> Step:
    is_write = kind is StepKind.WRITE
    return Step(
        kind=kind,
        source="" if is_write else name,
        target=target,
        stamp=None if is_write else stamp(source),
        content=b"new" if is_write else None,
        temporary=target.rpartition("/")[0] + "/.aniworld-x.tmp",
    )


@pytest.mark.parametrize("kind", [StepKind.COPY, StepKind.WRITE])
async def test_a_failed_copy_leaves_nothing(root: Path, kind: StepKind) -> None:
    """What was written before the disk was full is removed: it would keep the disk full."""
    film = root / "A/a.mkv"
    film.write_bytes(bytes(200_000))
    copied = attrs.evolve(step(kind, film, "A/b.mkv"), content=None)
    if kind is StepKind.WRITE:
        copied = attrs.evolve(copied, content=bytes(200_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(AniworldError):
            await files(root).run(copied)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert [path.name for path in (root / "A").iterdir()] == ["a.mkv"]


async def test_a_rollback_removes_an_interrupted_copy(root: Path) -> None:
    """A move to another disk that was killed while it copied leaves nothing there."""
    (root / "B").mkdir()
    moved = step(StepKind.MOVE, root / "A/a.mkv", "B/a.mkv")
    (root / moved.temporary).write_text("half")

    await files(root).run(moved.reverted())

    assert sorted(path.name for path in root.rglob("*.*")) == ["a.mkv"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("call", ["renameat2", "link", "check"])
async def test_nothing_is_overwritten(
    root: Path, kind: StepKind, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a file, a folder nor a broken link is replaced, whatever the file system offers."""
    if call != "renameat2":
        monkeypatch.setattr(no_replace, "_renameat2", lambda: None)
    if call == "check":
        monkeypatch.setattr(no_replace, "_link_and_unlink", _lacking)
    (root / "A/file").write_text("kept")
    (root / "A/folder").mkdir()
    (root / "A/link").symlink_to("nowhere")
    for name in ("file", "folder", "link"):
        with pytest.raises(ChangeRefusedError, match="is taken"):
            await files(root).run(step(kind, root / "A/a.mkv", f"A/{name}"))

    await files(root).run(step(kind, root / "A/a.mkv", "A/free.mkv"))

    assert (root / "A/file").read_text() == "kept"
    assert (root / "A/free.mkv").read_text() == ("new" if kind is StepKind.WRITE else "a")
    assert (root / "A/a.mkv").exists() is (kind is not StepKind.MOVE)


def _lacking(*_: object) -> None:
    raise OSError(95, "Operation not supported")


@pytest.mark.parametrize("kind", KINDS)
async def test_no_step_leads_outside_through_a_link(root: Path, kind: StepKind) -> None:
    """Neither as the folder of the target nor of the source, also with `..` in the path."""
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "o.mkv").write_text("o")
    (root / "out").symlink_to(outside)
    places = ["out/x.mkv", "../x.mkv", "A/../../x.mkv"]
    for place in places:
        with pytest.raises(UnsafePathError):
            await files(root).run(step(kind, root / "A/a.mkv", place))
    if kind is not StepKind.WRITE:
        with pytest.raises(UnsafePathError):
            await files(root).run(step(kind, outside / "o.mkv", "A/x.mkv", "out/o.mkv"))

    assert [path.name for path in outside.iterdir()] == ["o.mkv"]


@pytest.mark.parametrize("kind", [StepKind.MOVE, StepKind.COPY])
async def test_another_file_system_gets_a_verified_copy(root: Path, kind: StepKind) -> None:
    """Content, time and mode are kept; the source of a move is removed after that."""
    with tempfile.TemporaryDirectory(dir=_other_file_system(root)) as folder:
        source = Path(folder) / "a.mkv"
        source.write_bytes(os.urandom(3 << 20))
        source.chmod(0o640)
        content, before = source.read_bytes(), stamp(source)

        left = await files(root).run(step(kind, source, "A/x.mkv", str(source)))

        assert (root / "A/x.mkv").read_bytes() == content
        assert left == before
        assert (root / "A/x.mkv").stat().st_mode & 0o777 == 0o640
        assert source.exists() is (kind is StepKind.COPY)
        assert {path.name for path in (root / "A").iterdir()} == {"a.mkv", "x.mkv"}


def _two_mounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every rename to another folder fail as between two mounts of the same disk."""
    rename = no_replace.rename_no_replace

    def split(source: Place, target: Place) -> None:
        if Path(source.path).parent != Path(target.path).parent:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        rename(source, target)

    monkeypatch.setattr(steps_module, "rename_no_replace", split)


async def test_a_copy_between_two_mounts_of_a_disk_is_completed_and_taken_back(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is recognised by content and time, although the device is the same."""
    _two_mounts(monkeypatch)
    (root / "B").mkdir()
    moved = step(StepKind.MOVE, root / "A/a.mkv", "B/a.mkv")
    for half_moved, left in ((moved, "B/a.mkv"), (moved.reverted(), "A/a.mkv")):
        for name in ("A/a.mkv", "B/a.mkv"):
            (root / name).write_text("a")
            assert moved.stamp is not None
            os.utime(root / name, ns=(0, moved.stamp.modified_ns))

        await files(root).run(half_moved)

        assert [path.relative_to(root).as_posix() for path in root.rglob("*.mkv")] == [left]

    (root / "B/a.mkv").write_text("b")
    with pytest.raises(ChangeRefusedError):
        await files(root).run(moved)
    assert (root / "B/a.mkv").read_text() == "b"


async def test_a_move_whose_original_stays_leaves_no_copy(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file on a read-only mount can only be copied, which the error says."""
    _two_mounts(monkeypatch)
    (root / "B").mkdir()
    unlink = os.unlink

    def refused(name: str, **more: Any) -> None:
        if name == "a.mkv" and not (root / "B/a.mkv").samefile(
            f"/proc/self/fd/{more['dir_fd']}/{name}"
        ):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        unlink(name, **more)

    monkeypatch.setattr(os, "unlink", refused)
    with pytest.raises(LibraryUnavailableError, match="copy the files instead") as caught:
        await files(root).run(step(StepKind.MOVE, root / "A/a.mkv", "B/a.mkv"))

    assert str(root / "A/a.mkv") in str(caught.value)
    assert [path.relative_to(root).as_posix() for path in root.rglob("*.*")] == ["A/a.mkv"]


async def test_a_read_only_disk_needs_no_rollback(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was never made is taken back without a call that a read-only disk refuses."""

    def refused(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    for name in ("mkdir", "rmdir", "unlink"):
        monkeypatch.setattr(os, name, refused)
    made = Step(kind=StepKind.MAKE_FOLDER, target="New")
    with pytest.raises(LibraryUnavailableError) as caught:
        await files(root).run(made)

    assert str(root) in str(caught.value)
    assert "it cannot be written" in str(caught.value)
    await files(root).run(made.reverted())
    await files(root).run(step(StepKind.COPY, root / "A/a.mkv", "A/b.mkv").reverted())


def _other_file_system(root: Path) -> str:
    memory = Path("/dev/shm")  # noqa: S108 - the folder in it has a name of its own
    if not memory.is_dir() or memory.stat().st_dev == root.stat().st_dev:
        pytest.skip("there is no second file system")
    return str(memory)


async def test_a_mount_point_stays_when_folders_are_removed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recycle bin on a disk of its own does not stop the rollback of a change."""
    (root / ".recycle").mkdir()

    def busy(*_: Any, **__: Any) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    monkeypatch.setattr(os, "rmdir", busy)
    await files(root).run(Step(kind=StepKind.REMOVE_FOLDER, target=".recycle"))

    assert (root / ".recycle").is_dir()


async def test_special_files_are_neither_moved_nor_read(root: Path) -> None:
    """A pipe, a socket and a device block nothing."""
    os.mkfifo(root / "A/pipe.mkv")
    with anyio.fail_after(PATIENCE):
        for kind in (StepKind.MOVE, StepKind.COPY, StepKind.LINK):
            wanted = Step(
                kind=kind,
                source="A/pipe.mkv",
                target="A/x.mkv",
                stamp=FileStamp(0, 0),
                temporary="A/.aniworld-x.tmp",
            )
            with pytest.raises(ChangeRefusedError, match="no regular file"):
                await files(root).run(wanted)


async def test_a_name_of_255_bytes_works_and_a_longer_one_is_refused(root: Path) -> None:
    """The longest name of common file systems leaves room for the temporary name."""
    longest = "ä" * 125 + "a.mkv"
    await files(root).run(step(StepKind.COPY, root / "A/a.mkv", f"A/{longest}"))

    with pytest.raises(UnsafePathError, match="too long"):
        await files(root).run(step(StepKind.COPY, root / "A/a.mkv", f"A/{'b' + longest}"))


NAMES = ("a", "b", "c", "A", "B")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(NAMES[:3]), min_size=1, max_size=3, unique=True),
    st.permutations(NAMES),
    st.integers(min_value=0, max_value=30),
)
def test_any_permutation_of_names_reaches_its_plan_and_comes_back(
    present: Sequence[str], targets: Sequence[str], stops_at: int
) -> None:
    """Moves end as a model says from every instant at which they are repeated, and undo returns."""

    async def play(root: Path) -> None:
        for name in present:
            (root / name).write_text(f"content of {name}")
        local = files(root)
        before = {p.name: p.read_text() for p in root.iterdir()}
        changes = [
            FileChange(
                action=ChangeAction.MOVE, source=source, target=target, stamp=stamp(root / source)
            )
            for source, target in zip(present, targets, strict=False)
            if source != target
        ]
        folded = [change.target.lower() for change in changes]
        stays = {name.lower() for name in present} - {c.source.lower() for c in changes}
        if len(set(folded)) < len(folded) or stays & set(folded):
            return  # a plan never holds these
        steps = steps_of(
            ChangePlan(origin=ChangeOrigin.RENAME, title="", changes=tuple(changes)), at=at(0)
        )
        paths = {path for each in steps for path in (each.source, each.target) if path}
        assert step_problems(steps, await local.look(sorted(paths))) == ()
        for number, each in enumerate(steps):
            await local.run(each)
            if number == stops_at:
                await local.run(each)  # a kill before the note; the step is repeated
        moved = {change.source: change.target for change in changes}
        assert {p.name: p.read_text() for p in root.iterdir()} == {
            moved.get(name, name): content for name, content in before.items()
        }
        for each in undo_steps(steps, at=at(1), token="t"):
            await local.run(each)
        assert {p.name: p.read_text() for p in root.iterdir()} == before

    with tempfile.TemporaryDirectory() as folder:
        anyio.run(play, Path(folder))


async def test_a_missing_root_is_no_missing_file(tmp_path: Path) -> None:
    """An unmounted library is unavailable; its files are not gone."""
    with pytest.raises(AniworldError, match="cannot be used"):
        await files(tmp_path / "gone").look(["A/a.mkv"])


async def test_a_walk_ends_when_there_are_too_many_entries(root: Path) -> None:
    """Files, folders and unusable entries count; a folder with exactly as many is read."""
    (root / "B/C").mkdir(parents=True)
    (root / "link").symlink_to(root)
    operations = LocalFileOperations(lambda: (root,), max_entries=5)

    found, bad = await operations.walk(str(root))

    assert (found, set(bad)) == ([str(root / "A/a.mkv")], {str(root / "link")})
    (root / "B/C/d.txt").touch()
    with pytest.raises(LibraryUnavailableError, match="more than 5 entries"):
        await operations.walk(str(root))


async def test_the_folder_that_cannot_be_written_or_read_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A closed folder in a library that is fine otherwise is not called the library."""
    (root / "B").mkdir()

    def refused(*_: Any, **__: Any) -> None:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    def closed(path: Path, mode: int) -> bool:
        return Path(path) != root / "A"

    with monkeypatch.context() as patch:
        patch.setattr(steps_module, "rename_no_replace", refused)
        patch.setattr(os, "access", closed)
        with pytest.raises(LibraryUnavailableError) as caught:
            await files(root).run(step(StepKind.MOVE, root / "A/a.mkv", "B/a.mkv", "A/a.mkv"))
    assert f"{root / 'A'} " in str(caught.value)

    monkeypatch.setattr(operations_module, "found_entry", refused)
    with pytest.raises(LibraryUnavailableError) as caught:
        await files(root).look(["A/a.mkv"])
    assert f"{root / 'A'} " in str(caught.value)
