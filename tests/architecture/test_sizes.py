"""Sizes of the house: folders, modules, functions, constructors, and names that share a prefix."""

import ast
from collections import Counter
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Final

PACKAGES: Final = Path(__file__).parents[2] / "packages"

#: Lines from `def` to the last statement, docstring included.
LONGEST_FUNCTION: Final = 60
#: Collaborators and values that a constructor takes.
MOST_ARGUMENTS: Final = 7
LONGEST_MODULE: Final = 400
MOST_MODULES: Final = 15

#: Functions that may be longer, with the reason.
LONG_FUNCTIONS: Final = {
    "aniworld_sqlite/migrations/versions": "a migration is one list of statements, and never "
    "changes after its release",
}
#: Modules that may be longer, with the reason.
LONG_MODULES: Final = {
    "aniworld_core/__init__.py": "a list of the public names, without code",
    "aniworld_core/domain/library/__init__.py": "a list of the names of the room, without code",
    "aniworld_core/testing/contracts": "a suite is the contract of one port, whole or one side",
    "aniworld_providers/media/remux/muxer.py": "one pass over packets whose state every step uses",
    "aniworld_providers/transfer/segments/transfer.py": "the life of one segment, from its request "
    "to its commit; retries, partial bytes and progress share its state",
    "aniworld_sqlite/_schema.py": "the tables of one database, each a list of columns",
}
#: Folders that may hold more modules, with the reason.
LARGE_FOLDERS: Final = {
    "aniworld_core/ports": "one module for each port, so that a port is found by its name",
    "aniworld_core/testing/contracts": "one contract suite for each port, named like the port",
    "aniworld_http/web/static/js/pages": "one script for each page, named like the page",
    "aniworld_sqlite/_repositories": "one module for each repository port, named like the port",
    "aniworld_sqlite/migrations/versions": "one module for each revision of the database",
}
#: Folders whose modules may share a prefix, with the reason.
FAMILIES: Final = LARGE_FOLDERS | {
    "aniworld_core/testing/memory": "one fake for each port, named like the port",
}


def _name(path: Path) -> str:
    """Return the path below `src/`."""
    return path.as_posix().partition("/src/")[2]


@cache
def _modules() -> tuple[Path, ...]:
    return tuple(sorted(PACKAGES.glob("*/src/**/*.py")))


@cache
def _statements(path: Path) -> tuple[ast.stmt, ...]:
    """Return the statements of a module at every depth."""
    return tuple(_inside(ast.parse(path.read_text("utf-8"))))


def _inside(node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _inside(child)


@cache
def _folders() -> dict[Path, list[Path]]:
    """Return the modules of each folder of Python or JavaScript, without `__init__`."""
    scripts = PACKAGES.glob("*/src/**/static/js/**/*.js")
    found: dict[Path, list[Path]] = {}
    for path in (*_modules(), *sorted(scripts)):
        if not path.name.startswith("__"):
            found.setdefault(path.parent, []).append(path)
    return found


def _is_excused(name: str, reasons: Collection[str]) -> bool:
    return any(name == each or name.startswith(f"{each}/") for each in reasons)


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in _statements(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def _is_taken(statement: ast.stmt) -> bool:
    """Check for a private attribute that the constructor of an attrs class takes."""
    if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
        return False
    value = ast.unparse(statement.value) if statement.value is not None else ""
    is_class_variable = ast.unparse(statement.annotation).startswith(("ClassVar", "Final"))
    return (
        statement.target.id.startswith("_") and not is_class_variable and "init=False" not in value
    )


def _constructors(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each class with the number of arguments of its constructor.

    The private attributes of an attrs class are its collaborators, and they count. Its public
    attributes are the fields of a value: views, records, settings and wire schemas have as many
    as the thing they describe.
    """
    for node in _statements(path):
        if not isinstance(node, ast.ClassDef):
            continue
        if any("attrs." in ast.unparse(each) for each in node.decorator_list):
            yield node.name, sum(map(_is_taken, node.body))
        for method in node.body:
            if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                arguments = method.args
                every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
                yield node.name, len(every) - 1


def test_functions_are_short() -> None:
    """A longer one does two things."""
    long = [
        f"{_name(path)}: {name} has {lines} lines"
        for path in _modules()
        if not _is_excused(_name(path), LONG_FUNCTIONS)
        for name, lines in _functions(path)
        if lines > LONGEST_FUNCTION
    ]
    assert not long


def test_constructors_take_few_arguments() -> None:
    """A class with more collaborators has more than one task."""
    large = [
        f"{_name(path)}: {name} takes {count}"
        for path in _modules()
        for name, count in _constructors(path)
        if count > MOST_ARGUMENTS
    ]
    assert not large


def test_modules_tell_one_story() -> None:
    """A longer one has a reason, and a reason that is not needed any more is removed."""
    lengths = {_name(path): len(path.read_text("utf-8").splitlines()) for path in _modules()}
    long = {name for name, lines in lengths.items() if lines > LONGEST_MODULE}
    assert not {name for name in long if not _is_excused(name, LONG_MODULES)}
    assert all(any(_is_excused(name, {reason}) for name in long) for reason in LONG_MODULES)


def test_folders_can_be_surveyed() -> None:
    """A folder with more modules hides a concept."""
    large = {_name(folder) for folder, modules in _folders().items() if len(modules) > MOST_MODULES}
    assert large == LARGE_FOLDERS.keys()


def test_a_common_prefix_is_a_folder() -> None:
    """Modules that share the word before the first underscore belong into a folder of that name."""
    families = {
        f"{_name(folder)}/{word}_*"
        for folder, modules in _folders().items()
        if not _is_excused(_name(folder), FAMILIES)
        for word, count in Counter(path.stem.strip("_").split("_")[0] for path in modules).items()
        if count > 1
    }
    assert not families
