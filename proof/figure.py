"""What a figure is: a promise, a procedure that counts failures, and a sabotage that it notices."""

import enum
import json
import os
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import anyio
import attrs

_T = TypeVar("_T")
#: Failures that are shown; all are counted.
_SHOWN: Final = 20


class Size(enum.StrEnum):
    """How much a run tries."""

    CONTROL = "control"
    GATE = "gate"
    FULL = "full"


class DecidedError(Exception):
    """A run against sabotaged code has found its first failure and needs no more."""


@attrs.define(kw_only=True)
class Run:
    """One run of a figure.

    Attributes:
        size: How much to try.
        seed: Seed of everything random.
        folder: Empty folder for the run.
        n: How many cases were tried.
        failures: What went wrong.
        measured: Further values for the report.
        skipped: Why the figure cannot be proved on this machine; empty if it can.
    """

    size: Size
    seed: int
    folder: Path
    n: int = 0
    failures: list[str] = attrs.field(factory=list)
    measured: dict[str, Any] = attrs.field(factory=dict)
    skipped: str = ""

    def pick(self, *, control: _T, gate: _T, full: _T) -> _T:
        """Return the value for the size of the run."""
        return {Size.CONTROL: control, Size.GATE: gate, Size.FULL: full}[self.size]

    def check(self, *, ok: bool, failure: object, cases: int = 1) -> None:
        """Count cases, and a failure if they did not end well."""
        self.n += cases
        if not ok:
            self.failures.append(str(failure))
            if self.size is Size.CONTROL:
                raise DecidedError


@attrs.frozen
class Edit:
    """A text that is replaced in one file of a copy of the workspace.

    Attributes:
        file: File relative to the workspace.
        old: Text that occurs exactly once.
        new: Its replacement.
    """

    file: str
    old: str
    new: str


@attrs.frozen
class Control:
    """A sabotage that must turn a figure red.

    Attributes:
        name: What is sabotaged, in a few words.
        edits: The changes, which are made together.
    """

    name: str
    edits: tuple[Edit, ...]


@attrs.frozen(kw_only=True)
class Figure:
    """A figure of the reliability page.

    Attributes:
        name: `M1` to `M16`.
        title: What it shows.
        prove: Its procedure.
        controls: Its negative controls.
        is_alone: Whether it measures durations, so that nothing may run beside it.
    """

    name: str
    title: str
    prove: Callable[[Run], Awaitable[None]]
    controls: tuple[Control, ...]
    is_alone: bool = False


@attrs.frozen(kw_only=True)
class Result:
    """The result of a run, which becomes one JSON line.

    Attributes:
        figure: `M1` to `M16`.
        size: Size of the run.
        n: How many cases were tried.
        failures: How many failed.
        seconds: Duration.
        seed: Seed of everything random.
        measured: Further values.
        skipped: Why it was not tried; empty if it was.
        broken: Why the driver itself ended early; empty if it did not.
        words: The first failures.
    """

    figure: str
    size: str
    n: int
    failures: int
    seconds: float
    seed: int
    measured: dict[str, Any] = attrs.field(factory=dict)
    skipped: str = ""
    broken: str = ""
    words: Sequence[str] = ()

    @property
    def is_red(self) -> bool:
        """Whether the figure is missed."""
        return bool(self.failures or self.broken or not (self.n or self.skipped))

    def line(self) -> str:
        """Return the JSON line; empty fields are left out."""
        always = ("figure", "n", "failures", "seconds", "seed", "size")
        document = attrs.asdict(self)
        first = {name: document.pop(name) for name in always}
        return json.dumps(first | {name: each for name, each in document.items() if each})


def run(figure: Figure, size: Size, seed: int) -> Result:
    """Run a figure in this process."""
    began, broken = time.monotonic(), ""
    with tempfile.TemporaryDirectory(prefix=f"proof-{figure.name}-") as place:
        current = Run(size=size, seed=seed, folder=Path(place) / "run")
        current.folder.mkdir()
        _hide_user(Path(place))
        try:
            anyio.run(figure.prove, current)
        except DecidedError:
            pass
        except BaseExceptionGroup as group:
            if group.split(DecidedError)[1] is not None:
                broken = traceback.format_exc()
        except Exception:  # reported as what it is, a driver that does not work
            broken = traceback.format_exc()
    return Result(
        figure=figure.name,
        size=size.value,
        n=current.n,
        failures=len(current.failures),
        seconds=round(time.monotonic() - began, 1),
        seed=seed,
        measured=current.measured,
        skipped=current.skipped,
        broken=broken[-2000:],
        words=current.failures[:_SHOWN],
    )


def _hide_user(place: Path) -> None:
    """Hide settings and home folder of the user who runs the proof."""
    # Tools that uv has fetched once are used again.
    os.environ.setdefault("UV_CACHE_DIR", str(Path.home() / ".cache" / "uv"))
    for name in list(os.environ):
        if name.startswith(("ANIWORLD_", "LOG_")) or name in {"DATABASE_URL", "ANIME_DIRECTORY"}:
            del os.environ[name]
    for name, below in {"HOME": "", "XDG_DATA_HOME": ".data", "XDG_CONFIG_HOME": ".config"}.items():
        folder = place / "home" / below
        folder.mkdir(parents=True, exist_ok=True)
        os.environ[name] = str(folder)
