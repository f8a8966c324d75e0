"""Run one fault case and check its result without any code under test."""

import enum
import hashlib
import io
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import anyio
import attrs
import av
import pytest

from aniworld_core.errors import AniworldError
from aniworld_core.ports.fetcher import FetchedFile

#: Seconds after which a fetch counts as one that never ends; none takes nearly as long, not even
#: on a machine that has much else to do.
_FOR_EVER = 60.0


class Ending(enum.Enum):
    """What a fetch came to."""

    RIGHT = "right"
    HONEST = "failed honestly"
    WRONG = "a wrong file"
    BARE = "a bare exception, or no end"


@attrs.frozen(kw_only=True)
class Case:
    """One fault and its only right end.

    Attributes:
        row: Its row of the fault table, or of the threat table for hostile links.
        kind: `direct`, `hls` or `dash`.
        name: Unique name among its kind.
        play: Opens a server, lets it misbehave, and fetches into a folder. What earlier tries
            raise is swallowed; what the last one gives or raises is not.
        is_right: Whether a file is one that may come out.
        error: What must be raised, `None` for the right film.
    """

    row: str
    kind: str
    name: str
    play: Callable[[Path], Awaitable[FetchedFile]]
    is_right: Callable[[Path], bool]
    error: type[AniworldError] | None = None

    def __str__(self) -> str:
        """Give its name among all."""
        return f"{self.row}-{self.kind}-{self.name}"


def parameters(cases: Iterable[Case]) -> list[Any]:
    """Return the parameters of a test: of each row every other case; figure M4 plays all."""
    of_row, chosen = Counter[str](), []
    for case in cases:
        if not of_row[case.row] % 2:
            chosen.append(pytest.param(case, id=str(case)))
        of_row[case.row] += 1
    return chosen


@attrs.frozen
class Judgement:
    """How a case ended, and in whose words."""

    ending: Ending
    words: str = ""
    raised: AniworldError | None = None

    def fits(self, case: Case) -> bool:
        """Whether it ended as it must."""
        if case.error is None:
            return self.ending is Ending.RIGHT
        return self.ending is Ending.HONEST and isinstance(self.raised, case.error)


async def judge(case: Case, folder: Path, seconds: float = _FOR_EVER) -> Judgement:
    """Run a case in an empty folder and check the files in it afterwards."""
    raised: AniworldError | None = None
    try:
        with anyio.fail_after(seconds):
            fetched = await case.play(folder)
    except AniworldError as exc:
        raised = exc
    except Exception as exc:  # anything else is just what this looks for
        return Judgement(Ending.BARE, repr(exc))
    films = finished(folder)
    if raised is not None:
        if films:
            return Judgement(Ending.WRONG, f"{raised}, and yet {films}", raised)
        return Judgement(Ending.HONEST, f"{type(raised).__name__}: {raised}", raised)
    if films != [fetched.path] or not case.is_right(fetched.path):
        return Judgement(Ending.WRONG, f"{[path.name for path in films]}")
    if fetched.sha256 not in {None, hashlib.sha256(fetched.path.read_bytes()).hexdigest()}:
        return Judgement(Ending.WRONG, "its digest is that of something else")
    return Judgement(Ending.RIGHT)


def finished(folder: Path) -> list[Path]:
    """Return everything below a folder's `library` that has a final name."""
    library = folder / "library"
    if not library.is_dir():
        return []
    return sorted(p for p in library.rglob("*") if p.is_file() and ".part" not in p.name)


def looks(media: Path | bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a digest of every picture shown and of every piece of sound, in order."""
    pictures: list[str] = []
    sounds: list[str] = []
    source: Any = io.BytesIO(media) if isinstance(media, bytes) else str(media)
    with av.open(source, "r", options={"ignore_editlist": "1"}) as container:
        wanted = [*container.streams.video[:1], *container.streams.audio[:1]]
        for packet in container.demux(wanted):
            if packet.stream.type == "video":
                shown: list[Any] = list(packet.decode())
                pictures += [_digest(b"".join(map(bytes, frame.planes))) for frame in shown]
            elif packet.size:
                sounds.append(_digest(_bare(bytes(packet))))
    return tuple(pictures), tuple(sounds)


def _bare(sound: bytes) -> bytes:
    """Return a piece of AAC without the header it has outside of an MP4 (ADTS)."""
    return sound[7:] if sound[:1] == b"\xff" and sound[1] & 0xF6 == 0xF0 else sound


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
