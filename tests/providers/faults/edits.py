"""What a crash, a power loss or an editor can make of an unfinished film."""

import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

FILM = "Film - S01E01.mp4"

#: What is done to the folder of the library.
Edit: TypeAlias = Callable[[Path], object]


def part_of(library: Path, behind: str = "") -> Path:
    """Return the part, or a file beside it."""
    return library / f"{FILM}.part{behind}"


def nothing(library: Path) -> None:
    """Leave everything as it is."""


def written(start: int, data: bytes) -> Edit:
    """Write into the unfinished film."""

    def edit(library: Path) -> None:
        with part_of(library).open("r+b") as file:
            file.seek(start)
            file.write(data)

    return edit


def resized(behind: str, share: float) -> Edit:
    """Cut something, or make it longer."""

    def edit(library: Path) -> None:
        path = part_of(library, behind)
        os.truncate(path, int(path.stat().st_size * share))

    return edit


def without(behind: str) -> Edit:
    """Delete something."""
    return lambda library: part_of(library, behind).unlink()


def folder_at(behind: str) -> Edit:
    """Put a folder in the place of something."""

    def edit(library: Path) -> None:
        part_of(library, behind).unlink()
        part_of(library, behind).mkdir()

    return edit


def link_at(behind: str) -> Edit:
    """Put a link to a file that matters in the place of something."""

    def edit(library: Path) -> None:
        precious = library.parent / "precious"
        precious.write_bytes(b"precious" * 99)
        part_of(library, behind).unlink()
        part_of(library, behind).symlink_to(precious)

    return edit


def pipe_at(behind: str) -> Edit:
    """Put a pipe in the place of something."""

    def edit(library: Path) -> None:
        part_of(library, behind).unlink()
        os.mkfifo(part_of(library, behind))

    return edit


def scribbled(behind: str) -> Edit:
    """Write noise over something."""
    return lambda library: part_of(library, behind).write_bytes(b"\x00\xff{]\n" * 999)


def noted(change: Callable[[list[dict[str, Any]]], object]) -> Edit:
    """Edit the ledger and keep its checksums valid."""

    def edit(library: Path) -> None:
        path = part_of(library, ".ledger")
        records = [json.loads(line[9:]) for line in path.read_bytes().splitlines()]
        change(records)
        check, lines = 0, []
        for record in records:
            text = json.dumps(record, separators=(",", ":")).encode()
            check = zlib.crc32(text, check)
            lines.append(b"%08x %b\n" % (check, text))
        path.write_bytes(b"".join(lines))

    return edit


def each(**fields: object) -> Edit:
    """Set fields of every claim in the ledger."""
    return noted(lambda records: [record.update(fields) for record in records[1:]])


def header(**fields: object) -> Edit:
    """Set fields of the ledger's first line."""
    return noted(lambda records: records[0].update(fields))


def identity(**fields: object) -> Edit:
    """Set fields of the identity in the ledger."""
    return noted(lambda records: records[0]["shape"].update(fields))
