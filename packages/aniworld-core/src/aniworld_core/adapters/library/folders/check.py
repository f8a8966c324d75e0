"""Check folders of a configuration."""

from pathlib import Path

import anyio.to_thread


async def folder_problem(raw: str) -> str | None:
    """Return why a path, which may start with `~`, is no folder; `None` if it is one."""
    return await anyio.to_thread.run_sync(_problem, raw)


def _problem(raw: str) -> str | None:
    try:
        path = Path(raw).expanduser()
        if path.is_dir():
            return None
        return "is a file; a folder is needed" if path.exists() else "does not exist; create it"
    except (OSError, RuntimeError, ValueError) as error:  # also for an unknown user or a NUL
        return f"cannot be used: {getattr(error, 'strerror', None) or error}"
