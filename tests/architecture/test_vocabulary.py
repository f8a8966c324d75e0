"""Retired words stay out of identifiers and prose; `docs/glossary.md` has the words in use."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Retired word -> the word in use.
RETIRED = {
    "shelf": "browse list",
    "shelves": "browse lists",
    "wish": "episode request",
    "wishes": "episode requests",
    "manners": "policy",
    "surroundings": "adapter context",
    "glimpse": "segment probe",
    "seams": "continuity",
    "spool": "segment buffer",
    "keybook": "login cache",
    "keyring": "key cache",
    "brake": "login throttle",
    "wording": "text cleanup",
    "tally": "totals",
    "endurance": "retry policy",
    "errand": "subtitle job",
}
#: Uses of a retired word that quote a site, a specification or another program.
QUOTED: dict[str, tuple[str, ...]] = {}
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
SOURCES = sorted(
    path
    for pattern in ("packages/*/src/**/*.py", "tests/**/*.py", "docs/**/*.md", "*.md")
    for path in ROOT.glob(pattern)
    if path != Path(__file__) and path.name != "CHANGELOG.md"
)


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """Return the lines of a page, or the names, strings and comments of a module."""
    source = path.read_text("utf-8")
    if path.suffix != ".py":
        yield from enumerate(source.splitlines(), start=1)
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.NAME, tokenize.STRING, tokenize.COMMENT):
            yield token.start[0], token.string


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_retired_word_is_used(path: Path) -> None:
    """Identifiers, docstrings, comments and pages use the words of the glossary."""
    name = path.relative_to(ROOT).as_posix()
    found = [
        f"{name}:{line}: {word!r} is retired, write {RETIRED[word]!r}"
        for line, text in _texts(path)
        for word in (part.lower() for part in _WORD.findall(text))
        if word in RETIRED and word not in QUOTED.get(name, ())
    ]
    assert not found
