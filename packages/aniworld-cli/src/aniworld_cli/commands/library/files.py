"""`aniworld files` and `aniworld delete`."""

from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.completing import KeyText
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import ChangeView, LibraryFileView
from aniworld_core.domain.library import FileState


async def files(
    *, state: tuple[FileState, ...] = (), series: KeyText | None = None, session: CurrentSession
) -> int:
    """List the files of the library as the last scan left them.

    Args:
        state: Only files in these states.
        series: Only files of the series with this key.
        session: The run it belongs to.
    """
    output = session.output
    async with session.bookkeeping() as app:
        key = None if series is None else await app.catalogue.key_of(series)
        found = (await app.storage.files.find(state or tuple(FileState), series=key)).items
    if output.is_json:
        output.view([LibraryFileView.of(file) for file in found])
    else:
        output.table(
            ("State", "File", "Why"),
            [(file.state.value, file.path, file.reason or "") for file in found],
        )
    return DONE


async def delete(
    file: Annotated[str, Parameter(name="FILE")],
    /,
    *,
    is_unwanted: Annotated[bool, Parameter(name="--not-wanted", negative="")] = False,
    session: CurrentSession,
) -> int:
    """Move a video with its subtitles and sidecars to the recycle bin; `undo` moves it back.

    Its episodes are missing afterwards, so a scheduled scan may download them again, unless they
    are marked as not wanted.

    Args:
        file: Path of the file below the library folder, or absolute.
        is_unwanted: Mark its episodes as not wanted.
        session: The run it belongs to.
    """
    output = session.output
    async with session.bookkeeping() as app:
        change = await app.library_actions.delete_file(file, unwanted=is_unwanted)
    if output.is_json:
        output.view(ChangeView.of(change))
        return DONE
    codes = ", ".join(each.episode.code for each in change.episodes)
    if codes:
        output.talk(f"{codes}: {tr('not wanted') if is_unwanted else tr('missing now')}")
    if codes and not is_unwanted:
        output.talk("to keep it from being downloaded again: aniworld wanted KEY EPISODE --not")
    output.talk(
        tr("moved to the recycle bin; undo it with: aniworld undo {number}", number=str(change.id))
    )
    return DONE
