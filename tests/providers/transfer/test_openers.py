"""Names that the packages load on first use."""

from types import ModuleType

import pytest

from aniworld_providers import media, transfer


@pytest.mark.parametrize(
    ("package", "name"),
    [(package, name) for package in (media, transfer) for name in package.__all__],
)
def test_every_exported_name_can_be_loaded(package: ModuleType, name: str) -> None:
    """Entry points and benchmarks get the object, not an import error."""
    assert callable(getattr(package, name))
