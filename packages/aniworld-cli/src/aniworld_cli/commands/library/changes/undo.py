"""`aniworld undo`."""

from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import said, tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import ChangeView
from aniworld_core.domain.identity import ChangeId


async def undo(number: Annotated[int, Parameter(name="ID")], /, *, session: CurrentSession) -> int:
    """Undo a change of library files: names, companions, replaced files and the library's records.

    Nothing is changed if a file was edited or a name was taken since. Files that the recycle bin
    no longer holds do not come back, and the files that replaced them stay. An undo can be undone
    as well.

    Args:
        number: Number of the change, as `aniworld history` lists it.
        session: The run it belongs to.
    """
    async with session.bookkeeping() as app:
        change = await app.changes.undo(ChangeId(number))
    if session.output.is_json:
        session.output.view(ChangeView.of(change))
    else:
        session.output.talk(
            tr("change {number} is {outcome}", number=str(number), outcome=_outcome(change.status))
        )
        if change.reason:
            session.output.talk(said(change.reason))
        if change.id != number:
            session.output.talk(
                tr("take that back with: aniworld undo {number}", number=str(change.id))
            )
    return DONE


def _outcome(status: str) -> str:
    return "undone" if status == "done" else status
