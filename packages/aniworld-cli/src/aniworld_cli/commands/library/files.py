"""`aniworld files`."""

from aniworld_cli.exit_codes import DONE
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import LibraryFileView
from aniworld_core.domain.library import FileState


async def files(*, state: tuple[FileState, ...] = (), session: CurrentSession) -> int:
    """List the files of the library as the last scan left them.

    Args:
        state: Only files in these states.
        session: The run it belongs to.
    """
    output = session.output
    async with session.bookkeeping() as app:
        found = (await app.storage.files.find(state or tuple(FileState))).items
    if output.is_json:
        output.view([LibraryFileView.of(file) for file in found])
    else:
        output.table(
            ("State", "File", "Why"),
            [(file.state.value, file.path, file.reason or "") for file in found],
        )
    return DONE
