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

    monkeypatch.setattr(MemoryStorage, "last_copy", staticmethod(last_copy))
    copies = DatabaseCopies(storage=storage, config=_config(), clock=clock)
    due = await copies.next_time()
    assert due is not None
    assert (due <= clock.now()) is is_due
    failed_at = clock.now() + timedelta(minutes=5)
    assert await copies.next_time(failed_at=failed_at) == max(due, failed_at + timedelta(hours=1))

    disabled = DatabaseCopies(storage=storage, config=_config(enabled=False), clock=clock)
    assert await disabled.next_time() is None
