"""`aniworld tasks`."""

import asyncio
from datetime import UTC, datetime

from aniworld_core.domain.automation import TaskName
from support.console import Console


def test_tasks_are_listed_with_their_runs(console: Console) -> None:
    """A row for each task; after a run it has state, result and times, as the JSON has."""
    before = {row[0]: row for row in console("tasks", "list").rows}
    ran = console("tasks", "run", "history-limit")
    after = {row[0]: row for row in console("tasks", "list").rows}
    views = {view["name"]: view for view in console("tasks", "list", "--json").json}

    assert [*views] == [name.value for name in TaskName]
    assert before["history-limit"][1] == "never ran"
    assert before["notifications"][1] == "with a server"
    assert (ran.code, ran.out) == (0, "")
    assert "history-limit: 0 entries deleted" in ran.err
    assert after["history-limit"][1] == "completed"
    assert views["history-limit"]["outcome"] == "completed"


def test_a_task_that_runs_elsewhere_is_refused(console: Console) -> None:
    """Exit code 4 while another process runs it, and 3 for tasks that only servers run."""
    now = datetime.now(UTC)
    asyncio.run(console.storage.tasks.begin("recycle-bin", "other", now=now))

    busy = console("tasks", "run", "recycle-bin")
    unknown = console("tasks", "run", "notifications")

    assert (busy.code, unknown.code) == (4, 3)
    assert "the task recycle-bin is already running" in busy.err
    assert "database-copy" in unknown.err
