"""Reasons are messages with a kind, so that pages show them in German as well."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import aniworld_core.errors
from aniworld_core.errors import AniworldError, SettingsError

PACKAGES = Path(__file__).parents[2] / "packages"
#: Parts of the packages that no person sees: they serve tests.
UNSEEN = "aniworld_core/testing"
#: Errors of settings are shown by the command line and the log only, which are English.
ENGLISH = (SettingsError,)
#: Modules that write such errors.
OF_SETTINGS = (
    *("bootstrap/parts.py", "bootstrap/settings.py", "aniworld_cli/session.py"),
    *("security/setup_code.py", "aniworld_http/settings.py"),
)
#: Where `UsageError` means misused options or files of the command line.
COMMANDS = ("aniworld_cli/", "network/capsules/")
#: Errors of the distributions whose reasons become those of the errors above.
OWN = {
    "DamagedPageError",
    "MismatchError",
    "NotAnImageError",
    "NotJsonError",
    "OtherKindError",
    "WrongKeyError",
    "WrongRangeError",
}
ERRORS = OWN | {
    name
    for name, error in vars(aniworld_core.errors).items()
    if inspect.isclass(error)
    and issubclass(error, AniworldError)
    and not issubclass(error, ENGLISH)
}
#: Names of variables, attributes and arguments that hold reasons.
REASONS = {
    *("detail", "hint", "label", "notice", "observed", "problem", "reason", "refusal"),
    *("what", "why"),
}
#: Names of lists of reasons.
LISTS = {"faults", "notices", "problems", "reasons", "warnings"}
#: Texts of the terminal, which has one language: hints of commands, results of `doctor`.
TERMINAL = {"detail", "hint", "said", "what"}
#: Functions whose texts are shown by the command line and the log only.
LOGGED = {"told", "describe", "shown_place"}
PROSE = re.compile(r"[A-Za-z]{2,} +[a-z]{2,}|[a-z]{2,} $|^ [a-z]{2,}")


def is_prose(node: ast.AST) -> bool:
    """Return whether an expression holds English words in a text of its own."""
    texts = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    return any(isinstance(text, str) and PROSE.search(text) for text in texts)


def is_glued(node: ast.AST) -> bool:
    """Return whether an expression joins texts with `: ` or `; `, which loses their kinds."""
    parts = (
        part.value
        for each in ast.walk(node)
        if isinstance(each, ast.JoinedStr)
        for part in each.values
        if isinstance(part, ast.Constant)
    )
    return any(isinstance(part, str) and re.search("[:;] ", part) for part in parts)


def reasons_of(tree: ast.AST, path: str = "") -> Iterator[ast.expr]:
    """Return the expressions of a module that become reasons or hints."""
    is_command = any(part in path for part in COMMANDS)
    errors = ERRORS - {"UsageError"} if is_command else ERRORS
    names = REASONS - TERMINAL if is_command else REASONS
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in errors:
                yield from (*node.args, *(keyword.value for keyword in node.keywords))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="web"), attr=name)) if (
                name.startswith("HTTP")
            ):
                yield from (each.value for each in node.keywords if each.arg == "text")
            case ast.Call(func=ast.Attribute(value=held, attr="append")) if (
                ast.unparse(held).rpartition(".")[2] in LISTS
            ):
                yield from node.args
            case ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name)]):
                if name in names | LISTS:
                    yield node.value
            case ast.keyword(arg=name) if name in names | LISTS:
                yield node.value
            case ast.FunctionDef(name=name) if name not in LOGGED and not name.startswith("__"):
                returned = (each for each in ast.walk(node) if isinstance(each, ast.Return))
                yield from (each.value for each in returned if isinstance(each.value, ast.Constant))


@pytest.mark.parametrize(
    ("source", "has_prose"),
    [
        ('BadMediaError("it is broken")', True),
        ('BadMediaError(f"it has {n} bytes")', True),
        ('BadMediaError(Message("only_bytes", size=n))', False),
        ('NeedsPersonError(hoster or "the server", url)', True),
        ('reason = f"segment {n} of {m}"', True),
        ('AddressRefusedError(f"{host}:{port}", error.reason)', False),
        ('StorageUnavailableError(f"{path}: {error}")', True),
        ('InvalidFieldsError([("/key", "is required")])', True),
        ('problems.append(("/key", "is required"))', True),
        ('self.notices.append(f"{label}: {error}")', True),
        ('web.HTTPBadRequest(text="the body is cut off")', True),
        ('def damage():\n    return "its end is missing"', True),
        ('SettingsError(["the port is taken"])', False),
    ],
)
def test_prose_is_found(source: str, has_prose: bool) -> None:
    """The rule sees plain texts, f-strings, joined texts, and texts inside of expressions."""
    found = list(reasons_of(ast.parse(source)))
    assert any(is_prose(each) or is_glued(each) for each in found) is has_prose


@pytest.mark.parametrize("package", ["cli", "core", "http", "postgres", "providers", "sqlite"])
def test_no_reason_is_plain_english(package: str) -> None:
    """Every reason and hint is built as a `Message`."""
    sources = PACKAGES / f"aniworld-{package}/src"
    found = [
        f"{path.relative_to(sources)}:{node.lineno}: {ast.unparse(node)}"
        for path in sorted(sources.rglob("*.py"))
        if UNSEEN not in path.as_posix() and not path.as_posix().endswith(OF_SETTINGS)
        for node in reasons_of(ast.parse(path.read_text("utf-8")), path.as_posix())
        if is_prose(node) or is_glued(node)
    ]
    assert found == []
