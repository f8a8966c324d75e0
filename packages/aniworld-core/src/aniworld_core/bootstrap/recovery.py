"""Recover a damaged database, and read one of the former program."""

import logging
from pathlib import Path
from typing import cast

from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.bootstrap.plugins import load_adapter, scheme_of
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.errors import AdapterNotFoundError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.legacy import FormerDatabase, FormerDatabaseReader
from aniworld_core.ports.storage import RecoverStorage, Recovery

logger: logging.Logger = logging.getLogger(__name__)


async def recover_storage(
    settings: Settings, *, on_request: bool = False, clock: Clock | None = None
) -> Recovery | None:
    """Move a damaged database aside and restore the newest copy.

    Only the server of the data folder may call it, or a command while no server runs.

    Args:
        settings: Settings with the database.
        on_request: Whether the user requested it.
        clock: Clock; that of the system if `None`.

    Returns:
        The recovery; `None` if the database is intact or its adapter has no recovery.

    Raises:
        StorageUnavailableError: If its files cannot be read, moved or written.
    """
    url = settings.storage_url
    try:
        recover = cast("RecoverStorage", load_adapter("aniworld.recovery", scheme_of(url)))
    except AdapterNotFoundError:
        return None
    found = await recover(url, at=(clock or SystemClock()).now(), on_request=on_request)
    if found is not None:
        logger.warning("%s", told(found))
    return found


def told(recovery: Recovery) -> str:
    """Return a text about the recovery and what the user should do."""
    start = f"the database was damaged ({recovery.reason}) and moved to {recovery.moved_to}"
    if recovery.restored_at is not None:
        made = f"{recovery.restored_at:%Y-%m-%d %H:%M} UTC"
        return f"{start}; the copy of {made} took its place, scan the library: aniworld scan"
    if recovery.is_read_only:
        return (
            f"{start}; there is no copy, so an empty database is used and nothing is stored. "
            "Put a copy into the folder backups beside it, or begin anew: aniworld doctor --restore"
        )
    return f"{start}; there is no copy, so an empty database is used"


def read_former_database(path: Path) -> FormerDatabase:
    """Read a database of the former program with the installed reader; see the port."""
    read = cast("FormerDatabaseReader", load_adapter("aniworld.former", "sqlite"))
    return read(path)
