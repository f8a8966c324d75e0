"""Remove each defence that `docs/security.md` names, and check that its test notices.

`python tests/defences.py` copies the workspace, takes one defence out of the copy at a time and
runs the test that is named for it. The test must fail. Arguments choose tests by parts of names.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import attrs

ROOT: Final = Path(__file__).parents[1]
#: Copied into the workspace that loses its defences.
_COPIED: Final = ("packages", "tests", "docs", "examples", "pyproject.toml", "README.md", "deploy")
_WORKERS: Final = 2
_SECONDS: Final = 180
_NAMED: Final = re.compile(r"`(tests/[\w/]+\.py(?:::\w+)+)`")

CORE: Final = "packages/aniworld-core/src/aniworld_core/"
HTTP: Final = "packages/aniworld-http/src/aniworld_http/"
SQLITE: Final = "packages/aniworld-sqlite/src/aniworld_sqlite/"
PROVIDERS: Final = "packages/aniworld-providers/src/aniworld_providers/"


@attrs.frozen
class Removal:
    """How one defence is taken away.

    Attributes:
        test: The test that must fail then.
        file: Where the defence is, below the workspace.
        old: The text that is the defence; it must be in the file exactly once.
        new: What stands there without it.
    """

    test: str
    file: str
    old: str
    new: str


def removals() -> "tuple[Removal, ...]":
    """Return every removal; a test may have several."""
    from defences_removed import REMOVALS

    return REMOVALS


def named_tests() -> frozenset[str]:
    """Return the tests that the page about security names."""
    return frozenset(_NAMED.findall((ROOT / "docs/security.md").read_text(encoding="utf-8")))


def problem_with(removal: Removal) -> str:
    """Return why a removal cannot be applied; empty when it can."""
    count = (ROOT / removal.file).read_text(encoding="utf-8").count(removal.old)
    return "" if count == 1 else f"{removal.file} has {count} times: {removal.old[:80]!r}"


def main(wanted: list[str]) -> int:
    """Run the tests of all chosen removals; 0 if every one of them failed as it must."""
    chosen = [r for r in removals() if not wanted or any(word in r.test for word in wanted)]
    free: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="defences-") as folder:
        for number in range(_WORKERS):
            copy = Path(folder) / str(number)
            _copy(copy)
            free.put(copy)

        def run(removal: Removal) -> str:
            copy = free.get()
            try:
                return _outcome(copy, removal)
            finally:
                free.put(copy)

        failed = 0
        with ThreadPoolExecutor(_WORKERS) as pool:
            for removal, outcome in zip(chosen, pool.map(run, chosen), strict=True):
                failed += bool(outcome)
                print(f"{'FAILED' if outcome else 'ok':6} {removal.test}", flush=True)
                if outcome:
                    print(f"       without {removal.old[:70]!r}: {outcome}", flush=True)
    print(f"{len(chosen) - failed} of {len(chosen)} removed defences were noticed by their tests")
    return 1 if failed else 0


def _copy(target: Path) -> None:
    # With the compiled modules: their times are kept, so that only what is changed is compiled.
    ignored = shutil.ignore_patterns(".venv", "node_modules")
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=ignored, symlinks=True)
        elif source.exists():
            target.mkdir(exist_ok=True, parents=True)
            shutil.copy(source, target / name)


def _outcome(copy: Path, removal: Removal) -> str:
    """Run one test without its defence; return what is wrong about the result, if anything."""
    path = copy / removal.file
    original = path.read_text(encoding="utf-8")
    path.write_text(original.replace(removal.old, removal.new), encoding="utf-8")
    try:
        # The copies win over the installed packages, in subprocesses of tests as well.
        sources = [str(source) for source in sorted(copy.glob("packages/*/src"))]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sources)}
        options = ["-q", "-x", "--numprocesses=0", "-p", "no:cacheprovider", "--tb=line"]
        try:
            done = subprocess.run(
                [sys.executable, "-m", "pytest", *options, removal.test],
                cwd=copy,
                env=environment,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return ""  # a test that no longer ends notices, too
    finally:
        path.write_text(original, encoding="utf-8")
    if done.returncode == 0:
        return "the test passes without the defence"
    if done.returncode != 1 or not re.search(r"^(FAILED|ERROR) ", done.stdout, re.MULTILINE):
        return f"the test could not be run: {done.stdout[-300:]}{done.stderr[-300:]}"
    if "SyntaxError" in done.stdout or "ImportError while" in done.stdout:
        return "the removal breaks the program: " + done.stdout[-300:]
    return ""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("test", nargs="*", help="part of the name of a test")
    sys.exit(main(parser.parse_args().test))
