"""Contract suite of `ApiKeyRepository`."""

from typing import ClassVar

import attrs
import pytest

from aniworld_core.domain.access import Scope
from aniworld_core.errors import ApiKeyNotFoundError, ConflictError
from aniworld_core.ports.api_keys import ApiKeyRepository
from aniworld_core.testing.factories import at, make_api_key


class ApiKeyRepositoryContract:
    """Subclass it and provide an async fixture `repository` with an empty repository."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.mark.parametrize("scope", Scope)
    async def test_add_keeps_the_key(self, repository: ApiKeyRepository, scope: Scope) -> None:
        """A stored key is returned unchanged."""
        key = make_api_key(name="Küche 日本", scope=scope, last_used_at=at(3.000001), user="u")
        await repository.add(key)

        assert [key] == list(await repository.find())

    @pytest.mark.parametrize("field", ["id", "digest"])
    async def test_add_refuses_a_taken_one(self, repository: ApiKeyRepository, field: str) -> None:
        """An id or digest that exists is refused; the first key stays."""
        first, second = make_api_key(1), make_api_key(2)
        await repository.add(first)

        with pytest.raises(ConflictError):
            await repository.add(attrs.evolve(second, **{field: getattr(first, field)}))

        assert [first] == list(await repository.find())

    async def test_find_begins_with_the_oldest(self, repository: ApiKeyRepository) -> None:
        """Keys are sorted by age, then by id, in whatever order they were added."""
        late = make_api_key(1, created_at=at(5))
        twins = [make_api_key(3), make_api_key(2)]
        for key in (late, *twins):
            await repository.add(key)

        assert [twins[1], twins[0], late] == list(await repository.find())

    async def test_with_digest_finds_exactly_one(self, repository: ApiKeyRepository) -> None:
        """Only the exact digest matches."""
        key = make_api_key(1)
        await repository.add(make_api_key(2))
        await repository.add(key)

        assert key == await repository.with_digest(key.digest)
        for wrong in ("", key.digest[:-1], key.digest.upper(), "%", key.id):
            assert await repository.with_digest(wrong) is None

    async def test_used_notes_the_time(self, repository: ApiKeyRepository) -> None:
        """The last use of this key alone is stored."""
        used, other = make_api_key(1), make_api_key(2)
        await repository.add(used)
        await repository.add(other)

        await repository.used(used.id, at(10))
        await repository.used(used.id, at(20))

        assert [attrs.evolve(used, last_used_at=at(20)), other] == list(await repository.find())

    async def test_used_passes_over_the_unknown(self, repository: ApiKeyRepository) -> None:
        """The use of a removed key changes nothing."""
        await repository.used("unknown", at(10))

        assert list(await repository.find()) == []

    async def test_remove_deletes_one(self, repository: ApiKeyRepository) -> None:
        """A removed key is not found by its digest; other keys stay."""
        removed, other = make_api_key(1), make_api_key(2)
        await repository.add(removed)
        await repository.add(other)

        await repository.remove(removed.id)

        assert await repository.with_digest(removed.digest) is None
        assert [other] == list(await repository.find())

    async def test_remove_of_deletes_those_of_a_user(self, repository: ApiKeyRepository) -> None:
        """All keys of the user are deleted and counted; those of others stay."""
        other = make_api_key(3)
        for key in (make_api_key(1, user="ann"), make_api_key(2, user="ann"), other):
            await repository.add(key)

        assert await repository.remove_of("ann") == 2
        assert await repository.remove_of("ann") == 0
        assert [other] == list(await repository.find())

    async def test_remove_refuses_the_unknown(self, repository: ApiKeyRepository) -> None:
        """An unknown or removed id raises `ApiKeyNotFoundError`."""
        key = make_api_key()
        await repository.add(key)
        await repository.remove(key.id)

        with pytest.raises(ApiKeyNotFoundError):
            await repository.remove(key.id)
