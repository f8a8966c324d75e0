"""Effort of tests: a sample in the usual run, every case with `HYPOTHESIS_PROFILE=ci`."""

import os
from collections.abc import Callable
from typing import Any, Final, TypeVar

import pytest

_Test = TypeVar("_Test", bound=Callable[..., Any])

#: Whether every value is tried instead of a sample.
IS_THOROUGH: Final = os.environ.get("HYPOTHESIS_PROFILE") == "ci"
#: Mark of a test that only the thorough run executes; shorter tests cover what changes often.
ONLY_THOROUGH: Final = (
    pytest.mark.thorough,
    pytest.mark.skipif(not IS_THOROUGH, reason="takes long; runs with HYPOTHESIS_PROFILE=ci"),
)


def only_thorough(test: _Test) -> _Test:
    """Give a test the marks `ONLY_THOROUGH`."""
    for mark in ONLY_THOROUGH:
        test = mark(test)
    return test
