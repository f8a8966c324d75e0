"""JSON pointers (RFC 6901): the place of a value in a document."""

from collections.abc import Iterable


def escaped(name: object) -> str:
    """Return a name or position as a token of a pointer."""
    return str(name).replace("~", "~0").replace("/", "~1")


def pointer_to(names: Iterable[object]) -> str:
    """Return the pointer with these names and positions."""
    return "".join(f"/{escaped(name)}" for name in names)


def tokens_of(pointer: str) -> list[str]:
    """Return the names and positions in a pointer."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
