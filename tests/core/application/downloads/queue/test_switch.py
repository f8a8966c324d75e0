"""Start, stop and pause of the queue, shared by the processes of one database."""

from pathlib import Path

import pytest

from aniworld_core.application.downloads import QueueSwitch
from aniworld_core.testing.factories import make_item
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio


def _another(stage: Stage) -> QueueSwitch:
    """Return the switch of another process with the same database."""
    storage = stage.storage
    return QueueSwitch(shared=storage.shared, queue=storage.queue, worker=stage.app.worker)


async def _change_by(other: QueueSwitch, stage: Stage, *, is_stopped: bool) -> None:
    """Change the control and the revision, which is that of the whole database."""
    await other.set_stopped(is_stopped=is_stopped)
    await stage.storage.queue.add([make_item(1 + is_stopped)])


async def test_only_changes_of_other_processes_are_followed(tmp_path: Path) -> None:
    """An own change is not applied a second time; a foreign one is applied once."""
    calls: list[str] = []

    async def start() -> None:
        calls.append("start")

    async def stop() -> None:
        calls.append("stop")

    async with open_stage(tmp_path) as stage:
        switch, other = stage.app.switch, _another(stage)
        await switch.restore()
        await switch.set_stopped(is_stopped=True)
        await switch.follow(start=start, stop=stop)
        assert calls == []

        await _change_by(other, stage, is_stopped=False)
        await switch.follow(start=start, stop=stop)
        await switch.follow(start=start, stop=stop)
        assert calls == ["start"]

        await _change_by(other, stage, is_stopped=True)
        await switch.follow(start=start, stop=stop)
        assert calls == ["start", "stop"]
