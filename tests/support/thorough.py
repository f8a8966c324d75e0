"""How much tests try: little in the usual run, everything with `HYPOTHESIS_PROFILE=ci`."""

import os
from typing import Final

import pytest

#: Whether time does not matter: every value is tried instead of some.
IS_THOROUGH: Final = os.environ.get("HYPOTHESIS_PROFILE") == "ci"
#: Marks of a test that only runs when time does not matter; another test shows the same in short.
ONLY_THOROUGH: Final = (
    pytest.mark.thorough,
    pytest.mark.skipif(not IS_THOROUGH, reason="takes long; runs with HYPOTHESIS_PROFILE=ci"),
)
