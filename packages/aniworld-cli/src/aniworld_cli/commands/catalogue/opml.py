"""`aniworld opml ...`: exchange lists of feeds with feed readers and podcast programs."""

from pathlib import Path
from typing import Annotated

import anyio
from cyclopts import Parameter

from aniworld_cli.commands.downloads.add import add_several
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_cli.standard_input import STDIN, read_standard_input
from aniworld_core.application.catalogue import MAX_OPML_BYTES, feeds_in_opml, opml_of
from aniworld_core.domain.catalogue import SeriesQuery
from aniworld_core.errors import UsageError
from aniworld_core.messages import os_reason


async def import_feeds(
    file: Annotated[Path, Parameter(name="FILE")], /, *, session: CurrentSession
) -> int:
    """Add the feeds of an OPML file, and report each.

    Args:
        file: The file; - reads stdin.
        session: The run of the command.
    """
    if str(file) == STDIN:
        text: str | bytes = await anyio.to_thread.run_sync(read_standard_input)
    else:
        text = await _read(file)
    links = feeds_in_opml(text)
    async with session.catalogues() as app:
        return await add_several(app, links, None, session.output, follow=False)


async def export_feeds(
    file: Annotated[Path | None, Parameter(name="FILE")] = None, /, *, session: CurrentSession
) -> int:
    """Write the feeds of the library as OPML.

    Args:
        file: The file, which must not exist; stdout by default.
        session: The run of the command.
    """
    async with session.bookkeeping() as app:
        listed = await app.storage.series.summaries(SeriesQuery())
    text = opml_of(listed.items)
    if file is None:
        for line in text.splitlines():
            session.output.line(line)
        return DONE
    try:
        async with await anyio.open_file(file, "x", encoding="utf-8") as written:
            await written.write(text)
    except OSError as error:
        raise UsageError(
            tr("cannot write {file}: {reason}", file=str(file), reason=os_reason(error))
        ) from error
    return DONE


async def _read(file: Path) -> bytes:
    try:
        async with await anyio.open_file(file, "rb") as opened:
            content = await opened.read(MAX_OPML_BYTES + 1)
    except OSError as error:
        raise UsageError(
            tr("cannot read {file}: {reason}", file=str(file), reason=os_reason(error))
        ) from error
    if len(content) > MAX_OPML_BYTES:
        raise UsageError(
            tr(
                "cannot read {file}: it is larger than {most} MiB",
                file=str(file),
                most=MAX_OPML_BYTES // 1024**2,
            )
        )
    return content
