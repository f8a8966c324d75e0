"""Paths as arguments."""

from pathlib import Path

from aniworld_cli.rendering.texts import tr
from aniworld_core.errors import UsageError


def expanded(path: Path) -> Path:
    """Return a path with the home folder instead of `~` or `~name`.

    Raises:
        UsageError: If there is no such home folder.
    """
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise UsageError(tr("there is no home folder for {path}", path=str(path))) from error
