"""`aniworld import-legacy`."""

from pathlib import Path

from aniworld_cli.exit_codes import DONE, SOME_FAILED
from aniworld_cli.session import CurrentSession


async def import_legacy(directory: Path | None = None, /, *, session: CurrentSession) -> int:
    """Take over the `data` files of the former program; doing it twice changes nothing.

    What the library holds of them is found by the next scan. Files that cannot be used are
    named and left alone.

    Args:
        directory: Where the series folders are; the library when left out.
        session: The run it belongs to.
    """
    output = session.output
    async with session.bookkeeping() as app:
        report = await app.legacy.take_over(_absolute(directory))
    if output.is_json:
        output.data(
            {
                "imported": len(report.imported),
                "updated": len(report.updated),
                "skipped": len(report.skipped),
                "failed": [{"file": file, "reason": reason} for file, reason in report.failed],
            }
        )
    else:
        for file, reason in report.failed:
            output.warn(f"left alone {file}: {reason}")
        output.table(
            ("What", "Series"),
            [("imported", key) for key in report.imported]
            + [("updated", key) for key in report.updated],
        )
        output.talk(
            f"{len(report.imported)} imported, {len(report.updated)} updated, "
            f"{len(report.skipped)} skipped, {len(report.failed)} failed"
        )
        if report.imported or report.updated:
            output.talk("find out what is there with: aniworld scan")
    return SOME_FAILED if report.failed else DONE


def _absolute(directory: Path | None) -> Path | None:
    return None if directory is None else directory.expanduser().absolute()
