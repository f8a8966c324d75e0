"""`aniworld sidecars`."""

from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.commands.library.changes.planning import require_choice, show_applied, show_plan
from aniworld_cli.completing import KeyText
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import SidecarRequest


async def sidecars(
    *keys: Annotated[KeyText, Parameter(name="KEY")],
    plan: bool = False,
    apply: bool = False,
    replace_foreign: bool = False,
    pictures: Annotated[bool, Parameter(negative="--no-pictures")] = True,
    session: CurrentSession,
) -> int:
    """Write NFO files and pictures for media servers; without --apply only show the plan.

    Files that this program wrote are updated. Files of other programs and changed files stay,
    unless --replace-foreign is given; then the old ones go to the recycle bin.

    Args:
        keys: Series to write; all if omitted.
        plan: Only show what would happen; this is the default.
        apply: Write the files.
        replace_foreign: Replace files of other programs, too.
        pictures: Write pictures, too: poster, fanart or banner, season posters, thumbs of episodes.
        session: The run it belongs to.
    """
    is_applied = require_choice(plan=plan, apply=apply)
    async with session.catalogues() as app:
        request = SidecarRequest(
            keys=tuple([await app.catalogue.key_of(key) for key in keys]),
            replaces_foreign=replace_foreign,
            with_pictures=pictures,
        )
        shown = await app.changes.plan_sidecars(request)
        if not is_applied:
            return show_plan(shown, session.output)
        applied = await app.changes.write_sidecars(request, digest=shown.digest)
    return show_applied(applied, session.output)
