"""`aniworld remove`."""

from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.completing import KeyText
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.domain.identity import parse_series_key
from aniworld_core.domain.library import ChangeOrigin


async def remove(
    key: KeyText,
    /,
    *,
    files: Annotated[bool, Parameter(negative="")] = False,
    session: CurrentSession,
) -> int:
    """Remove a series from the library, and its episodes from the queue.

    Its files stay, unless --files is given. Then its folder goes to the recycle bin, and
    `aniworld undo` returns both.

    Args:
        key: Whole key of the series.
        files: Move its folder to the recycle bin.
        session: The run of the command.
    """
    output = session.output
    async with session.bookkeeping() as app:
        series = await app.catalogue.get(parse_series_key(key))
        await app.library_actions.remove(series.key, files=files)
        newest = (await app.changes.history(limit=1)).items if files else ()
        changes = [each.id for each in newest if each.origin is ChangeOrigin.REMOVAL]
    if output.is_json:
        change = changes[0] if changes else None
        output.data({"key": series.key, "folder": series.folder, "change": change})
        return DONE
    output.talk(tr("removed {name} from the library", name=series.name))
    if changes:
        output.talk(
            tr(
                "its folder is in the recycle bin; aniworld undo {number} returns both",
                number=str(changes[0]),
            )
        )
    elif any(episode.downloaded for episode in series.episodes):
        output.talk(tr("its files stay in {folder}", folder=series.folder))
    return DONE
