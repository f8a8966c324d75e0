"""`aniworld doctor`."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Final

from aniworld_cli.commands.configuration.installation_checks import (
    Check,
    check_application,
    check_tools,
    ok,
    problem_of,
)
from aniworld_cli.rendering.texts import said, tr, translated
from aniworld_cli.session import CurrentSession, Session
from aniworld_core.bootstrap.recovery import recover_storage, told
from aniworld_core.bootstrap.server_lock import only_server
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.errors import (
    AniworldError,
    ConfigCorruptError,
    SettingsError,
    StorageCorruptError,
    StorageUnavailableError,
)

#: Error that keeps the application from opening -> the check that reports it.
_CHECK_OF: Final[Mapping[type[AniworldError], str]] = {
    StorageUnavailableError: "database",
    StorageCorruptError: "database",
    ConfigCorruptError: "configuration",
    SettingsError: "settings",
}

#: First words of the checks of adapters.
_KINDS: Final = ("catalogue", "resolver", "fetcher", "media server")


async def doctor(
    *, restore: bool = False, remove_leftovers: bool = False, session: CurrentSession
) -> int:
    """Check library, disk, database, providers and tools, and show how to fix problems.

    Exits with 0 if there is no problem, else with the exit code of the worst problem. A catalogue
    that does not answer is only a warning while another one answers.

    With `--restore`, a damaged database is renamed and replaced with its newest backup copy, or
    with an empty database if there is no copy.

    Args:
        restore: Restore a damaged database. No server may run on the data folder.
        remove_leftovers: Delete unfinished files of items that are no longer in the queue.
        session: The run of the command.
    """
    restored = [await _restore(session.settings())] if restore else []
    found = _checks(session, remove_leftovers=remove_leftovers)
    checks = restored + [check async for check in found]
    if session.output.is_json:
        session.output.view([check.view for check in checks])
    else:
        views = [check.view for check in checks]
        session.output.table(
            ("Check", "Status", "Detail", "What to do"),
            [(_name(v.check), tr(v.status), said(v.detail), said(v.hint or "")) for v in views],
        )
    return max(check.code for check in checks)


async def _restore(settings: Settings) -> Check:
    """Restore a damaged database.

    Raises:
        DataDirInUseError: If a server runs on the data folder.
        StorageUnavailableError: If its files cannot be read, moved or written.
    """
    with only_server(settings.data_dir):
        recovery = await recover_storage(settings, on_request=True)
    if recovery is None:
        return ok("restore", tr("the database is not damaged; nothing was restored"))
    return ok("restore", told(recovery))


async def _checks(session: Session, *, remove_leftovers: bool) -> AsyncIterator[Check]:
    now: datetime | None = None
    try:
        async with session.application() as app:
            now = app.clock.now()
            found = await check_application(app, remove_leftovers=remove_leftovers)
    except AniworldError as error:
        # The application cannot open, so only the tools remain to be checked.
        name = next((n for base, n in _CHECK_OF.items() if isinstance(error, base)), "settings")
        found = [problem_of(name, error)]
    for check in found:
        yield check
    for check in check_tools(now):
        yield check


def _name(check: str) -> str:
    """Return the name of a check in the reader's language; names of adapters stay."""
    for kind in _KINDS:
        if check.startswith(f"{kind} "):
            return f"{tr(kind)} {check.removeprefix(kind).strip()}"
    return translated(check)
