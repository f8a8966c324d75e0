"""How much tests try: little in the usual run, everything with `HYPOTHESIS_PROFILE=ci`."""

import os
from collections.abc import Callable
from typing import Any, Final, TypeVar

import pytest

_Test = TypeVar("_Test", bound=Callable[..., Any])

#: Whether time does not matter: every value is tried instead of some.
IS_THOROUGH: Final = os.environ.get("HYPOTHESIS_PROFILE") == "ci"
#: Marks of a test that only runs when time does not matter; another test shows the same in short.
ONLY_THOROUGH: Final = (
    pytest.mark.thorough,
    pytest.mark.skipif(not IS_THOROUGH, reason="takes long; runs with HYPOTHESIS_PROFILE=ci"),
)


def only_thorough(test: _Test) -> _Test:
    """Give a test the marks `ONLY_THOROUGH`."""
    for mark in ONLY_THOROUGH:
        test = mark(test)
    return test
