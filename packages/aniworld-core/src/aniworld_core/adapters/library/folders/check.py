"""Check folders of a configuration."""

from pathlib import Path

import anyio.to_thread

from aniworld_core.domain.library import is_system_folder
from aniworld_core.messages import Message, os_reason


async def folder_problem(raw: str) -> str | None:
    """Return why a path, which may start with `~`, cannot be a library; `None` if it can."""
    return await anyio.to_thread.run_sync(_problem, raw)


def _problem(raw: str) -> str | None:
    try:
        path = Path(raw).expanduser()
        if path.is_dir():
            return Message("system_folder") if is_system_folder(path.resolve()) else None
        return Message("folder_is_file" if path.exists() else "folder_missing")
    except OSError as error:
        return Message("cannot_be_read", reason=os_reason(error))
    except (RuntimeError, ValueError) as error:  # for an unknown user, a loop of links or a NUL
        return Message("cannot_be_read", reason=str(error))
