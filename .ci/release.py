"""Prepare a release: one version in every distribution, a dated changelog, a commit and a tag.

    python .ci/release.py 0.2.0 --dry-run     # show what would change
    python .ci/release.py 0.2.0               # change it, lock, commit and tag

All distributions of a release have the same version and require exactly each other. Nothing is
published: push the commit and the tag, and upload what `uv build --all-packages` makes.
"""

import argparse
import difflib
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
_VERSION: Final = re.compile(r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)")
_OWN_VERSION: Final = re.compile(r'(?m)^version = "([^"]+)"$')
_SIBLING: Final = re.compile(r'"(aniworld-[a-z]+(?:\[[a-z,]+\])?)==[^"]+"')
_UNRELEASED: Final = "## Unreleased\n"
#: What the changelog says until the first release.
_IN_PREPARATION: Final = re.compile(r"\nThe first version, [\d.]+, is being made\.\n")


class CannotReleaseError(Exception):
    """The release is refused; the text says why and what to do."""


def plan_release(root: Path, version: str, day: date) -> dict[Path, str]:
    """Return the new text of each file that a release changes.

    Args:
        root: The checkout.
        version: Three numbers, at least the present version.
        day: The day of the release, for the changelog.

    Raises:
        CannotReleaseError: If the version is not a later one, the distributions disagree about
            the present one, or the changelog has no entries.
    """
    if not _VERSION.fullmatch(version):
        raise CannotReleaseError(f"{version}: a version has three numbers, such as 1.4.0")
    projects = sorted(root.glob("packages/*/pyproject.toml"))
    texts = {path: path.read_text("utf-8") for path in projects}
    present = {_present_version(path, text) for path, text in texts.items()}
    if len(present) != 1:
        found = ", ".join(sorted(present))
        raise CannotReleaseError(f"the distributions have different versions: {found}")
    (former,) = present
    if _numbers(version) < _numbers(former):
        raise CannotReleaseError(f"{version} is before the present version {former}")

    changes = {
        path: _SIBLING.sub(rf'"\g<1>=={version}"', _OWN_VERSION.sub(f'version = "{version}"', text))
        for path, text in texts.items()
    }
    changelog = root / "CHANGELOG.md"
    changes[changelog] = _dated(changelog.read_text("utf-8"), version, day)
    return {path: text for path, text in changes.items() if text != path.read_text("utf-8")}


def _present_version(path: Path, text: str) -> str:
    found = _OWN_VERSION.findall(text)
    if len(found) != 1:
        raise CannotReleaseError(f"{path}: expected one line `version = …`, found {len(found)}")
    return str(found[0])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _dated(changelog: str, version: str, day: date) -> str:
    before, heading, after = changelog.partition(_UNRELEASED)
    entries, *released = re.split(r"(?m)^(?=## )", after, maxsplit=1)
    if not heading or "\n- " not in entries:
        raise CannotReleaseError("CHANGELOG.md has no entries under `## Unreleased`")
    if f"## {version} " in after:
        raise CannotReleaseError(f"CHANGELOG.md already has a section for {version}")
    entries = _IN_PREPARATION.sub("", entries, count=1)
    return "".join([before, heading, f"\n## {version} – {day.isoformat()}\n", entries, *released])


def _show(root: Path, changes: Mapping[Path, str]) -> None:
    for path, text in changes.items():
        name = path.relative_to(root).as_posix()
        before = path.read_text("utf-8").splitlines(keepends=True)
        sys.stdout.writelines(
            difflib.unified_diff(before, text.splitlines(keepends=True), name, name, n=0)
        )


def _run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise CannotReleaseError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip()


def _release(version: str, changes: Mapping[Path, str]) -> None:
    if _run("git", "status", "--porcelain"):
        raise CannotReleaseError("the checkout has changes: commit or discard them first")
    tag = f"v{version}"
    if _run("git", "tag", "--list", tag):
        raise CannotReleaseError(f"the tag {tag} exists: choose a later version")
    for path, text in changes.items():
        path.write_text(text, "utf-8")
    _run("uv", "lock")
    _run("git", "commit", "--quiet", "--all", "--message", f"Release {version}")
    _run("git", "tag", "--annotate", tag, "--message", f"Aniworld {version}")
    sys.stdout.write(f"committed and tagged {tag}; push with `git push --follow-tags`\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Plan or make the release; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("version")
    parser.add_argument("--dry-run", action="store_true", help="only show what would change")
    given = parser.parse_args(arguments)
    try:
        changes = plan_release(ROOT, given.version, date.today())  # noqa: DTZ011 - a local day
        if given.dry_run:
            _show(ROOT, changes)
        else:
            _release(given.version, changes)
    except CannotReleaseError as error:
        sys.stderr.write(f"release: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
