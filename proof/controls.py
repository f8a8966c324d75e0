"""Negative controls: each figure must turn red when the code is sabotaged."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from proof.figure import Control, Edit, Figure, Result
from support.forked_pytest import ROOT, copy_workspace

_AT_ONCE: Final = 2
#: Seconds until a figure must have noticed a sabotage.
_LIMIT: Final = 400
#: Without it a figure may be red for another reason than the sabotage.
_UNTOUCHED: Final = Control("untouched", ())


def problems(figures: Sequence[Figure]) -> Iterator[str]:
    """Yield why sabotages cannot be applied, and which figure has none."""
    for figure in figures:
        if not figure.controls:
            yield f"{figure.name} has no control"
        for control in figure.controls:
            for edit in control.edits:
                count = (ROOT / edit.file).read_text(encoding="utf-8").count(edit.old)
                if count != 1 or edit.old == edit.new:
                    place = f"{figure.name}, {control.name}: {edit.file}"
                    yield f"{place} has {count} times {edit.old!r}"


def run_controls(figures: Sequence[Figure], seed: int) -> int:
    """Run each figure against each sabotage; return 1 if one was not noticed."""
    if unfit := list(problems(figures)):
        print("\n".join(unfit), file=sys.stderr)
        return 1
    untouched = [(figure, _UNTOUCHED) for figure in figures]
    pairs = [(figure, control) for figure in figures for control in figure.controls]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        jobs = untouched + pairs
        noticed = list(threads.map(lambda job: _is_right(job[0], job[1], seed), jobs))
    print(f"{noticed.count(False)} of {len(noticed)} runs were wrong; {len(pairs)} sabotages")
    return 0 if all(noticed) else 1


def _is_right(figure: Figure, control: Control, seed: int) -> bool:
    """Run the figure in a copy, say how it ended, and return whether it ended as it must."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sabotage-", ignore_cleanup_errors=True) as place:
        copy = Path(place) / "copy"
        copy_workspace(copy)
        for edit in control.edits:
            _apply(copy, edit)
        sources = os.pathsep.join(str(source) for source in sorted(copy.glob("packages/*/src")))
        environment = {**os.environ, "PYTHONPATH": sources, "TMPDIR": place}
        command = [sys.executable, "-m", "proof", "--small", "--only", figure.name]
        try:
            done = subprocess.run(
                [*command, "--seed", str(seed)],
                cwd=copy,
                env=environment,
                capture_output=True,
                text=True,
                timeout=_LIMIT,
                check=False,
            )
            words = _verdict(done.stdout) or f"no result: {done.stderr[-800:]}"
        except subprocess.TimeoutExpired:
            words = f"it had not ended after {_LIMIT} s"
    is_right = words.startswith(("not run: ", "red: " if control.edits else "green"))
    print(
        f"{'ok' if is_right else 'FAILED':6} {figure.name} {control.name}:"
        f" {words[:300]} ({time.monotonic() - began:.0f} s)",
        flush=True,
    )
    return is_right


def _verdict(output: str) -> str:
    for line in output.splitlines():
        if line.startswith('{"figure"'):
            result = Result(**json.loads(line))
            if result.broken:
                return f"the driver broke: {result.broken[-600:]}"
            if result.skipped:
                return f"not run: {result.skipped}"
            return f"red: {result.words[0]}" if result.failures else "green"
    return ""


def _apply(copy: Path, edit: Edit) -> None:
    path = copy / edit.file
    path.write_text(path.read_text(encoding="utf-8").replace(edit.old, edit.new), encoding="utf-8")
