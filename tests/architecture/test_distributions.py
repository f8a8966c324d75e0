"""Each distribution declares exactly the packages that it imports, and has complete metadata."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points, packages_distributions
from pathlib import Path
from typing import Any

import pytest

PACKAGES = Path(__file__).parents[2] / "packages"
NAMES = (
    "aniworld-cli",
    "aniworld-core",
    "aniworld-http",
    "aniworld-postgres",
    "aniworld-providers",
    "aniworld-sqlite",
)

#: Declared dependencies that are never imported, with the reason.
NOT_IMPORTED = {
    ("aniworld-core", "tzdata"): "zoneinfo reads it where the system has no time zones",
    ("aniworld-providers", "apprise"): "an extra, loaded by name because it may be missing",
    ("aniworld-providers", "guessit"): "an extra, loaded by name because it may be missing",
    ("aniworld-http", "aniworld-sqlite"): "shipped as a default, found by entry point",
    ("aniworld-http", "aniworld-providers"): "shipped as a default, found by entry point",
    ("aniworld-cli", "aniworld-sqlite"): "shipped as a default, found by entry point",
    ("aniworld-cli", "aniworld-providers"): "shipped as a default, found by entry point",
    ("aniworld-cli", "aniworld-http"): "`aniworld serve` finds it by entry point",
}

each_distribution = pytest.mark.parametrize("name", NAMES)


@cache
def _project(name: str) -> dict[str, Any]:
    document = tomllib.loads((PACKAGES / name / "pyproject.toml").read_text())
    project: dict[str, Any] = document["project"]
    return project


def _package(name: str) -> Path:
    return PACKAGES / name / "src" / name.replace("-", "_")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _required(requirements: list[str]) -> set[str]:
    return {_normal(re.split(r"[^\w.-]", each, maxsplit=1)[0]) for each in requirements}


def _imported_modules(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _imported_distributions(name: str) -> set[str]:
    # Editable installs do not list their packages; ours follow one naming rule.
    ours = {each.replace("-", "_"): [each] for each in NAMES}
    owners = {**packages_distributions(), **ours}
    tops = {
        module.partition(".")[0]
        for file in _package(name).rglob("*.py")
        for module in _imported_modules(file)
    }
    outside = tops - sys.stdlib_module_names - {_package(name).name}
    return {_normal(owner) for top in outside for owner in owners.get(top, [f"{top} (unknown)"])}


def test_the_list_of_distributions_is_complete() -> None:
    """Every distribution of the workspace is covered by these tests."""
    assert sorted(path.parent.name for path in PACKAGES.glob("*/pyproject.toml")) == sorted(NAMES)


@each_distribution
def test_declared_dependencies_are_the_imported_ones(name: str) -> None:
    """Every imported package is declared, and every declared package is imported."""
    project = _project(name)
    declared = _required(project["dependencies"])
    for extra in project.get("optional-dependencies", {}).values():
        declared |= _required(extra)
    excused = {dependency for owner, dependency in NOT_IMPORTED if owner == name}

    imported = _imported_distributions(name)

    assert imported - declared == set(), "imported, but not declared"
    assert declared - imported - excused == set(), "declared, but never imported"
    assert excused <= declared - imported, "excused for nothing"


@each_distribution
def test_siblings_are_pinned_to_the_same_version(name: str) -> None:
    """Distributions of one release pin each other to the same version."""
    pins = [each for each in _project(name)["dependencies"] if each.startswith("aniworld-")]

    versions = {pin.partition("==")[2] for pin in pins}

    assert versions <= {_project("aniworld-core")["version"]}


@each_distribution
def test_metadata_is_complete(name: str) -> None:
    """Each distribution has a description, a Python version, a license and links."""
    project = _project(name)

    assert project["name"] == name
    assert len(project["description"]) > 20
    assert project["readme"] == "README.md"
    assert project["requires-python"] == ">=3.11"
    assert project["license"] == "MIT"
    assert "Typing :: Typed" in project["classifiers"]


@each_distribution
def test_readme_says_what_it_is_and_how_to_use_it(name: str) -> None:
    """Each README has a title, a description and an example."""
    readme = (PACKAGES / name / "README.md").read_text()

    assert readme.startswith(f"# {name}\n")
    assert "```" in readme
    assert len(readme.split()) > 60


@each_distribution
def test_types_are_published(name: str) -> None:
    """The package contains `py.typed`."""
    assert (_package(name) / "py.typed").is_file()


def _declared_entry_points() -> list[EntryPoint]:
    return [
        EntryPoint(name=name, value=value, group=group)
        for distribution in NAMES
        for group, points in _project(distribution).get("entry-points", {}).items()
        for name, value in points.items()
    ]


@pytest.mark.parametrize("point", _declared_entry_points(), ids=lambda p: f"{p.group}:{p.name}")
def test_every_entry_point_is_installed_and_loads(point: EntryPoint) -> None:
    """Every declared entry point exists once and is callable."""
    (installed,) = entry_points(group=point.group, name=point.name)

    assert installed.value == point.value
    assert callable(installed.load())
