"""The reference pages are those that the code makes."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def program() -> ModuleType:
    """Load `docs/make_reference.py`."""
    path = DOCS / "make_reference.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["cli.md", "rest.md", "exit-codes.md"])
def test_reference_pages_are_up_to_date(program: ModuleType, name: str) -> None:
    """Each page equals the output of `python docs/make_reference.py`."""
    made = program.PAGES[name]()

    assert made == (DOCS / name).read_text("utf-8"), "run: python docs/make_reference.py"
