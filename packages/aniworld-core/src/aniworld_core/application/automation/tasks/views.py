"""State of background tasks for front ends."""

from datetime import datetime
from typing import Self

import attrs

from aniworld_core.application.catalogue import wire_time
from aniworld_core.domain.automation import TaskName, TaskOutcome, TaskRun
from aniworld_core.messages import MessageView, kind_field, values_field


@attrs.frozen(kw_only=True)
class TaskView(MessageView):
    """State of a background task.

    Attributes:
        name: Name of the task.
        kind: `periodic`, `continuous` (as long as the server runs) or `startup`.
        is_running: Whether it is running now, in any process for periodic tasks.
        started_at: Start of the present run, otherwise of the last one.
        finished_at: End of the last finished run; `null` if it was interrupted.
        seconds: Duration of the last finished run.
        outcome: How the last finished run ended: `completed`, `failed` or `interrupted`.
        result: Result of the last finished run in one line.
        next_run: Start of the next run; `null` while it runs, is switched off or follows events.
        can_run: Whether it can be started now.
    """

    name: str
    kind: str
    is_running: bool = False
    started_at: str | None = None
    finished_at: str | None = None
    seconds: float | None = None
    outcome: str | None = None
    result: str | None = None
    next_run: str | None = None
    can_run: bool = False
    result_kind: str | None = kind_field("result")
    result_values: dict[str, object] = values_field("result")

    @classmethod
    def of_run(
        cls,
        name: TaskName,
        run: TaskRun | None,
        *,
        is_running: bool,
        next_run: datetime | None,
        can_run: bool,
    ) -> Self:
        """Return the view of a periodic task; *run* is `None` before its first run."""
        view = cls(
            name=name.value,
            kind=name.kind.value,
            is_running=is_running,
            next_run=wire_time(next_run),
            can_run=can_run,
        )
        if run is None:
            return view
        return attrs.evolve(
            view,
            started_at=wire_time(run.started_at),
            finished_at=wire_time(run.finished_at),
            seconds=run.seconds,
            outcome=None if run.outcome is None else run.outcome.value,
            result=run.result or None,
        )

    @classmethod
    def of_loop(
        cls,
        name: TaskName,
        *,
        started_at: datetime,
        finished_at: datetime | None,
        failure: str,
        is_running: bool,
    ) -> Self:
        """Return the view of a continuous task in this process."""
        outcome = TaskOutcome.FAILED if failure else TaskOutcome.COMPLETED
        return cls(
            name=name.value,
            kind=name.kind.value,
            is_running=is_running,
            started_at=wire_time(started_at),
            finished_at=wire_time(finished_at),
            outcome=None if is_running else outcome.value,
            result=failure or None,
        )
