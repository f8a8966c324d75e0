"""The release script gives every distribution one version, and dates the changelog."""

import importlib.util
import re
import shutil
import subprocess
import tomllib
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DAY = date(2027, 1, 31)


@pytest.fixture(scope="module")
def release() -> ModuleType:
    """Load the script, which is not in a package."""
    spec = importlib.util.spec_from_file_location("release", ROOT / ".ci/release.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy what the script reads."""
    for path in [*ROOT.glob("packages/*/pyproject.toml"), ROOT / "CHANGELOG.md"]:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return tmp_path


def _apply(changes: dict[Path, str]) -> None:
    for path, text in changes.items():
        path.write_text(text, "utf-8")


def _project(path: Path) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))["project"]
    return project


def test_all_distributions_get_the_version_and_require_each_other(
    release: ModuleType, checkout: Path
) -> None:
    """Nothing else in their metadata changes."""
    paths = sorted(checkout.glob("packages/*/pyproject.toml"))
    before = [_project(path) for path in paths]

    _apply(release.plan_release(checkout, "7.8.9", DAY))

    for path, former in zip(paths, before, strict=True):
        project = _project(path)
        assert project.pop("version") == "7.8.9"
        own = [each for each in project["dependencies"] if each.startswith("aniworld-")]
        assert all(each.endswith("==7.8.9") for each in own)
        del former["version"]
        former["dependencies"] = [
            re.sub(r"^(aniworld-.*==).*", r"\g<1>7.8.9", each) for each in former["dependencies"]
        ]
        assert project == former


def test_entries_move_below_a_dated_heading(release: ModuleType, checkout: Path) -> None:
    """*Unreleased* stays as an empty section; a second release comes above the first."""
    changelog = checkout / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## Unreleased\n\n### Fixed\n\n- `core:` One.\n")
    _apply(release.plan_release(checkout, "7.8.9", DAY))
    first = "## 7.8.9 – 2027-01-31\n\n### Fixed\n\n- `core:` One.\n"
    assert changelog.read_text() == f"# Changelog\n\n## Unreleased\n\n{first}"

    with pytest.raises(release.CannotReleaseError, match="no entries"):
        release.plan_release(checkout, "7.9.0", DAY)

    changelog.write_text(
        changelog.read_text().replace("Unreleased\n", "Unreleased\n\n- `cli:` Two.\n")
    )
    _apply(release.plan_release(checkout, "7.10.0", DAY))
    second = "## 7.10.0 – 2027-01-31\n\n- `cli:` Two.\n\n"
    assert changelog.read_text() == f"# Changelog\n\n## Unreleased\n\n{second}{first}"


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("0.0.9", "before the present version"),
        ("1.2", "three numbers"),
        ("v1.2.3", "three numbers"),
        ("1.02.3", "three numbers"),
        ("1.2.3\n", "three numbers"),
    ],
)
def test_other_versions_are_refused(
    release: ModuleType, checkout: Path, version: str, reason: str
) -> None:
    """A version has three numbers and never goes back."""
    with pytest.raises(release.CannotReleaseError, match=reason):
        release.plan_release(checkout, version, DAY)


def test_different_versions_are_refused(release: ModuleType, checkout: Path) -> None:
    """A tree in which one distribution was released alone is not released again."""
    path = checkout / "packages/aniworld-cli/pyproject.toml"
    path.write_text(path.read_text().replace('version = "0', 'version = "9', 1))

    with pytest.raises(release.CannotReleaseError, match=r"different versions: 0\.\S+, 9\."):
        release.plan_release(checkout, "9.9.9", DAY)


def test_a_dry_run_changes_nothing(release: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints the lines that would change."""
    paths = [*ROOT.glob("packages/*/pyproject.toml"), ROOT / "CHANGELOG.md"]
    before = [path.read_bytes() for path in paths]

    assert release.main(["999.0.0", "--dry-run"]) == 0

    assert '+version = "999.0.0"' in capsys.readouterr().out
    assert [path.read_bytes() for path in paths] == before
    assert release.main(["0.0.1", "--dry-run"]) == 1
    assert "before the present version" in capsys.readouterr().err


def test_a_tree_with_changes_is_not_released(
    release: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not committed would be part of the release without anybody's intention."""
    subprocess.run(["git", "init", "-q", checkout], check=True)
    monkeypatch.setattr(release, "ROOT", checkout)
    before = (checkout / "CHANGELOG.md").read_bytes()

    assert release.main(["999.0.0"]) == 1

    assert (checkout / "CHANGELOG.md").read_bytes() == before
