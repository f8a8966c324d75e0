"""Which places a scan of a root may read through links."""

import os
from collections.abc import Sequence
from pathlib import Path

import attrs

from aniworld_core.messages import Message


def _real(path: Path | str) -> str:
    return os.path.realpath(path)


@attrs.frozen
class Reach:
    """One root with the real paths of all configured roots.

    Attributes:
        root: Path of the root as it is configured, without a slash at its end.
        name: Start of stored paths: empty for the main root, otherwise its absolute POSIX path.
        real: Real path of the root.
        all_real: Real paths of all configured roots, this one included.
    """

    root: str
    name: str
    real: str
    all_real: frozenset[str]

    @classmethod
    def of(cls, roots: Sequence[Path]) -> Sequence["Reach"]:
        """Return the roots to read, the main root first.

        A root that is inside another one, or the same folder again, is left out: its files are
        read there.
        """
        real = [_real(root) for root in roots]
        found: list[Reach] = []
        for number, (root, place) in enumerate(zip(roots, real, strict=True)):
            others = [*real[:number], *(other for other in real[number + 1 :] if other != place)]
            if number and any(_is_inside(place, other) for other in others):
                continue
            path = os.fspath(root).rstrip("/")
            found.append(cls(path, root.as_posix() if number else "", place, frozenset(real)))
        return found

    def folder_of(self, path: str) -> str | None:
        """Return the folder below this root, given its stored path; `None` if it is elsewhere."""
        if not self.name:
            return None if path.startswith("/") else path
        below = path.removeprefix(self.name)
        return below.strip("/") if below != path and below[:1] in ("", "/") else None

    def is_root(self, path: str) -> bool:
        """Return whether a folder is another configured root, which is read on its own."""
        return len(self.all_real) > 1 and _real(path) in self.all_real - {self.real}

    def link_reason(self, path: str) -> Message | None:
        """Return why a link is not followed; `None` if it leads to a place in a root."""
        target = _real(path)
        if _is_inside(_real(os.path.dirname(path)), target):  # noqa: PTH120 - hot path
            return Message("link_loop", target=target)
        if _is_inside(target, self.real):
            return None
        if not any(_is_inside(target, root) for root in self.all_real):
            return Message("link_outside", target=target)
        if target in self.all_real or os.path.dirname(target) in self.all_real:  # noqa: PTH120
            return Message("link_read_there", target=target)
        return None


def _is_inside(path: str, folder: str) -> bool:
    """Return whether a real path is a folder or below it."""
    return f"{path}/".startswith(f"{folder.rstrip('/')}/")
