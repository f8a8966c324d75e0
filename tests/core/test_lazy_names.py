"""Faces of rooms that import their names on first use."""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import aniworld_core

ROOT = Path(aniworld_core.__file__).parents[3]


def _faces() -> Iterator[str]:
    for path in sorted(ROOT.glob("*/src/**/__init__.py")):
        if "lazy_names(\n" in path.read_text():
            yield ".".join(path.relative_to(ROOT).parts[2:-1])


FACES = list(_faces())


def _tree(face: str) -> ast.Module:
    path = importlib.import_module(face).__file__
    assert path is not None
    return ast.parse(Path(path).read_text())


def _imported(tree: ast.Module, face: str) -> dict[str, str]:
    """Return the module of each name that the face imports for type checkers."""
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.name: (node.module or "").removeprefix(f"{face}.")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _listed(tree: ast.Module) -> dict[str, str]:
    """Return the module of each name that the face lists for the running program."""
    (call,) = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("lazy_names")
    )
    modules: dict[str, tuple[str, ...]] = ast.literal_eval(call.args[1])
    return {name: module for module, names in modules.items() for name in names}


def test_the_rooms_of_the_core_have_such_faces() -> None:
    """The search for faces finds them."""
    assert {"aniworld_core.domain.library", "aniworld_core.application.downloads"} <= set(FACES)


@pytest.mark.parametrize("face", FACES)
def test_the_names_for_type_checkers_are_those_of_the_running_program(face: str) -> None:
    """A face imports each name for type checkers from the module that it is taken from."""
    tree = _tree(face)

    assert _listed(tree) == _imported(tree, face)


@pytest.mark.parametrize("face", FACES)
def test_every_name_of_a_face_exists(face: str) -> None:
    """Each name can be imported from its face and is shown by `dir`."""
    module = importlib.import_module(face)

    assert set(module.__all__) <= set(dir(module))
    for name in _listed(_tree(face)):
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = module.no_such_name


def test_a_face_imports_the_module_of_a_used_name_only() -> None:
    """Importing one name leaves the other modules of the room alone."""
    program = (
        "import sys\n"
        "from aniworld_core.domain.downloads import DownloadStatus\n"
        "print([m for m in sys.modules if m.startswith('aniworld_core.domain.downloads.')])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout.strip() == "['aniworld_core.domain.downloads.statuses']"
