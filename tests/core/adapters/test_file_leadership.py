"""The lead among the processes of one data folder."""

from pathlib import Path

import anyio
import pytest

from aniworld_core.adapters import file_leadership
from aniworld_core.adapters.file_leadership import FileLeadership
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio


async def test_one_leads_and_the_next_one_takes_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two processes one works; the other begins when the first one has ended."""
    monkeypatch.setattr(file_leadership, "_RETRY_SECONDS", 0.01)
    leads = {"first": anyio.Event(), "second": anyio.Event()}
    active: list[str] = []

    async def work(name: str) -> None:
        active.append(name)
        leads[name].set()
        try:
            await anyio.sleep_forever()
        finally:
            active.remove(name)

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as second:
            async with anyio.create_task_group() as first:
                first.start_soon(FileLeadership(tmp_path).lead, lambda: work("first"))
                await leads["first"].wait()
                second.start_soon(FileLeadership(tmp_path).lead, lambda: work("second"))
                await anyio.wait_all_tasks_blocked()
                assert active == ["first"]
                first.cancel_scope.cancel()
            await leads["second"].wait()
            assert active == ["second"]
            second.cancel_scope.cancel()


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The error names the lock file."""
    (tmp_path / "leader.lock").mkdir()

    with pytest.raises(StorageUnavailableError, match=r"leader\.lock"):
        await FileLeadership(tmp_path).lead(anyio.sleep_forever)
