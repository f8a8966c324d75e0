"""The reference pages are those that the code makes."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from aniworld_http.websocket import messages

DOCS = Path(__file__).parents[2] / "docs"


PROGRAMS = {
    "make_reference.py": ["cli.md", "rest.md", "exit-codes.md"],
    "make_websocket.py": ["websocket.md"],
    "make_architecture.py": ["architecture.svg"],
}


def load(program: str) -> ModuleType:
    """Load a program of the documentation."""
    path = DOCS / program
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("program", PROGRAMS)
def test_reference_pages_are_up_to_date(program: str) -> None:
    """Each page equals the output of its program."""
    pages = load(program).PAGES

    assert list(pages) == PROGRAMS[program]
    for name, page in pages.items():
        assert page() == (DOCS / name).read_text("utf-8"), f"run: python docs/{program}"


def test_the_websocket_page_shows_every_kind_of_message() -> None:
    """A new kind of message that the server announces is missing in no list of the page."""
    page = (DOCS / "websocket.md").read_text("utf-8")
    source = Path(messages.__file__).read_text("utf-8")
    kinds = set(re.findall(r'make_message\(\s*"(\w+)"', source))

    assert kinds
    assert {kind for kind in kinds if f"### {kind}\n" not in page} == set()
