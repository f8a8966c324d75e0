"""Times of database copies."""

from datetime import timedelta

import attrs
import pytest

from aniworld_core.application.configuration import CurrentConfig, DatabaseCopies
from aniworld_core.domain.configuration import Config
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.fakes import FakeClock

MICROSECOND = timedelta(microseconds=1)
HOURS = 6


def _config(*, enabled: bool = True) -> CurrentConfig:
    backup = Config().backup
    database = attrs.evolve(backup.database, enabled=enabled, interval_hours=HOURS)
    return CurrentConfig(attrs.evolve(Config(), backup=attrs.evolve(backup, database=database)))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("age", "is_due"),
    [
        (None, True),
        (timedelta(0), False),
        (timedelta(hours=HOURS) - MICROSECOND, False),
        (timedelta(hours=HOURS), True),
        (-MICROSECOND, True),
    ],
)
async def test_a_copy_is_due_at_exactly_its_interval(
    monkeypatch: pytest.MonkeyPatch, age: timedelta | None, is_due: bool
) -> None:
    """A copy is due after exactly one interval, without a copy, and after a clock change."""
    storage, clock = MemoryStorage(), FakeClock()

    async def last_copy() -> object:
        return None if age is None else clock.now() - age

    async def make_copy(**_: object) -> bool:
        return True

    monkeypatch.setattr(MemoryStorage, "last_copy", staticmethod(last_copy))
    monkeypatch.setattr(MemoryStorage, "make_copy", staticmethod(make_copy))
    copies = DatabaseCopies(storage=storage, config=_config(), clock=clock)
    assert await copies.make_if_due() is is_due

    disabled = DatabaseCopies(storage=storage, config=_config(enabled=False), clock=clock)
    assert await disabled.make_if_due() is False
