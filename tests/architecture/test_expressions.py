"""Every regular expression of the packages takes linear time or has a documented reason."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest

from support.expressions import openings, pumps, weaknesses
from support.growth import assert_linear
from support.thorough import only_thorough

PACKAGES = (
    *(
        "aniworld_core",
        "aniworld_sqlite",
        "aniworld_postgres",
        "aniworld_providers",
        "aniworld_http",
        "aniworld_cli",
    ),
)
ROOT = Path(__file__).parents[2] / "packages"
#: Expressions that break the rules but are harmless in their place, with the reason.
ALLOWED: dict[str, str] = {}
#: Calls whose expression is built at run time, by file and line text, with the reason.
MADE_AT_RUN_TIME = {
    "scrubber.py": "made of `re.escape` of configured names and addresses alone",
    "converter.py": "patterns of the types of fields, which are constants of the schemas",
    "failures.py": "compiles the constants of the module, which are found in it",
}
SEARCHES = {"search", "sub", "subn", "finditer", "findall", "split"}
CALLS = {*SEARCHES, "compile", "match", "fullmatch"}


def _modules() -> Iterator[str]:
    for package in PACKAGES:
        found = importlib.import_module(package)
        for module in pkgutil.walk_packages(found.__path__, f"{package}."):
            parts = module.name.split(".")
            if not {"__main__", "migrations", "testing"} & set(parts):
                yield module.name


def _patterns(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(owner := getattr(value, "__self__", None), re.Pattern):
        yield owner  # a bound method, such as `re.compile(...).fullmatch`
    elif depth < 4 and isinstance(value, tuple | list | set | frozenset):
        for inner in value:
            yield from _patterns(inner, depth + 1)
    elif depth < 4 and isinstance(value, dict):
        for inner in value.values():
            yield from _patterns(inner, depth + 1)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _uses(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the methods that are called on names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CALLS:
            if isinstance(node.value, ast.Name):
                yield node.value.id, node.attr
            elif isinstance(node.value, ast.Attribute):
                yield node.value.attr, node.attr


def _written() -> Iterator[tuple[Path, ast.Call]]:
    """Yield every call of a function of `re` with its pattern."""
    for path in sorted(ROOT.glob("*/src/**/*.py")):
        if {"testing", "migrations"} & set(path.parts):
            continue
        for node in ast.walk(_parsed(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr in CALLS
            ):
                yield path, node


@attrs.frozen
class Found:
    """An expression, its location, and whether it is used for searches."""

    where: str
    pattern: re.Pattern[Any]
    is_searched: bool


@pytest.fixture(scope="module")
def found() -> list[Found]:
    """Return every expression of the packages: module attributes and arguments of calls."""
    files = [path for path in ROOT.glob("*/src/**/*.py") if "testing" not in path.parts]
    searched = {
        # A private name is used only in its own module.
        (path.stem if name.startswith("_") else "", name)
        for path in files
        for name, method in _uses(_parsed(path))
        if method in SEARCHES
    }
    every: dict[tuple[str | bytes, int], Found] = {}

    def note(where: str, pattern: re.Pattern[Any], *, is_searched: bool) -> None:
        key = pattern.pattern, pattern.flags
        former = every.get(key, Found(where, pattern, is_searched=False))
        every[key] = attrs.evolve(former, is_searched=former.is_searched or is_searched)

    for module in _modules():
        for name, value in vars(importlib.import_module(module)).items():
            stem = module.rpartition(".")[2] if name.startswith("_") else ""
            for pattern in _patterns(value):
                # An expression in a container has no name: apply the stricter rule.
                is_alone = isinstance(value, re.Pattern) or callable(value)
                is_searched = not is_alone or (stem, name) in searched
                note(f"{module}.{name}", pattern, is_searched=is_searched)
    for path, call in _written():
        first = call.args[0]
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if isinstance(first, ast.Constant) and method != "compile":
            where = f"{path.name}:{call.lineno}"
            note(where, re.compile(first.value), is_searched=method in SEARCHES)
    return list(every.values())


def _is_at_top(path: Path, call: ast.Call) -> bool:
    module = _parsed(path)
    tops = [
        node for node in module.body if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return any(
        isinstance(inner, ast.Call) and inner.lineno == call.lineno
        for top in tops
        for inner in ast.walk(top)
    )


def test_all_expressions_are_found(found: list[Found]) -> None:
    """Every expression that is built at run time is listed with a reason."""
    assert len(found) > 120
    known = {each.pattern.pattern for each in found}
    for path, call in _written():
        first = call.args[0]
        is_constant = isinstance(first, ast.Constant) and first.value in known
        told = f"{path.name}:{call.lineno} is made at run time"
        assert is_constant or _is_at_top(path, call) or path.name in MADE_AT_RUN_TIME, told


def test_no_expression_reads_a_text_twice(found: list[Found]) -> None:
    """No expression has nested or overlapping repeats."""
    weak = {
        each.where: reasons
        for each in found
        if (reasons := weaknesses(each.pattern, is_searched=each.is_searched))
    }
    assert weak.keys() <= ALLOWED.keys(), {w: weak[w] for w in weak.keys() - ALLOWED.keys()}
    assert ALLOWED.keys() <= weak.keys(), "no longer weak: remove the exception"


@only_thorough
def test_no_text_keeps_an_expression_busy(found: list[Found]) -> None:
    """Texts of up to 64 KiB built from parts of the expression take linear time."""
    for each in found:
        is_text = isinstance(each.pattern.pattern, str)

        def work(text: str, each: Found = each, *, is_text: bool = is_text) -> None:
            given: Any = text if is_text else text.encode("utf-8", "surrogatepass")
            each.pattern.fullmatch(given)
            each.pattern.match(given)
            if each.is_searched:
                each.pattern.sub("" if is_text else b"", given)

        for token in pumps(each.pattern):
            try:
                assert_linear(work, token, end="\x01")
            except AssertionError as error:
                raise AssertionError(f"{each.where}: {error}") from error


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        (r"(?:a+)+b", "nested"),
        (r"(?:a|b*)*c", "nested"),
        (r"x[ab]*[bc]*d", "overlapping"),
        (r"x\w*(?:token)\w*=", "overlapping"),
        (r"\s*:\s+", "restarting"),
        (r"<input\b[^>]*>", "restarting"),
        (r"\b[\w-]*token", "restarting"),
        (r"https?://\S+\?", "restarting"),
    ],
)
def test_weak_expressions_are_recognised(pattern: str, kind: str) -> None:
    """The rules find known weak expressions and variants of them."""
    assert any(kind in weakness for weakness in weaknesses(re.compile(pattern)))


@pytest.mark.parametrize(
    "pattern",
    [
        r"[a-z0-9]+(?:-[a-z0-9]+)*",
        r"(?<!\s)\s*+:\s++",
        r"<input\b[^<>]*+>",
        r"(://)[^/\s]+(?=@)",
        r"(?:^|,)\s*(Basic|Digest)(?=\s)",
        r"\A\s*\d+",
    ],
)
def test_linear_expressions_are_let_be(pattern: str) -> None:
    """The rules accept expressions that take linear time."""
    assert weaknesses(re.compile(pattern)) == []


@pytest.mark.parametrize(
    ("pattern", "opening"),
    [
        (r'("(\w*(?:token|secret)\w*)"\s*:)', ('"', "token")),
        (r'("(\w*(?:token|secret)\w*)"\s*:)', ('"', "secret")),
        (r"<input\b[^>]*\btoken[^>]*>", ("<input", "a")),
        (r"\(\d*1\d*\)", ("(", "1")),
    ],
)
def test_texts_behind_a_start_are_tried(pattern: str, opening: tuple[str, str]) -> None:
    """A pattern with two repeats around a word is slow only after its first match."""
    assert opening in openings(re.compile(pattern))
