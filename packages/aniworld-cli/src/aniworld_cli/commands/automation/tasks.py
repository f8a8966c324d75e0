"""`aniworld tasks`: list the background tasks, and run one now."""

from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.completing import periodic_tasks
from aniworld_cli.exit_codes import DONE, SOME_FAILED
from aniworld_cli.rendering.formats import seconds_text
from aniworld_cli.rendering.texts import said, tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.automation import TaskView
from aniworld_core.domain.automation import TaskKind


async def list_tasks(*, session: CurrentSession) -> int:
    """List the background tasks with their last and next runs.

    Tasks that run as long as a server are listed without runs: the page System shows their state.

    Args:
        session: The run it belongs to.
    """
    async with session.bookkeeping() as app:
        views = await app.tasks.views()
    if session.output.is_json:
        session.output.view(views)
        return DONE
    session.output.table(
        ("Task", "State", "Last start (UTC)", "Took", "Next start (UTC)", "Result"),
        [
            (
                view.name,
                tr(_state(view)),
                _time(view.started_at),
                "" if view.seconds is None else seconds_text(view.seconds),
                _time(view.next_run),
                view.result or "",
            )
            for view in views
        ],
    )
    return DONE


async def run(
    name: Annotated[str, Parameter(name="NAME", completer=periodic_tasks)],
    /,
    *,
    session: CurrentSession,
) -> int:
    """Run a periodic task now, in this process.

    Args:
        name: Name of the task, such as database-copy; `aniworld tasks list` shows all.
        session: The run it belongs to.
    """
    output = session.output
    async with session.catalogues() as app:
        view = await app.tasks.perform(name)
    if output.is_json:
        output.view(view)
    elif view.outcome == "completed":
        output.talk(f"{view.name}: {said(view.result or 'done')}")
    if view.outcome == "completed":
        return DONE
    output.failure(f"{view.name}: {said(view.result or view.outcome or '')}", kind="task_failed")
    return SOME_FAILED


def _state(view: TaskView) -> str:
    if view.is_running:
        return "running"
    if view.outcome is not None:
        return view.outcome
    return "never ran" if view.kind == TaskKind.PERIODIC else "with a server"


def _time(moment: str | None) -> str:
    return (moment or "")[:19].replace("T", " ")
