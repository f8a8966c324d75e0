"""`aniworld import`."""

import os
from pathlib import Path

import anyio
import attrs

from aniworld_cli.commands.library.changes.planning import require_choice, show_applied, show_plan
from aniworld_cli.completing import KeyText
from aniworld_cli.paths import expanded
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import HeldPolicy, ImportRequest
from aniworld_core.domain.library import ChangeAction
from aniworld_core.errors import UsageError


async def import_folder(
    folder: Path,
    /,
    *,
    plan: bool = False,
    apply: bool = False,
    move: bool = False,
    copy: bool = False,
    link: bool = False,
    series: KeyText | None = None,
    replace: bool = False,
    keep_both: bool = False,
    session: CurrentSession,
) -> int:
    """Import the video files of other programs; without --apply only show the plan.

    Files are matched to the series of the library by their names and folders. A file that is not
    sure is listed and stays where it is. Every change is in the history and can be undone.

    Args:
        folder: Folder inside or outside the library.
        plan: Only show what would happen; this is the default.
        apply: Import the files.
        move: Move the files; this is the default.
        copy: Copy the files; the originals stay.
        link: Give the files a second name (hard link); needs the same file system.
        series: Key of the series of all files.
        replace: Replace existing files of the same episodes; they go to the recycle bin.
        keep_both: Store the files of existing episodes beside the existing files.
        session: The run it belongs to.
    """
    request = ImportRequest(
        folder=_absolute(folder),
        action=_action(move=move, copy=copy, link=link),
        held=_policy(replace=replace, keep_both=keep_both),
    )
    if not await anyio.Path(request.folder).is_dir():
        raise UsageError(tr("there is no folder {folder}", folder=request.folder))
    is_applied = require_choice(plan=plan, apply=apply)
    async with session.bookkeeping() as app:
        if series is not None:
            request = attrs.evolve(request, series=await app.catalogue.key_of(series))
        shown = (await app.changes.plan_import(request)).plan
        if not is_applied:
            return show_plan(shown, session.output)
        applied = await app.changes.import_folder(request, digest=shown.digest)
    return show_applied(applied, session.output)


def _absolute(folder: Path) -> str:
    # Not resolved: a link that the user names may be followed.
    return os.path.abspath(expanded(folder))  # noqa: PTH100


def _action(*, move: bool, copy: bool, link: bool) -> ChangeAction:
    if move + copy + link > 1:
        raise UsageError("give only one of --move, --copy and --link")
    if copy:
        return ChangeAction.COPY
    return ChangeAction.LINK if link else ChangeAction.MOVE


def _policy(*, replace: bool, keep_both: bool) -> HeldPolicy:
    if replace and keep_both:
        raise UsageError("give --replace or --keep-both, not both")
    if replace:
        return HeldPolicy.REPLACE
    return HeldPolicy.VERSION if keep_both else HeldPolicy.REFUSE
