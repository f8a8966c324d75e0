"""Scopes of API keys."""

import pytest

from aniworld_core.domain.access import ApiKey, Scope, parse_scope
from aniworld_core.errors import InvalidInputError
from aniworld_core.testing.factories import START


def test_each_scope_includes_those_before_it() -> None:
    """Every scope includes the scopes before it."""
    scopes = [Scope.READ, Scope.CONTROL, Scope.ADMIN]
    for has in range(3):
        for needed in range(3):
            assert scopes[has].includes(scopes[needed]) is (has >= needed)


def test_scopes_are_read_by_name() -> None:
    """Exactly three names are valid."""
    assert parse_scope("control") is Scope.CONTROL
    for wrong in ("", "Admin", "root"):
        with pytest.raises(InvalidInputError):
            parse_scope(wrong)


def test_a_key_does_not_show_its_digest() -> None:
    """The repr of a key does not contain its digest."""
    key = ApiKey(id="1", name="n", scope=Scope.READ, digest="D1GEST", created_at=START)
    assert "D1GEST" not in repr(key)
