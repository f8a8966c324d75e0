"""Find and remove unfinished files of transfers by their ledgers."""

import json
import os
import re
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from aniworld_core.adapters.library.places import is_in_use
from aniworld_core.domain.library import BIN

_LEDGER: Final = ".part.ledger"
_HEAD_BYTES: Final = 4096
#: Ends of the files beside a part: ledger, lock, container in the making, subtitles, separate audio
#: and its ledger, cover.
_TAG: Final = re.compile(r"\.(?:ledger|lock|out|s\d{1,4}|a|a\.ledger|c)", re.ASCII)


def unfinished_files(root: Path) -> Iterator[tuple[Path, int]]:
    """Return the final path of every unfinished file below the root, and its disk space.

    Only files with a ledger of Aniworld are returned, and none that is in use.

    Raises:
        OSError: If the root cannot be read.
    """
    os.scandir(root).close()
    for top, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != BIN]
        folder = Path(top)
        for name in sorted(names):
            if name.endswith(_LEDGER) and _is_ledger(folder / name):
                final = folder / name.removesuffix(_LEDGER)
                family = _family(final)
                if not is_in_use(folder, [path.name for path in family]):
                    yield final, sum(_size(path) for path in family)


def remove_unfinished(final: Path) -> None:
    """Delete the unfinished file of a final path with its ledger and lock, unless in use.

    Raises:
        OSError: If it cannot be deleted.
    """
    family = _family(final)
    if not is_in_use(final.parent, [path.name for path in family]):
        # The ledger last: after a kill the rest is still recognised.
        for path in sorted(family, key=lambda path: path.name.endswith(_LEDGER)):
            path.unlink(missing_ok=True)


def ledger_finals(folder: Path, stem: str) -> list[Path]:
    """Return the final paths `<stem>.<suffix>` of unfinished files that have a ledger.

    Raises:
        OSError: If the folder cannot be read.
    """
    found: list[Path] = []
    for name in sorted(os.listdir(folder)):  # noqa: PTH208 - names are all it takes
        if name.startswith(f"{stem}.") and name.endswith(_LEDGER):
            final = name.removesuffix(_LEDGER)
            if final[len(stem) + 1 :].isalnum() and _is_ledger(folder / name):
                found.append(folder / final)
    return found


def _family(final: Path) -> list[Path]:
    """Return the files that a transfer writes beside its ledger; other files are never touched."""
    part = f"{final.name}.part"
    names = os.listdir(final.parent)  # noqa: PTH208 - names are all it takes
    chosen = (n for n in names if n == part or _TAG.fullmatch(n.removeprefix(part)))
    return [final.parent / n for n in chosen if n.startswith(part) and _is_file(final.parent / n)]


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _is_ledger(path: Path) -> bool:
    """Return whether the first line is that of a ledger: a CRC-32 and a JSON header."""
    if not _is_file(path):
        return False
    try:
        with path.open("rb") as file:
            line = file.readline(_HEAD_BYTES)
        text = line[9:].rstrip(b"\n")
        record = json.loads(text)
    except (OSError, ValueError, RecursionError):
        return False
    return (
        line[:9] == b"%08x " % zlib.crc32(text)
        and isinstance(record, dict)
        and ("ledger" in record)
    )


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
