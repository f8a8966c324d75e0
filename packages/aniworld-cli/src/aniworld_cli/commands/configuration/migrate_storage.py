"""`aniworld migrate-storage`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import attrs

from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.configuration import MoveProgress, MoveReport, MoveStep
from aniworld_core.bootstrap.storage_move import open_storage_move

_STEPS: Final = {
    MoveStep.READ: "reading {table}",
    MoveStep.COPY: "copying {table}",
    MoveStep.VERIFY: "comparing {table}",
}


async def migrate_storage(source: str, target: str, /, *, session: CurrentSession) -> int:
    """Copy the complete database to another one, such as from SQLite to PostgreSQL and back.

    The source is only read. The target must be empty; a SQLite file must not exist yet. Every table
    is compared at the end. After an interruption, run the same command again to continue.

    Args:
        source: URL of the database to read, such as sqlite:///aniworld.db.
        target: URL of the database to fill, such as postgresql://host/aniworld.
        session: The run of the command.
    """
    output = session.output
    settings = session.settings()
    session.set_up_logging(settings)
    async with open_storage_move(settings, source, target) as move:
        with _display(output) as told:
            report = await move.run(told)
    if output.is_json:
        output.data(_document(report))
        return DONE
    output.table(
        ("Table", "Rows", "SHA-256"),
        [(table.name, str(table.rows), table.digest) for table in report.tables],
    )
    output.talk(
        tr(
            "{rows:# row|# rows} of {tables} tables are copied from {source} to {target} and"
            " compared; set DATABASE_URL to use it",
            rows=report.rows,
            tables=len(report.tables),
            source=report.source,
            target=report.target,
        )
    )
    return DONE


def _document(report: MoveReport) -> dict[str, object]:
    return {
        "source": report.source,
        "target": report.target,
        "is_resumed": report.is_resumed,
        "rows": report.rows,
        "tables": [attrs.asdict(table) for table in report.tables],
    }


@contextmanager
def _display(output: Output) -> Iterator[Callable[[MoveProgress], None]]:
    """Yield a function that shows each step; on a terminal as a temporary bar."""
    console = output.live_console()
    if console is None:
        former: set[MoveStep] = set()

        def line(progress: MoveProgress) -> None:
            if progress.step not in former:
                former.add(progress.step)
                name = tr("{rows:# row|# rows}", rows=progress.total)
                output.talk(tr(_STEPS[progress.step], table=name))

        yield line
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task("", total=None)

        def move(progress: MoveProgress) -> None:
            text = tr(_STEPS[progress.step], table=progress.table)
            bars.update(task, description=text, completed=progress.done, total=progress.total)

        yield move
