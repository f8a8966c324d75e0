"""Reader of files of the former program."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import attrs

from aniworld_core.domain.downloads import Priority
from aniworld_core.domain.library import LegacySeries


@attrs.frozen(kw_only=True)
class LegacyFile:
    """One file of the former program.

    Attributes:
        file: Path relative to the folder that was read.
        mark: Value that changes with the content.
        series: Parsed content; `None` if it cannot be used.
        reason: Reason if it cannot be used, otherwise empty.
    """

    file: str
    mark: str
    series: LegacySeries | None = None
    reason: str = ""


@attrs.frozen(kw_only=True)
class FormerItem:
    """An unfinished queue item of the former program's database.

    Attributes:
        id: Id in that database.
        retries: Number of retries; 0 if it has not failed.
    """

    id: str
    key: str
    season: int
    number: int
    priority: Priority = Priority.NORMAL
    has_failed: bool = False
    retries: int = 0


@attrs.frozen(kw_only=True)
class FormerDatabase:
    """The imported tables of the former program.

    Attributes:
        series: One entry for each row that is not deleted, with the known episodes. Download
            state is left out, because only the disk is reliable.
        items: Unfinished queue items, oldest first.
    """

    series: tuple[LegacyFile, ...]
    items: tuple[FormerItem, ...]


#: Read a database file of the former program without changing it; blocks.
#: Raise `LegacyDataError` if it cannot be read or belongs to another program.
FormerDatabaseReader: TypeAlias = Callable[[Path], FormerDatabase]
