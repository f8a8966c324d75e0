"""`aniworld import-legacy`."""

from pathlib import Path

from aniworld_cli.exit_codes import DONE, SOME_FAILED
from aniworld_cli.paths import expanded
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.errors import UsageError


async def import_legacy(
    directory: Path | None = None, /, *, database: Path | None = None, session: CurrentSession
) -> int:
    """Import `data` files or a database of the former program; a second run changes nothing.

    Downloaded episodes are found by the next scan, not read from the old data. Unusable entries are
    listed and skipped. The old files are not changed.

    Args:
        directory: Folder with the series folders; the library if omitted.
        database: SQLite file of the former program. Imports series, episodes and unfinished
            downloads from it instead of `data` files.
        session: The run of the command.
    """
    output = session.output
    if directory is not None and database is not None:
        raise UsageError("give a folder or --database, not both")
    async with session.bookkeeping() as app:
        old, folder = _absolute(database), _absolute(directory)
        if old is not None:
            report = await app.legacy.take_over_database(old)
        else:
            report = await app.legacy.take_over(folder)
    if output.is_json:
        queued = {"queued": report.queued} if database is not None else {}
        output.data(
            queued
            | {
                "imported": len(report.imported),
                "updated": len(report.updated),
                "skipped": len(report.skipped),
                "failed": [{"file": file, "reason": reason} for file, reason in report.failed],
            }
        )
    else:
        for file, reason in report.failed:
            output.warn(tr("skipped {file}: {reason}", file=str(file), reason=reason))
        output.table(
            ("What", "Series"),
            [("imported", key) for key in report.imported]
            + [("updated", key) for key in report.updated]
            + [("queued", episode) for episode in report.queued],
        )
        output.talk(
            tr(
                "{imported} imported, {updated} updated, {skipped} skipped, {failed} failed",
                imported=len(report.imported),
                updated=len(report.updated),
                skipped=len(report.skipped),
                failed=len(report.failed),
            )
        )
        if report.imported or report.updated:
            output.talk("find existing episodes with: aniworld scan")
    return SOME_FAILED if report.failed else DONE


def _absolute(directory: Path | None) -> Path | None:
    return None if directory is None else expanded(directory).absolute()
