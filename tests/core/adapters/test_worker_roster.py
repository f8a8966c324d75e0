"""The roster detects dead workers at once, however they ended."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from aniworld_core.adapters.worker_roster import FileWorkerRoster
from aniworld_core.domain.identity import WorkerId
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio

MINE = WorkerId("host-1-abc")
OTHER = WorkerId("host-2-def")
_ENLISTED = """
import sys, anyio
from pathlib import Path
from aniworld_core.adapters.worker_roster import FileWorkerRoster
async def main():
    async with FileWorkerRoster(Path(sys.argv[1])).enlist(sys.argv[2]):
        print("ready", flush=True)
        await anyio.sleep_forever()
anyio.run(main)
"""


async def test_who_leaves_in_order_is_forgotten(tmp_path: Path) -> None:
    """A worker that ends normally is alive inside the context and forgotten after it."""
    roster, observer = FileWorkerRoster(tmp_path / "w"), FileWorkerRoster(tmp_path / "w")
    assert list(await observer.departed()) == []
    async with roster.enlist(MINE):
        assert list(await roster.departed()) == []
        assert list(await observer.departed()) == []
        await observer.forget(MINE)
        await roster.forget(MINE)
        assert list(await observer.departed()) == []
    assert list(await observer.departed()) == []
    assert list((tmp_path / "w").iterdir()) == []


async def test_who_leaves_in_distress_departs(tmp_path: Path) -> None:
    """A worker whose context ends with an error counts as dead."""
    roster, observer = FileWorkerRoster(tmp_path / "w"), FileWorkerRoster(tmp_path / "w")

    with pytest.raises(StorageUnavailableError):
        async with roster.enlist(MINE):
            raise StorageUnavailableError("it is locked")

    assert list(await observer.departed()) == [MINE]
    await observer.forget(MINE)
    assert list((tmp_path / "w").iterdir()) == []


async def test_a_killed_process_departs_at_once(tmp_path: Path) -> None:
    """A killed worker is dead at once, because the kernel releases its lock."""
    roster = FileWorkerRoster(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", _ENLISTED, str(tmp_path), OTHER], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        async with roster.enlist(MINE):
            assert list(await roster.departed()) == []
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=PATIENCE)
            assert list(await roster.departed()) == [OTHER]
            assert list(await roster.departed()) == [OTHER]
            await roster.forget(OTHER)
            assert list(await roster.departed()) == []
            await roster.forget(OTHER)


async def test_a_worker_with_one_id_lives_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes cannot register the same worker id."""
    monkeypatch.setattr("aniworld_core.adapters.worker_roster._PATIENCE_SECONDS", 0.0)
    async with FileWorkerRoster(tmp_path).enlist(MINE):
        with pytest.raises(StorageUnavailableError):
            async with FileWorkerRoster(tmp_path).enlist(MINE):
                pass


@pytest.mark.parametrize("worker", ["", "../x", "a/b", ".hidden", "a\x00"])
async def test_ids_that_are_no_file_names_are_refused(tmp_path: Path, worker: str) -> None:
    """Ids that are not file names are refused."""
    with pytest.raises(StorageUnavailableError):
        async with FileWorkerRoster(tmp_path / "w").enlist(WorkerId(worker)):
            pass


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A file in place of the folder is a clear error."""
    (tmp_path / "w").write_text("")
    with pytest.raises(StorageUnavailableError):
        async with FileWorkerRoster(tmp_path / "w").enlist(MINE):
            pass
