"""Record with strace what a process does to the files below a folder."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs

from proof import ROOT

_CALLS: Final = (
    "open,openat,creat,read,lseek,write,writev,pwrite64,pwritev,ftruncate,truncate,fallocate,"
    "fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir,"
    "symlink,symlinkat,copy_file_range,sendfile"
)
#: Longest content of one call, in bytes.
_LONGEST: Final = 64 * 1024 * 1024
_LINE: Final = re.compile(r"(\d+) +(.*)")
_CALL: Final = re.compile(r"(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+)(?:<.*>)?(?: .*)?$")
_HEX: Final = re.compile(r"\\x([0-9a-f]{2})")
_FD: Final = re.compile(r"(-?\d+|AT_FDCWD)(?:<((?:\\x[0-9a-f]{2})*)>)?(?:\(deleted\))?$")


@attrs.frozen
class Call:
    """A call that succeeded.

    Attributes:
        kind: `create`, `write`, `truncate`, `sync`, `rename`, `link`, `unlink`, `mkdir` or `said`.
        path: Path relative to the folder; the text of `said`.
        to: Second path of `rename` and `link`.
        offset: Where a `write` begins; the new size of a `truncate`.
        content: Bytes of a `write`.
    """

    kind: str
    path: str
    to: str = ""
    offset: int = 0
    content: bytes = b""


async def record(folder: Path, *arguments: str) -> Sequence[Call]:
    """Run a module of Python and return its calls that changed files below *folder*.

    Raises:
        RuntimeError: If the program fails.
    """
    log = folder.with_name("strace.log")
    present = list(_present(folder))
    process = await asyncio.create_subprocess_exec(
        *("strace", "-f", "-y", "-xx", "-s", str(_LONGEST), "-o", str(log), "-e", "raw=read"),
        *("-e", f"trace={_CALLS}", sys.executable, "-m", *arguments),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{arguments}: {errors.decode()[-2000:]}")
    return [*present, *_Reader(str(folder.resolve()), present).calls(log)]


def is_possible() -> bool:
    """Whether processes can be recorded on this machine."""
    return shutil.which("strace") is not None


def _present(folder: Path) -> Iterator[Call]:
    """Yield calls that make what is in the folder already, and write it to the disk."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir():
            yield Call("mkdir", name)
        else:
            yield Call("create", name)
            yield Call("write", name, content=path.read_bytes())
            yield Call("sync", name)


class _Reader:
    """Reads the log of strace; keeps positions of open files, which `write` does not name."""

    def __init__(self, folder: str, present: Sequence[Call]) -> None:
        self._folder = folder + "/"
        self._positions: dict[int, int] = {}
        self._appending: set[int] = set()
        self._sizes = {call.path: len(call.content) for call in present}

    def calls(self, log: Path) -> Iterator[Call]:
        """Yield the calls in the order in which they ended."""
        begun: dict[str, str] = {}
        with log.open(encoding="ascii") as lines:
            for line in lines:
                found = _LINE.match(line)
                if found is None:
                    continue
                thread, text = found.groups()
                if text.endswith("<unfinished ...>"):
                    begun[thread] = text.removesuffix("<unfinished ...>").rstrip()
                    continue
                if text.startswith("<... "):
                    rest = text.partition("resumed>")[2]
                    text = begun.pop(thread, "") + rest
                if (call := _CALL.match(text)) is not None and not call[3].startswith("-"):
                    yield from self._call(call[1], call[2], int(call[3], 0))

    def _call(self, name: str, text: str, result: int) -> Iterator[Call]:
        given = text.split(", ")
        match name:
            case "open" | "openat" | "creat":
                yield from self._opened(
                    given[-2 if given[-1].startswith("0") else -1], text, result
                )
            case "read":
                number = int(given[0], 0)
                self._positions[number] = self._positions.get(number, 0) + result
            case "lseek":
                self._positions[self._number(given[0])] = result
            case "write" | "writev" | "pwrite64" | "pwritev":
                yield from self._written(name, given, text, result)
            case "ftruncate":
                yield from self._one("truncate", self._of(given[0]), int(given[1]))
            case "truncate":
                yield from self._one("truncate", self._path(given[0]), int(given[1]))
            case "fsync" | "fdatasync":
                yield from self._one("sync", self._of(given[0]))
            case "unlink" | "rmdir" | "unlinkat":
                yield from self._one("unlink", self._at(given))
            case "mkdir" | "mkdirat":
                yield from self._one("mkdir", self._at(given))
            case "rename" | "link":
                yield from self._two(name, self._path(given[0]), self._path(given[1]))
            case "renameat" | "renameat2" | "linkat":
                yield from self._two(
                    name[:6].removesuffix("at"), self._at(given), self._at(given[2:])
                )
            case _ if self._folder.encode().hex() in text.replace("\\x", ""):
                raise RuntimeError(f"the recording does not know {name}")

    def _opened(self, flags: str, text: str, number: int) -> Iterator[Call]:
        given = text.split(", ")
        path = self._path(given[0]) if given[0].startswith('"') else self._at(given)
        self._positions[number] = 0
        self._appending.discard(number)
        if "O_APPEND" in flags:
            self._appending.add(number)
        if path and "O_CREAT" in flags and path not in self._sizes:
            self._sizes[path] = 0
            yield Call("create", path)
        if path and "O_TRUNC" in flags and self._sizes.get(path):
            self._sizes[path] = 0
            yield Call("truncate", path)

    def _written(self, name: str, given: list[str], text: str, result: int) -> Iterator[Call]:
        number, path = self._number(given[0]), self._of(given[0])
        if number == 1 and name == "write":
            if (said := _text(given[1].strip('"'))).startswith('["'):
                yield Call("said", said.strip())
            return
        if "p" in name[:1]:
            offset = int(given[-1])
        else:
            offset = self._positions.get(number, 0)
            if number in self._appending and path:
                offset = self._sizes.get(path, 0)
            self._positions[number] = offset + result
        if path:
            pieces = re.findall(r'"((?:\\x[0-9a-f]{2})*)"', text)
            content = b"".join(bytes.fromhex(piece.replace("\\x", "")) for piece in pieces)[:result]
            if len(content) != result:
                raise RuntimeError(f"{name} wrote {result} bytes, {len(content)} are known")
            self._sizes[path] = max(self._sizes.get(path, 0), offset + result)
            yield Call("write", path, offset=offset, content=content)

    def _one(self, kind: str, path: str, offset: int = 0) -> Iterator[Call]:
        if path:
            if kind == "truncate":
                self._sizes[path] = offset
            elif kind == "unlink":
                self._sizes.pop(path, None)
            yield Call(kind, path, offset=offset)

    def _two(self, kind: str, path: str, to: str) -> Iterator[Call]:
        if path:
            self._sizes[to] = self._sizes.get(path, 0)
            if kind == "rename":
                self._sizes.pop(path, None)
            yield Call(kind, path, to)

    def _number(self, text: str) -> int:
        found = _FD.match(text)
        return int(found[1]) if found is not None and found[1].lstrip("-").isdigit() else -1

    def _of(self, text: str) -> str:
        """Return the relative path of an open file, also of the folder itself as `.`."""
        found = _FD.match(text)
        return self._relative(_text(found[2])) if found is not None and found[2] else ""

    def _at(self, given: Sequence[str]) -> str:
        """Return the relative path of a folder and a name in it."""
        if given[0].startswith('"'):
            return self._path(given[0])
        name = _text(given[1].strip('"'))
        found = _FD.match(given[0])
        base = _text(found[2]) if found is not None and found[2] else ""
        return self._relative(name if name.startswith("/") else f"{base}/{name}")

    def _path(self, text: str) -> str:
        return self._relative(_text(text.strip('"')))

    def _relative(self, path: str) -> str:
        if path + "/" == self._folder:
            return "."
        return path.removeprefix(self._folder) if path.startswith(self._folder) else ""


def _text(escaped: str) -> str:
    return os.fsdecode(bytes.fromhex("".join(_HEX.findall(escaped))))
