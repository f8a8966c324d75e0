"""`aniworld files`."""

from aniworld_cli.exit_codes import DONE
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import LibraryFileView
from aniworld_core.domain.library import FileState


async def files(
    *, state: tuple[FileState, ...] = (), series: str | None = None, session: CurrentSession
) -> int:
    """List the files of the library as the last scan left them.

    Args:
        state: Only files in these states.
        series: Only files of the series with this key.
        session: The run it belongs to.
    """
    output = session.output
    async with session.bookkeeping() as app:
        key = None if series is None else await app.library_actions.key_of(series)
        found = (await app.attention.files(state or tuple(FileState), series=key)).items
    if output.is_json:
        output.view([LibraryFileView.of(file) for file in found])
    else:
        output.table(
            ("State", "File", "Why"),
            [(file.state.value, file.path, file.reason or "") for file in found],
        )
    return DONE
