"""Decide whether files are gone on purpose, or a drive, folder or mount is."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from aniworld_core.domain.library import LibraryLoss, LibraryRoot, is_in_root
from aniworld_core.messages import Message

#: Least number of lost files that is suspicious.
LEAST_LOST: Final = 5
#: Share of the known files of a root that may be lost in one scan.
MOST_LOST: Final = 0.2


def is_suspicious(lost: int, known: int) -> bool:
    """Return whether so many lost files of a root need a person's confirmation."""
    return lost >= LEAST_LOST and lost > known * MOST_LOST


def lost_by_root(files: Collection[str], roots: Sequence[LibraryRoot]) -> Counter[str]:
    """Count files by the root they are in."""
    return Counter(root_of(file, roots) for file in files)


def root_of(file: str, roots: Sequence[LibraryRoot]) -> str:
    """Return the name of the root of a stored path; empty for the main root."""
    names = (root.name for root in roots if root.name and is_in_root(file, root.name))
    return max(names, key=len, default="")


def guarded_losses(
    roots: Sequence[LibraryRoot],
    *,
    known: Mapping[str, int],
    lost: Mapping[str, int],
    with_files: Collection[str],
    at: datetime,
) -> dict[str, LibraryLoss]:
    """Return the losses of roots that need a confirmation, by root.

    Args:
        roots: All roots.
        known: Number of known files by root.
        lost: Number of known files that the scan did not find, by root.
        with_files: Names of the roots in which the scan found a file.
        at: The present time.
    """
    found: dict[str, LibraryLoss] = {}
    for root in roots:
        held, gone = known.get(root.name, 0), lost.get(root.name, 0)
        reason: Message | None = None
        if root.problem and held:
            reason = Message("cannot_be_read", reason=root.problem)
            gone = held
        elif held and root.name not in with_files:
            reason, gone = Message("library_emptied", episodes=held), held
        elif is_suspicious(gone, held):
            reason = Message("library_lost", lost=gone, known=held)
        if reason is not None:
            found[root.name] = LibraryLoss(
                path=root.name, reason=reason, lost=gone, known=held, noted_at=at
            )
    return found
