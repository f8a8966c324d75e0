"""Old tools, copies of the database and incomplete changes."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from aniworld_core.bootstrap import diagnosis
from aniworld_core.bootstrap.diagnosis import (
    incomplete_changes,
    late_copies,
    machine_problems,
    old_tool,
)
from aniworld_core.domain.automation import TaskName, TaskOutcome
from aniworld_core.domain.identity import ChangeId
from aniworld_core.domain.library import ChangeOrigin, ChangeStatus, LibraryChange
from aniworld_core.messages import Message
from support.application_stage import Stage, open_stage
from support.machines import make_node, share

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Return an application."""
    async with open_stage(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "age", "is_old"),
    [
        ("2026.01.01", 30, False),
        ("2025.9.1.232845", 152, True),
        ("2026.13.99", None, False),
        ("2099.01.01", None, False),
        ("14.2.0", None, False),
        ("", None, False),
    ],
)
def test_the_age_of_a_tool_is_that_of_its_version(text: str, age: int | None, is_old: bool) -> None:
    """Only versions that are dates of the past have an age; an old tool has a command."""
    tool = diagnosis._tool("yt-dlp", text, datetime.fromisoformat("2026-01-31T12:00:00+00:00"))

    assert (tool.version, tool.age and tool.age.days, tool.is_old) == (text, age, is_old)
    problem = old_tool(tool)
    assert (problem is not None) == is_old
    if problem is not None:
        assert f"{age} days old" in problem.detail
        assert problem.hint.endswith("--upgrade yt-dlp")


@pytest.mark.parametrize(
    ("hours", "kind"), [(None, "copy_missing"), (1, None), (48, None), (49, "copy_is_old")]
)
async def test_copies_are_missing_or_late(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, hours: int | None, kind: str | None
) -> None:
    """A copy is late after two intervals of a day, and missing although the task has run."""
    now = stage.app.clock.now()
    last = None if hours is None else now - timedelta(hours=hours)

    async def last_copy(_self: object) -> datetime | None:
        return last

    monkeypatch.setattr(type(stage.storage), "last_copy", last_copy)
    await _note_run(stage, Message("task_copied"))

    found = await late_copies(stage.app)

    assert (found and found.detail.kind) == kind
    await stage.app.config.replace({"backup": {"database": {"enabled": False}}})
    assert await late_copies(stage.app) is None


async def test_a_database_that_is_copied_elsewhere_lacks_nothing(stage: Stage) -> None:
    """Before the first run, and if the storage makes no copies itself, there is no problem."""
    assert await late_copies(stage.app) is None

    await _note_run(stage, Message("task_not_copied"))

    assert await late_copies(stage.app) is None


@pytest.mark.parametrize(
    ("status", "minutes", "is_problem"),
    [
        (ChangeStatus.STUCK, 0, True),
        (ChangeStatus.RUNNING, 1, False),
        (ChangeStatus.RUNNING, 61, True),
    ],
)
async def test_incomplete_changes_are_named(
    stage: Stage, status: ChangeStatus, minutes: int, is_problem: bool
) -> None:
    """A stuck change, and one whose process is gone, are problems; a running one is none."""
    at = stage.app.clock.now() - timedelta(minutes=minutes)
    change = LibraryChange(
        id=ChangeId(0), origin=ChangeOrigin.RENAME, title="Rename", at=at, steps=()
    )
    stored = await stage.storage.changes.begin(change)
    if status is ChangeStatus.STUCK:
        reason = Message("permission_denied")
        await stage.storage.changes.settle(stored.id, status, at=at, reason=reason)

    found = await incomplete_changes(stage.app)

    assert (found is not None) == is_problem
    if found is not None:
        assert f"aniworld undo {stored.id}" in found.hint


async def _note_run(stage: Stage, result: Message) -> None:
    """Store a finished run of the task."""
    tasks, name, now = stage.storage.tasks, TaskName.DATABASE_COPY.value, stage.app.clock.now()
    assert await tasks.begin(name, "server", now=now) is not None
    outcome = TaskOutcome.COMPLETED
    await tasks.end(name, "server", outcome=outcome, at=now, seconds=1.0, result=result)


async def test_machines_that_do_not_work_together_are_named(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing leader, a silent machine and different versions are three problems with hints."""
    share(monkeypatch, make_node("nas", seen=-30), make_node("box", version="3.0"))

    found = await machine_problems(stage.app)

    assert [each.detail.kind for each in found] == [
        "no_leader",
        "machine_silent",
        "machine_versions",
    ]
    assert found[1].detail.values == {"host": "nas", "silent_seconds": 30}
    assert found[2].detail.values["hosts"] == ["box (3.0)", "nas (2.0)"]
    assert all(each.hint for each in found)


async def test_one_machine_has_no_problems_with_others(stage: Stage) -> None:
    """A database of one machine lists no processes, so that nothing is missing."""
    assert await machine_problems(stage.app) == []


async def test_machines_that_work_together_are_no_problem(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a leader, fresh signs of life and one version nothing is reported."""
    share(monkeypatch, make_node("nas", is_leader=True), make_node("box"))
    assert await machine_problems(stage.app) == []
