"""`aniworld deleted`."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.completing import KeyText
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import DeletedFileView
from aniworld_core.domain.identity import EpisodeSelection
from aniworld_core.domain.library import DeletedFile
from aniworld_core.errors import UsageError


async def deleted(
    *keys: Annotated[KeyText, Parameter(name="KEY")],
    is_unwanted: Annotated[bool, Parameter(name="--not-wanted", negative="")] = False,
    is_missing: Annotated[bool, Parameter(name="--missing", negative="")] = False,
    session: CurrentSession,
) -> int:
    """List episodes whose files were deleted on the disk, and decide about them.

    They count as missing, so they may be downloaded again. A scan notes them, unless so much is
    gone that the loss has to be confirmed first.

    Args:
        keys: Only episodes of these series; all if omitted.
        is_unwanted: Mark the listed episodes as not wanted: never missing, never downloaded.
        is_missing: Leave the listed episodes missing, and list them no longer.
        session: The run it belongs to.
    """
    if is_unwanted and is_missing:
        raise UsageError("give --not-wanted or --missing, not both")
    output = session.output
    async with session.bookkeeping() as app:
        chosen = {await app.catalogue.key_of(key) for key in keys}
        found = [
            file
            for file in await app.attention.deleted()
            if not chosen or file.episode.series_key in chosen
        ]
        if is_unwanted:
            for key in dict.fromkeys(file.episode.series_key for file in found):
                selections = [_selection(f) for f in found if f.episode.series_key == key]
                await app.library_actions.set_wanted(key, selections, wanted=False)
        if is_missing:
            await app.attention.leave_missing([file.episode for file in found])
    if output.is_json:
        output.view([DeletedFileView.of(file) for file in found])
        return DONE
    output.table(("Series", "Episode", "File"), _rows(found))
    if not found:
        output.talk("no episode lost its file")
    elif is_unwanted or is_missing:
        output.talk(
            tr(
                "{n:# episode|# episodes}: {state}",
                n=len(found),
                state=tr("not wanted") if is_unwanted else tr("missing"),
            )
        )
    else:
        output.talk("never download them: --not-wanted; leave them missing: --missing")
    return DONE


def _selection(file: DeletedFile) -> EpisodeSelection:
    episode = file.episode
    return EpisodeSelection(episode.season, episode.number, episode.number)


def _rows(files: Sequence[DeletedFile]) -> list[tuple[str, str, str]]:
    return [(file.episode.series_key, file.episode.code, file.path) for file in files]
