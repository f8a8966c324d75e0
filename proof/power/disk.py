"""What of a series of calls is on a disk after a power loss, by the rules of ext4.

- Names reach the disk in the order of the calls, because the journal is ordered. How many of the
  last ones have is open.
- A sync writes the content of its file. It also commits the journal, and so all earlier names,
  unless the file only had parts overwritten.
- Of content that was not synced, any pages may be on the disk, whatever the order of the calls.
"""

import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs

from proof.power.recording import Call

_PAGE: Final = 4096
#: Memory that processes share; SQLite writes it anew.
_NOT_ON_DISK: Final = "-shm"


@attrs.define(eq=False)
class _File:
    """Content calls of one file, with the number of each among all calls."""

    calls: list[tuple[int, Call]] = attrs.field(factory=list)

    def size(self, before: int) -> int:
        """Return the size before a call."""
        size = 0
        for number, call in self.calls:
            if number >= before:
                break
            if call.kind == "truncate":
                size = call.offset
            elif call.kind == "write":
                size = max(size, call.offset + len(call.content))
        return size

    def synced(self, before: int) -> int:
        """Return the number of its last sync before a call; -1 without one."""
        return max((n for n, call in self.calls if call.kind == "sync" and n < before), default=-1)

    def content(self, before: int, left: random.Random | None, share: float) -> bytes:
        """Return what is on the disk: all before the last sync, some pages of what came later."""
        certain = self.synced(before) if left is not None else before
        content = bytearray()
        for number, call in self.calls:
            if number >= before:
                break
            if call.kind == "truncate":
                if number < certain or left is None or left.random() < share:
                    content[call.offset :] = b""
                    content.extend(bytes(call.offset - len(content)))
            elif call.kind == "write":
                for offset, page in _pages(call):
                    if number < certain or left is None or left.random() < share:
                        content.extend(bytes(max(0, offset - len(content))))
                        content[offset : offset + len(page)] = page
        return bytes(content)


def _pages(call: Call) -> Iterator[tuple[int, bytes]]:
    begin, end = call.offset, call.offset + len(call.content)
    while begin < end:
        stop = min(end, (begin // _PAGE + 1) * _PAGE)
        yield begin, call.content[begin - call.offset : stop - call.offset]
        begin = stop


@attrs.define(eq=False)
class RecordedDisk:
    """All calls of a recording, from which the disk after any of them can be made."""

    calls: Sequence[Call]
    _files: dict[int, _File] = attrs.field(factory=dict, init=False)
    #: Calls whose sync has committed the journal.
    _commits: list[int] = attrs.field(factory=list, init=False)

    def __attrs_post_init__(self) -> None:
        names: dict[str, int] = {}
        for number, call in enumerate(self.calls):
            if call.kind == "create":
                self._files[number] = _File()
            _named(names, number, call)
            if call.kind in {"write", "truncate", "sync"} and call.path in names:
                file = self._files.get(names[call.path])
                if call.kind == "sync" and (
                    file is None or file.size(number) != file.size(file.synced(number))
                ):
                    self._commits.append(number)
                if file is not None:
                    file.calls.append((number, call))
            elif call.kind == "sync":
                self._commits.append(number)  # of the folder itself

    def write(self, folder: Path, before: int, chance: random.Random | None) -> None:
        """Write the disk as it may be after a power loss before a call; as it was without one."""
        last = before
        share = 1.0
        if chance is not None:
            certain = max((number for number in self._commits if number < before), default=-1) + 1
            last = chance.choice((certain, before, chance.randint(certain, before)))
            share = chance.choice((0.0, 0.5, 0.9, 1.0))
        names: dict[str, int] = {}
        for number, call in enumerate(self.calls[:last]):
            _named(names, number, call)
        folder.mkdir(parents=True)
        for path, number in sorted(names.items()):
            if path.endswith(_NOT_ON_DISK):
                continue
            if (file := self._files.get(number)) is None:
                (folder / path).mkdir(parents=True, exist_ok=True)
            else:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(file.content(before, chance, share))
                (folder / path).chmod(0o600)

    def difference(self, folder: Path) -> str:
        """Compare the disk after all calls with a real one; empty if they are equal."""
        model = folder.with_name("model")
        self.write(model, len(self.calls), None)
        ours, theirs = _tree(model), _tree(folder)
        return "; ".join(
            path for path in sorted(ours | theirs) if ours.get(path) != theirs.get(path)
        )


def _named(names: dict[str, int], number: int, call: Call) -> None:
    """Apply a call to the names; each has the number of the call that made its file."""
    match call.kind:
        case "create" | "mkdir":
            names[call.path] = number
        case "link":
            names[call.to] = names[call.path]
        case "unlink":
            names.pop(call.path, None)
        case "rename":
            for path in [each for each in names if each.startswith(call.path + "/")]:
                names[call.to + path.removeprefix(call.path)] = names.pop(path)
            names[call.to] = names.pop(call.path)


def _tree(folder: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for base, _, files in os.walk(folder):
        for name in files:
            path = Path(base) / name
            if not name.endswith(_NOT_ON_DISK):
                found[str(path.relative_to(folder))] = path.read_bytes()
    return found
