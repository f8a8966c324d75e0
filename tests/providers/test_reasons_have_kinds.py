"""Reasons of providers are messages with a kind, so that pages show them in German as well."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import aniworld_core.errors
from aniworld_core.errors import AniworldError, SettingsError, UsageError

SOURCES = Path(__file__).parents[2] / "packages/aniworld-providers/src/aniworld_providers"
#: Errors that only the command line and the log show, in English.
ENGLISH = (UsageError, SettingsError)
#: Errors of this distribution whose reasons become those of the errors above.
OWN = {"DamagedPageError", "NotAnImageError", "OtherKindError", "WrongKeyError", "WrongRangeError"}
ERRORS = OWN | {
    name
    for name, error in vars(aniworld_core.errors).items()
    if inspect.isclass(error)
    and issubclass(error, AniworldError)
    and not issubclass(error, ENGLISH)
}
#: Names of variables and attributes that hold reasons.
REASONS = {"reason", "hint", "observed", "notice", "refusal", "what"}
PROSE = re.compile(r"[A-Za-z]{2,} +[a-z]{2,}|[a-z]{2,} $|^ [a-z]{2,}")


def is_prose(node: ast.AST) -> bool:
    """Return whether an expression holds English words in a text of its own."""
    texts = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    return any(isinstance(text, str) and PROSE.search(text) for text in texts)


def reasons_of(tree: ast.AST) -> Iterator[ast.expr]:
    """Return the expressions of a module that become reasons or hints."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in ERRORS:
                yield from (*node.args, *(keyword.value for keyword in node.keywords))
            case ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name)]):
                if name in REASONS:
                    yield node.value
            case ast.keyword(arg=name) if name in REASONS:
                yield node.value


@pytest.mark.parametrize(
    ("source", "has_prose"),
    [
        ('BadMediaError("it is broken")', True),
        ('BadMediaError(f"it has {n} bytes")', True),
        ('BadMediaError(Message("only_bytes", size=n))', False),
        ('NeedsPersonError(hoster or "the server", url)', True),
        ('reason = f"segment {n} of {m}"', True),
        ('AddressRefusedError(f"{host}:{port}", error.reason)', False),
    ],
)
def test_prose_is_found(source: str, has_prose: bool) -> None:
    """The rule sees plain texts, f-strings, and texts inside of expressions."""
    assert any(is_prose(each) for each in reasons_of(ast.parse(source))) is has_prose


def test_no_reason_is_plain_english() -> None:
    """Every reason and hint is built as a `Message`."""
    found = [
        f"{path.relative_to(SOURCES)}:{node.lineno}: {ast.unparse(node)}"
        for path in sorted(SOURCES.rglob("*.py"))
        for node in reasons_of(ast.parse(path.read_text("utf-8")))
        if is_prose(node)
    ]
    assert found == []
