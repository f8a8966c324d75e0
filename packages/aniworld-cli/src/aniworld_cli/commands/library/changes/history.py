"""`aniworld history`."""

from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from aniworld_cli.exit_codes import DONE
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import ChangeEntryView
from aniworld_core.domain.library import ChangeEntry


async def history(
    *,
    limit: Annotated[int, Parameter(validator=Number(gte=1))] = 50,
    session: CurrentSession,
) -> int:
    """List the changes of library files, newest first.

    Args:
        limit: Most changes to list.
        session: The run it belongs to.
    """
    async with session.bookkeeping() as app:
        page = await app.changes.history(limit=limit)
    if session.output.is_json:
        session.output.view([ChangeEntryView.of(entry) for entry in page.items])
        return DONE
    if not page.items:
        session.output.talk("no library file was changed yet")
    session.output.table(
        ("Id", "Time", "What", "Title", "Status"),
        [
            (str(e.id), f"{e.at:%Y-%m-%d %H:%M:%S}", _what(e), e.title, _status(e))
            for e in page.items
        ],
    )
    return DONE


def _what(entry: ChangeEntry) -> str:
    return entry.origin if entry.undoes is None else f"{entry.origin} of {entry.undoes}"


def _status(entry: ChangeEntry) -> str:
    status = "undone" if entry.is_undone else entry.status.value
    return f"{status}: {entry.reason}" if entry.reason else status
