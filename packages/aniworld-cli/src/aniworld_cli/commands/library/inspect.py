"""`aniworld inspect`."""

from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.completing import KeyText
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import InspectionView


async def inspect(
    *keys: Annotated[KeyText, Parameter(name="KEY")],
    again: Annotated[bool, Parameter(negative="")] = False,
    session: CurrentSession,
) -> int:
    """Read the content of library files: tracks, length, audio and fingerprints.

    A running server does this in the background. Damaged and suspect files are listed
    with the reason.

    Args:
        keys: Only files of these series; all files if omitted.
        again: Also read files that were read before.
        session: The run it belongs to.
    """
    output = session.output
    async with session.bookkeeping() as app:
        chosen = [await app.catalogue.key_of(key) for key in keys]
        report = await app.contents.inspect(chosen or None, again=again)
    if output.is_json:
        output.view(InspectionView.of(report))
        return DONE
    output.talk(tr("{n:# file|# files} inspected", n=report.inspected))
    problems = (*report.damaged, *report.suspect)
    output.table(
        ("State", "File", "Why"),
        [(tr(file.state.value), file.path, file.reason or "") for file in problems]
        + [(tr("unreadable"), path, error.message) for path, error in report.unreadable.items()],
    )
    return DONE
