"""`aniworld rename`."""

from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.commands.library.changes.planning import require_choice, show_applied, show_plan
from aniworld_cli.completing import KeyText
from aniworld_cli.session import CurrentSession


async def rename(
    *keys: Annotated[KeyText, Parameter(name="KEY")],
    plan: bool = False,
    apply: bool = False,
    session: CurrentSession,
) -> int:
    """Rename existing files after the naming templates; without --apply only show the plan.

    Subtitles, NFO files, artwork and audio files with the name of a video are renamed with it.
    No file is overwritten. Every change is in the history and can be undone.

    Args:
        keys: Series to rename; all if omitted.
        plan: Only show what would happen; this is the default.
        apply: Rename the files.
        session: The run it belongs to.
    """
    is_applied = require_choice(plan=plan, apply=apply)
    async with session.bookkeeping() as app:
        chosen = [await app.catalogue.key_of(key) for key in keys]
        shown = await app.changes.plan_rename(chosen)
        if not is_applied:
            return show_plan(shown, session.output)
        applied = await app.changes.rename(chosen, digest=shown.digest)
    return show_applied(applied, session.output)
