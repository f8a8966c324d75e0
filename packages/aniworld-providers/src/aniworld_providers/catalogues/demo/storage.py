"""Store of the demo's clips on disk."""

import hashlib
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from shutil import rmtree

import anyio
import attrs
from anyio import to_thread

from aniworld_providers.catalogues.demo.values import Clip

#: Version of the clips; change it whenever the same clip gets other bytes.
_RECIPE = "clips-3"
_MAKING = ".making-"
_ABANDONED_AFTER = 3600.0


@attrs.frozen(kw_only=True)
class StoredFile:
    """One file of a clip.

    Attributes:
        digest: SHA-256 of its content in hexadecimal; the same in every run.
    """

    path: Path
    size: int
    digest: str


@attrs.define(eq=False)
class ClipStore:
    """Create each clip on first use and store it.

    A clip is created in a temporary folder that is then renamed, so an interrupted process leaves
    no incomplete clip. Several processes may share a store.
    """

    _root: Path
    _locks: defaultdict[str, anyio.Lock] = attrs.field(
        init=False, factory=lambda: defaultdict(anyio.Lock)
    )
    _files: dict[Path, StoredFile] = attrs.field(init=False, factory=dict)

    async def file(self, clip: Clip, name: str) -> StoredFile | None:
        """Return a file of the clip, or `None` if it has no file with this name."""
        async with self._locks[clip.name]:
            return await to_thread.run_sync(self._find, clip, name)

    def _find(self, clip: Clip, name: str) -> StoredFile | None:
        folder = self._root / _RECIPE / clip.name
        if not folder.is_dir():
            _make(clip, folder)
        # Compare names instead of joining one from a request to a path.
        for path in folder.iterdir():
            if path.name == name:
                return self._described(path)
        return None

    def _described(self, path: Path) -> StoredFile:
        known = self._files.get(path)
        if known is None:
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            known = self._files[path] = StoredFile(path=path, size=len(content), digest=digest)
        return known


def _make(clip: Clip, folder: Path) -> None:
    # PyAV takes a while to load, so load it only to create a clip.
    from aniworld_providers.catalogues.demo.encoding import make_clip

    folder.parent.mkdir(parents=True, exist_ok=True)
    _clear_abandoned(folder.parent)
    making = Path(tempfile.mkdtemp(prefix=_MAKING, dir=folder.parent))
    try:
        make_clip(clip, making)
        making.rename(folder)
    except OSError:
        # Another process may have created the same clip first; other errors are failures.
        if not folder.is_dir():
            raise
    finally:
        rmtree(making, ignore_errors=True)


def _clear_abandoned(root: Path) -> None:
    """Delete folders of killed processes, but none that another process is filling."""
    for leftover in root.glob(f"{_MAKING}*"):
        if time.time() - leftover.stat().st_mtime > _ABANDONED_AFTER:
            rmtree(leftover, ignore_errors=True)
