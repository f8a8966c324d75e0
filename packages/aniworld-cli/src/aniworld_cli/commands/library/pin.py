"""`aniworld pin`."""

from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.completing import KeyText
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import LibraryFileView
from aniworld_core.domain.identity import parse_episode_selection
from aniworld_core.errors import UsageError


async def pin(
    file: Annotated[str, Parameter(name="FILE")],
    episode: Annotated[str | None, Parameter(name="EPISODE")] = None,
    /,
    *,
    series: KeyText | None = None,
    remove: Annotated[bool, Parameter(negative="")] = False,
    session: CurrentSession,
) -> int:
    """Say which episode a file is; scans never change that.

    Args:
        file: Path of the file below the library folder, or absolute.
        episode: The episode such as S01E02, or a range such as S01E02-E03.
        series: Key of the series; by default the series of the file at the last scan.
        remove: Remove the assignment; the file name decides again.
        session: The run it belongs to.
    """
    if (episode is None) != remove:
        raise UsageError("give either an episode or --remove")
    output = session.output
    async with session.bookkeeping() as app:
        if episode is None:
            record = await app.pins.unpin(file)
        else:
            key = None if series is None else await app.catalogue.key_of(series)
            record = await app.pins.pin(file, parse_episode_selection(episode), key=key)
    if output.is_json:
        output.view(LibraryFileView.of(record))
    else:
        place = tr("pinned to {episode}", episode=str(episode)) if episode else tr("not pinned")
        output.talk(f"{record.path}: {place}")
    return DONE
