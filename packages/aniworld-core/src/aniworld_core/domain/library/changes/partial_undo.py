"""What can be undone when the recycle bin no longer holds all files of a change."""

from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

import attrs

from aniworld_core.domain.library.changes.plan import EpisodeFileChange
from aniworld_core.domain.library.changes.steps import Step, StepKind, is_in_bin, is_temporary
from aniworld_core.domain.library.entry_rules import video_suffix

_FOLDERS = frozenset({StepKind.MAKE_FOLDER, StepKind.REMOVE_FOLDER})


@attrs.frozen(kw_only=True)
class PartialUndo:
    """The part of a change that can be undone.

    Attributes:
        steps: Applied steps to undo.
        episodes: Episodes whose former file comes back.
        lost: Former paths of the files that cannot come back.
    """

    steps: tuple[Step, ...]
    episodes: tuple[EpisodeFileChange, ...]
    lost: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no file can be changed back."""
        return all(step.kind in _FOLDERS for step in self.steps)


def without_lost(
    steps: Sequence[Step], episodes: Sequence[EpisodeFileChange], present: Collection[str]
) -> PartialUndo:
    """Return the part of a change that does not need files that left the recycle bin.

    The file that replaced a lost one stays with its subtitles and sidecars: an episode keeps the
    file that it has rather than none.

    Args:
        steps: The applied steps in their order.
        episodes: The episodes of the change.
        present: Paths in recycle bins that still exist.
    """
    gone = {step.target for step in steps if is_in_bin(step.target)} - set(present)
    gone -= {step.target for step in steps if step.kind in _FOLDERS}
    lost = tuple(step.source for step in steps if step.target in gone)
    replaced = [each for each in episodes if each.before and each.before.path in lost]
    stems = {_stem(each.after.path) for each in replaced if each.after}
    kept = {*gone, *lost}
    kept |= {
        step.target
        for step in steps
        for stem in stems
        if step.target == stem or step.target.startswith((f"{stem}.", f"{stem}-"))
    }
    kept |= {s.source for s in steps if s.target in kept and is_temporary(s.source)}
    return PartialUndo(
        steps=tuple(step for step in steps if step.target not in kept),
        episodes=tuple(each for each in episodes if each not in replaced),
        lost=lost,
    )


def _stem(path: str) -> str:
    name = PurePosixPath(path).name
    return path.removesuffix(video_suffix(name))
