"""Values of views: rates."""

import pytest

from aniworld_core.application.catalogue import megabits


@pytest.mark.parametrize(("rate", "expected"), [(0, 0.0), (1_000_000, 8.0), (123_456, 0.99)])
def test_rates_are_megabits_per_second(rate: float, expected: float) -> None:
    """Eight bits in a byte, decimal units, two decimals."""
    assert megabits(rate) == expected
