"""The documentation matches the code."""

import ast
import importlib
import json
import re
from pathlib import Path
from typing import Any

import attrs
import pytest

from aniworld_core.domain.configuration import Config, ProviderConfig, ServerConfig
from aniworld_providers.ytdlp import YtDlpSettings

ROOT = Path(__file__).parents[2]
OURS = {
    "aniworld_cli",
    "aniworld_core",
    "aniworld_http",
    "aniworld_postgres",
    "aniworld_providers",
    "aniworld_sqlite",
}
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("packages/*/README.md")])
_ROW = re.compile(r"^\| `(?P<name>[\w.]+)`(?: †)? \| (?P<default>[^|]*) \|", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)#\s]+)(?:#[^)]*)?\)")


def _documented(section: str) -> dict[str, str]:
    """Return the table of one section: setting to default."""
    page = (ROOT / "docs/configuration.md").read_text()
    _, _, after = page.partition(f"\n### {section}\n")
    table = after.partition("\n### ")[0]
    return {row["name"]: row["default"].strip().strip("`") for row in _ROW.finditer(table)}


def _defaults(value: Any) -> dict[str, str]:
    def text(default: object) -> str:
        if isinstance(default, tuple):
            return json.dumps([str(each) for each in default])
        if isinstance(default, str):
            return str(default) or "(empty)"
        return json.dumps(default)

    found: dict[str, str] = {}
    for name, default in attrs.asdict(value, recurse=False).items():
        if attrs.has(type(default)):
            found |= {f"{name}.{inner}": shown for inner, shown in _defaults(default).items()}
        else:
            found[name] = text(default)
    return found


SECTIONS = [
    name
    for name in attrs.fields_dict(Config)
    if attrs.has(type(getattr(Config(), name))) and name != "unknown"
]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_is_documented_with_its_default(section: str) -> None:
    """The tables of `configuration.md` list exactly the settings of the configuration."""
    assert _documented(f"`{section}`") == _defaults(getattr(Config(), section))


def test_every_provider_setting_is_documented_with_its_default() -> None:
    """The tables for providers and servers list exactly their settings."""
    documented = _documented("`providers.<name>`")

    assert documented.pop("layout") == "(empty)"  # Announced by the loaders of two sites.
    for name, default in _defaults(YtDlpSettings()).items():  # Announced by `ytdlp`.
        assert documented.pop(name) == default
    assert documented == _defaults(ProviderConfig())
    assert (
        _documented("`providers.<name>.servers`").keys() == attrs.fields_dict(ServerConfig).keys()
    )


def test_every_section_is_documented() -> None:
    """Every section of the configuration is documented."""
    page = (ROOT / "docs/configuration.md").read_text()

    for name in set(attrs.fields_dict(Config)) - {"unknown"}:
        assert f"`{name}`" in page or f"`{name}.<name>`" in page


def test_every_environment_variable_is_documented() -> None:
    """Every environment variable that a settings module reads is in `configuration.md`."""
    page = (ROOT / "docs/configuration.md").read_text()
    pattern = re.compile(r'"((?:ANIWORLD|LOG)_[A-Z_]+|DATABASE_URL|[A-Z]+_DIRECTORY|[A-Z]+_URL)"')

    read = {
        name
        for file in ROOT.glob("packages/*/src/*/**/settings.py")
        for name in pattern.findall(file.read_text())
    }

    assert read, "the pattern finds nothing"
    assert {name for name in read if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    """Links to files of the repository point to existing files."""
    targets = [match["target"] for match in _LINK.finditer(page.read_text())]
    inside = [target for target in targets if not re.match(r"[a-z]+:", target)]

    assert [target for target in inside if not (page.parent / target).exists()] == []


def test_decisions_are_numbered_without_gaps() -> None:
    """Decisions are numbered without gaps, and each title repeats its number."""
    pages = sorted(ROOT.glob("docs/adr/0*.md"))

    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        assert page.read_text().startswith(f"# {page.name[:4]}. ")
        for part in ("Context", "Options", "Decision", "Consequences"):
            assert f"\n## {part}\n" in page.read_text()


def _examples() -> list[tuple[str, str]]:
    block = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [
        (f"{page.relative_to(ROOT)}:{number}", code)
        for page in PAGES
        for number, code in enumerate(block.findall(page.read_text()), start=1)
    ]


@pytest.mark.parametrize(("where", "code"), _examples(), ids=[where for where, _ in _examples()])
def test_examples_import_what_exists(where: str, code: str) -> None:
    """Examples are valid Python, and every name they import from Aniworld exists."""
    tree = ast.parse(code, filename=where)

    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        if node.module.partition(".")[0] in OURS:
            module = importlib.import_module(node.module)
            assert [each.name for each in node.names if not hasattr(module, each.name)] == []


_PATH = re.compile(r"`((?:packages|tests|docs)/[\w./-]+)`")


def _paths_on(page: str) -> list[str]:
    return sorted(set(_PATH.findall((ROOT / "docs" / page).read_text("utf-8"))))


@pytest.mark.parametrize("path", _paths_on("changing-things.md"))
def test_every_path_of_the_recipes_exists(path: str) -> None:
    """`docs/changing-things.md` names only existing files and folders."""
    assert (ROOT / path).exists()


def test_each_recipe_has_paths_with_paths() -> None:
    """Each of the fifteen recipes names at least one path."""
    page = (ROOT / "docs/changing-things.md").read_text("utf-8")
    recipes = page.split("\n## ")[1:]

    assert len(recipes) == 15
    assert all(_PATH.search(recipe) for recipe in recipes)
