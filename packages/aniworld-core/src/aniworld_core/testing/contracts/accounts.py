"""Contract suite of `AccountRepository`."""

import unicodedata
from typing import ClassVar

import attrs
import pytest

from aniworld_core.domain.access import Role
from aniworld_core.errors import (
    ConflictError,
    UserChangedError,
    UserExistsError,
    UserNotFoundError,
)
from aniworld_core.ports.accounts import AccountRepository
from aniworld_core.testing.factories import make_account

UNKNOWN = "unknown"


class AccountRepositoryContract:
    """Subclass it and provide an async fixture `repository` with an empty repository."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.mark.parametrize("role", Role)
    async def test_add_keeps_the_account(self, repository: AccountRepository, role: Role) -> None:
        """A stored account is returned unchanged."""
        account = attrs.evolve(
            make_account(name="Jürgen 日本", role=role, password_hash="$x$"),
            language="de",
            is_disabled=True,
        )
        await repository.add(account)

        assert account == await repository.get(account.id)
        assert [account] == list(await repository.find())

    async def test_add_refuses_a_taken_id(self, repository: AccountRepository) -> None:
        """An id that exists is refused; the first account stays."""
        first = make_account(1)
        await repository.add(first)

        with pytest.raises(ConflictError):
            await repository.add(make_account(1, name="Other"))

        assert [first] == list(await repository.find())

    @pytest.mark.parametrize(
        "other", ["JÜRGEN", "jürgen", unicodedata.normalize("NFD", "Jürgen"), "Ｊürgen"]
    )
    async def test_names_that_look_alike_are_one(
        self, repository: AccountRepository, other: str
    ) -> None:
        """Case, Unicode form and width distinguish no accounts: neither new nor renamed ones."""
        first, second = make_account(1, name="Jürgen"), make_account(2)
        await repository.add(first)
        await repository.add(second)

        with pytest.raises(UserExistsError):
            await repository.add(make_account(3, name=other))
        with pytest.raises(UserExistsError):
            await repository.replace(attrs.evolve(second, name=other, revision=1))

        assert first == await repository.with_name(other)
        assert second == await repository.get(second.id)

    async def test_with_name_finds_exactly_one(self, repository: AccountRepository) -> None:
        """Only the whole name matches."""
        await repository.add(make_account(1, name="ann"))

        for wrong in ("", "an", "anna", "%", "a_n"):
            assert await repository.with_name(wrong) is None

    async def test_find_sorts_by_name(self, repository: AccountRepository) -> None:
        """Accounts are sorted by folded name, in whatever order they were added."""
        for number, name in enumerate(("zoe", "Ann", "bob")):
            await repository.add(make_account(number, name=name))

        assert [a.name for a in await repository.find()] == ["Ann", "bob", "zoe"]

    async def test_replace_stores_the_next_revision(self, repository: AccountRepository) -> None:
        """A change is stored with its revision; an account may change the case of its name."""
        account = make_account(name="ann")
        await repository.add(account)
        changed = attrs.evolve(account, name="Ann", role=Role.MANAGE, revision=1)

        await repository.replace(changed)

        assert changed == await repository.get(account.id)

    @pytest.mark.parametrize("revision", [0, 1, 3])
    async def test_replace_refuses_another_revision(
        self, repository: AccountRepository, revision: int
    ) -> None:
        """Of two changes of the same revision, the second is refused; nothing changes."""
        account = make_account()
        await repository.add(account)
        first = attrs.evolve(account, role=Role.MANAGE, revision=1)
        await repository.replace(first)

        with pytest.raises(UserChangedError):
            await repository.replace(attrs.evolve(account, name="Other", revision=revision))

        assert first == await repository.get(account.id)

    async def test_remove_deletes_one(self, repository: AccountRepository) -> None:
        """A removed account is not found by id or name; others stay, and its name is free."""
        removed, other = make_account(1), make_account(2)
        await repository.add(removed)
        await repository.add(other)

        await repository.remove(removed.id)

        assert await repository.with_name(removed.name) is None
        assert [other] == list(await repository.find())
        await repository.add(make_account(3, name=removed.name))

    async def test_the_unknown_is_refused(self, repository: AccountRepository) -> None:
        """An unknown id raises `UserNotFoundError`."""
        with pytest.raises(UserNotFoundError):
            await repository.get(UNKNOWN)
        with pytest.raises(UserNotFoundError):
            await repository.remove(UNKNOWN)
        with pytest.raises(UserNotFoundError):
            await repository.replace(attrs.evolve(make_account(), id=UNKNOWN, revision=1))
