"""API keys: create, check, remove."""

from datetime import timedelta

import pytest

from aniworld_core.application.access import NOTED_EVERY, ApiKeys
from aniworld_core.domain.access import Scope
from aniworld_core.errors import ApiKeyNotFoundError, InvalidTokenError, UsageError
from aniworld_core.testing import MemoryApiKeyRepository
from aniworld_core.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def repository() -> MemoryApiKeyRepository:
    return MemoryApiKeyRepository()


@pytest.fixture
def keys(clock: FakeClock, repository: MemoryApiKeyRepository) -> ApiKeys:
    return ApiKeys(keys=repository, clock=clock)


async def test_a_new_key_signs_in(keys: ApiKeys) -> None:
    """A new key is accepted and has its scope."""
    created = await keys.create("  phone ", Scope.CONTROL)

    known = await keys.authenticate(created.plain)

    assert (known.id, known.name, known.scope) == (created.key.id, "phone", Scope.CONTROL)


async def test_the_key_itself_is_not_kept(keys: ApiKeys) -> None:
    """The secret is random, and neither stored nor part of any text form."""
    first, second = [await keys.create("phone", Scope.READ) for _ in range(2)]

    assert first.plain != second.plain
    assert first.plain.startswith("aw_")
    assert len(first.plain) >= 40
    assert first.plain not in repr(first)
    assert [key.id for key in await keys.list()] == sorted([first.key.id, second.key.id])
    assert all(first.plain not in str(key) + key.digest for key in await keys.list())


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "two\nlines", "\x1b[31m"])
async def test_a_name_is_one_readable_line(keys: ApiKeys, name: str) -> None:
    """Names that are empty, too long or contain invisible characters are refused."""
    with pytest.raises(UsageError):
        await keys.create(name, Scope.READ)
    assert list(await keys.list()) == []


@pytest.mark.parametrize("wrong", ["", "aw_", "aw_unknown", "ä\ud800\x00"])
async def test_anything_else_is_refused(keys: ApiKeys, wrong: str) -> None:
    """Any other text in the header is refused."""
    created = await keys.create("phone", Scope.READ)
    for attempt in (wrong, created.plain[:-1], created.plain.upper(), created.key.digest):
        with pytest.raises(InvalidTokenError):
            await keys.authenticate(attempt)


async def test_a_removed_key_is_refused(keys: ApiKeys) -> None:
    """A removed key is refused at once."""
    created = await keys.create("phone", Scope.READ)
    await keys.remove(created.key.id)
    with pytest.raises(InvalidTokenError):
        await keys.authenticate(created.plain)
    with pytest.raises(ApiKeyNotFoundError):
        await keys.remove(created.key.id)


async def test_use_is_noted_now_and_then(keys: ApiKeys, clock: FakeClock) -> None:
    """The last use is stored at most once a minute, also after a clock change."""
    created = await keys.create("phone", Scope.READ)
    first = clock.now()
    noted = []
    for step in (0, NOTED_EVERY.total_seconds() - 1, 1, -3600):
        clock.advance(timedelta(seconds=step))
        await keys.authenticate(created.plain)
        (key,) = await keys.list()
        noted.append(key.last_used_at)
    assert noted == [first, first, first + NOTED_EVERY, clock.now()]
