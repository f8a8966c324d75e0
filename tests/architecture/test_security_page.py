"""`docs/security.md` names an existing test for every threat."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
THREATS = 30
_ROW = re.compile(r"^\| (?P<threat>T\d+) \|(?P<rest>.*)\|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py(?:::\w+)+)`")


@cache
def _tests_of(path: Path) -> frozenset[str]:
    """Return the tests that a module and its inherited suites define."""
    suites = _suites()
    names: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            bases = [suites[b.id] for b in node.bases if isinstance(b, ast.Name) and b.id in suites]
            methods = {each.name for part in (node, *bases) for each in _methods(part)}
            names |= {f"{node.name}::{method}" for method in methods}
    return frozenset(names)


@cache
def _suites() -> dict[str, ast.ClassDef]:
    return {
        node.name: node
        for file in ROOT.glob("packages/*/src/*/testing/contracts/*.py")
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.ClassDef)
    }


def _methods(part: ast.ClassDef) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [e for e in part.body if isinstance(e, ast.FunctionDef | ast.AsyncFunctionDef)]


def _exists(test: str) -> bool:
    file, _, name = test.partition("::")
    return (ROOT / file).is_file() and name in _tests_of(ROOT / file)


def test_every_proof_that_is_named_exists() -> None:
    """Every test named on the page exists."""
    named = _TEST.findall(PAGE)

    assert len(named) > 60
    assert [test for test in named if not _exists(test)] == []


def test_every_threat_has_a_proof() -> None:
    """Each threat has one row, in order, with at least one test."""
    rows = {row["threat"]: _TEST.findall(row["rest"]) for row in _ROW.finditer(PAGE)}

    assert list(rows) == [f"T{number}" for number in range(1, THREATS + 1)]
    assert [threat for threat, tests in rows.items() if not tests] == []


def test_a_proof_that_does_not_exist_is_noticed() -> None:
    """A wrong file name or a wrong test name is reported."""
    assert _exists("tests/architecture/test_security_page.py::test_every_threat_has_a_proof")
    for wrong in (
        "tests/architecture/test_security_page.py::test_of_nothing",
        "tests/architecture/no_such_file.py::test_every_threat_has_a_proof",
        "tests/sqlite/test_database.py::TestClose::test_files_are_private",
    ):
        assert not _exists(wrong)
