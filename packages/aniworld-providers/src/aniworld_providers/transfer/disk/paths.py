"""Names of a transfer's files: the part and the files beside it, and the finished file."""

import contextlib
import hashlib
import os
import re
from pathlib import Path
from typing import Final

import attrs

from aniworld_core.messages import Message
from aniworld_providers.transfer.disk.ledger import is_ledger

#: Container suffixes; a destination's suffix is replaced only if it is one of these.
MEDIA_SUFFIXES: Final = frozenset(
    (
        *(".mp4", ".mkv", ".webm", ".ts", ".m2ts", ".avi", ".mov", ".m4v", ".ogv", ".ogm"),
        *(".mpg", ".mpeg", ".flv", ".wmv", ".asf", ".m3u8", ".mpd", ".mka", ".m4a"),
    )
)
#: The suffixes that are correct for a container, by its usual suffix.
_FITTING: Final = {
    **dict.fromkeys((".mp4", ".m4v", ".mov"), frozenset({".mp4", ".m4v", ".mov"})),
    ".webm": frozenset({".webm", ".mkv"}),
    ".mpg": frozenset({".mpg", ".mpeg"}),
    ".ts": frozenset({".ts"}),
    ".ogv": frozenset({".ogv", ".ogm"}),
    ".wmv": frozenset({".wmv", ".asf"}),
}
#: Most bytes in a file name, and the bytes reserved for the suffixes of unfinished files.
_NAME_BYTES: Final = 255
_ROOM: Final = len(".part.segments")
#: Ends of the files beside a part: lock, container in the making, subtitles, separate audio and
#: its ledger, cover.
_TAG: Final = re.compile(r"lock|out|s\d{1,4}|a|a\.ledger|c", re.ASCII)


@attrs.frozen
class PartPaths:
    """Paths of an unfinished file and its ledger."""

    part: Path
    ledger: Path

    def beside(self, tag: str) -> Path:
        """Return the path of a further file, `<final name>.part.<tag>`."""
        return self.part.with_name(f"{self.part.name}.{tag}")

    def written(self) -> list[Path]:
        """Return the existing files that a transfer wrote; the ledger, which proves it, comes last.

        Without a valid ledger there are none: another program may use the same names.
        """
        if not is_ledger(self.ledger):
            return []
        with contextlib.suppress(FileNotFoundError):
            tags = (e.name.removeprefix(f"{self.part.name}.") for e in self.part.parent.iterdir())
            beside = [self.beside(tag) for tag in sorted(tags) if _TAG.fullmatch(tag)]
            found = [self.part, *beside, self.ledger]
            return [path for path in found if path.is_file() and not path.is_symlink()]
        return []


def part_paths(destination: Path) -> PartPaths:
    """Return the paths of the unfinished file for *destination*."""
    name = destination.name
    if len(os.fsencode(name)) > _NAME_BYTES - _ROOM:
        # The digest distinguishes long names with the same beginning.
        mark = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
        name = f"{_cut(name, _NAME_BYTES - _ROOM - len(mark) - 1)}~{mark}"
    part = destination.with_name(f"{name}.part")
    return PartPaths(part, part.with_name(f"{part.name}.ledger"))


def final_path(destination: Path, suffix: str, *, exact_name: bool) -> Path:
    """Return the path of the finished file.

    Args:
        destination: The requested path.
        suffix: Suffix of the found container, with its dot.
        exact_name: Whether to keep the requested suffix unless it names another container.
    """
    own = destination.suffix.lower()
    if exact_name and (own not in MEDIA_SUFFIXES or own in _FITTING.get(suffix, {suffix})):
        return destination
    stem = destination.stem if own in MEDIA_SUFFIXES else destination.name
    return destination.with_name(_cut(stem, _NAME_BYTES - _ROOM - len(suffix)) + suffix)


def rename_notices(destination: Path, final: Path, *, exact_name: bool) -> tuple[str, ...]:
    """Return the notice about a requested suffix that does not fit the content, if any."""
    if not exact_name or final == destination:
        return ()
    suffix, name = destination.suffix, destination.name
    return (Message("suffix_changed", suffix=suffix, name=name, final=final.name),)


def existing_targets(destination: Path, *, exact_name: bool) -> list[Path]:
    """Return the existing files that a finished fetch of *destination* may have created."""
    names = {final_path(destination, s, exact_name=exact_name) for s in MEDIA_SUFFIXES}
    # The requested name comes first.
    return sorted((p for p in names if p.exists()), key=lambda p: (p != destination, p))


def remove_leftovers(paths: PartPaths) -> None:
    """Delete the files that a finished transfer wrote.

    If one cannot be deleted, the ledger stays as well, so that a later call can identify it.
    """
    with contextlib.suppress(OSError):
        for path in paths.written():
            path.unlink(missing_ok=True)


def _cut(text: str, limit: int) -> str:
    """Shorten *text* to at most *limit* bytes, without splitting a character."""
    raw = os.fsencode(text)
    if len(raw) <= limit:
        return text
    return raw[:limit].decode("utf-8", "ignore").rstrip(" .")
