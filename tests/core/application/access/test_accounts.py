"""Accounts: names, passwords, and the end of sessions and keys."""

import unicodedata
from typing import Literal

import attrs
import pytest

from aniworld_core.application.access import AccountChange, Accounts, ApiKeys
from aniworld_core.domain.access import Account, Role, Scope, Session
from aniworld_core.domain.identity import SessionId
from aniworld_core.errors import (
    BadSignInError,
    InvalidNameError,
    InvalidTokenError,
    SessionNotFoundError,
    UserChangedError,
    UserExistsError,
    UserNotFoundError,
    WeakPasswordError,
    WrongPasswordError,
)
from aniworld_core.testing import MemoryStorage, make_session
from aniworld_core.testing.fakes import FakeClock, FakeHasher

pytestmark = pytest.mark.anyio

PASSWORD = "Correct-horse1"
OTHER = "Battery-staple2"


@attrs.define(eq=False)
class CountingHasher(FakeHasher):
    """Counts how much work was done."""

    work: int = 0

    async def hash(self, password: str) -> str:
        """Count and hash."""
        self.work += 1
        return await super().hash(password)

    async def verify(self, password: str, hashed: str) -> bool:
        """Count and verify."""
        self.work += 1
        return await super().verify(password, hashed)


@attrs.define(eq=False)
class World:
    """Accounts with their fakes."""

    storage: MemoryStorage = attrs.field(factory=MemoryStorage)
    hasher: CountingHasher = attrs.field(factory=CountingHasher)
    clock: FakeClock = attrs.field(factory=FakeClock)

    @property
    def accounts(self) -> Accounts:
        """Return another object on the same storage, like another process."""
        return Accounts(
            accounts=self.storage.accounts,
            sessions=self.storage.sessions,
            keys=self.storage.api_keys,
            hasher=self.hasher,
            clock=self.clock,
        )

    async def session(self, account: Account, number: int = 1) -> Session:
        """Start a session."""
        session = make_session(number, user=account.id)
        await self.storage.sessions.add(session)
        return session

    async def key(self, account: Account) -> None:
        """Create an API key."""
        keys = ApiKeys(keys=self.storage.api_keys, clock=self.clock)
        await keys.create("phone", Scope.READ, user=account.id)

    async def left(self, account: Account) -> tuple[int, int]:
        """Return the numbers of active sessions and keys."""
        keys = [key for key in await self.storage.api_keys.find() if key.user == account.id]
        return len(await self.accounts.sessions(account.id)), len(keys)


@pytest.fixture
def world() -> World:
    return World()


async def _ann(world: World, role: Role = Role.VIEW) -> Account:
    return await world.accounts.create("Ann", role, password=PASSWORD)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", "is_empty"),
        (" \t ", "is_empty"),
        ("x" * 65, "longer_than"),
        ("x" * 300, "longer_than"),
        ("a\x00b", "has_invisible_characters"),
        ("a\nb", "has_invisible_characters"),
        ("a\u202eb", "has_invisible_characters"),
        ("a\u200bb", "has_invisible_characters"),
        ("\ufeffann", "has_invisible_characters"),
        ("\ud800", "has_invisible_characters"),
        ("...", "no_letter_or_digit"),
        ("master", "name_of_master"),
        ("MASTER", "name_of_master"),
        (" Ｍaster ", "name_of_master"),
    ],
)
async def test_unusable_names_are_refused(world: World, name: str, kind: str) -> None:
    """Names must be visible, short and not that of the master password."""
    with pytest.raises(InvalidNameError) as caught:
        await world.accounts.create(name, Role.VIEW)

    assert caught.value.message.values["rule"].kind == kind  # type: ignore[union-attr]
    assert list(await world.accounts.list()) == []


@pytest.mark.parametrize("name", ["x" * 64, "Ann Lee", "日本", "محمد", "José", "o'neil@home"])
async def test_usable_names_keep_their_letters(world: World, name: str) -> None:
    """Any script is allowed; spaces around the name are removed, and it is stored in NFC."""
    typed = f" {unicodedata.normalize('NFD', name)} "
    account = await world.accounts.create(typed, Role.VIEW)

    assert account.name == unicodedata.normalize("NFC", name)
    assert await world.accounts.named(name.upper()) == account


@pytest.mark.parametrize("form", ["NFC", "NFD"])
async def test_any_keyboard_signs_in(world: World, form: Literal["NFC", "NFD"]) -> None:
    """Name and password are the same in both Unicode forms, and the name in any case."""
    made = await world.accounts.create("Zoë", Role.VIEW, password="Größe-des-1")
    name, password = (unicodedata.normalize(form, text) for text in ("ZOË", "Größe-des-1"))

    assert await world.accounts.check(name, password) == made


async def test_a_wrong_sign_in_says_and_does_the_same(world: World) -> None:
    """Unknown names, wrong passwords, disabled accounts and those without password are alike."""
    await _ann(world)
    disabled = await world.accounts.create("Bob", Role.VIEW, password=PASSWORD)
    await world.accounts.change(disabled.id, AccountChange(is_disabled=True))
    await world.accounts.create("Eve", Role.VIEW)
    answers: list[tuple[str, int]] = []
    for name, password in [
        ("nobody", PASSWORD),
        ("Ann", OTHER),
        ("Bob", PASSWORD),
        ("Eve", PASSWORD),
        ("x" * 300, PASSWORD),
    ]:
        before = world.hasher.work
        with pytest.raises(BadSignInError) as caught:
            await world.accounts.check(name, password)
        answers.append((str(caught.value), world.hasher.work - before))

    assert set(answers) == {("the user name or the password is wrong", 1)}


async def test_a_hash_of_lower_cost_is_replaced(world: World) -> None:
    """The sign-in replaces the hash when the cost rose, and the new one verifies."""
    made = await _ann(world)
    world.hasher.cost = 2

    checked = await world.accounts.check("Ann", PASSWORD)

    assert checked.password_hash != made.password_hash
    assert await world.accounts.check("ann", PASSWORD) == checked


async def test_a_weak_password_is_refused(world: World) -> None:
    """The rules of the master password apply; nothing changes."""
    ann = await _ann(world)
    with pytest.raises(WeakPasswordError):
        await world.accounts.create("Bob", Role.VIEW, password="short")
    with pytest.raises(WeakPasswordError):
        await world.accounts.change(ann.id, AccountChange(password="short"))

    assert list(await world.accounts.list()) == [ann]


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (AccountChange(is_disabled=True), (0, 0)),
        (AccountChange(password=OTHER), (0, 0)),
        (AccountChange(role=Role.MANAGE), (1, 1)),
        (AccountChange(name="Anna", language="de"), (1, 1)),
    ],
)
async def test_a_change_ends_sessions_and_keys(
    world: World, change: AccountChange, left: tuple[int, int]
) -> None:
    """A disabled account and a new password end them; other changes and other users do not."""
    ann, bob = await _ann(world), await world.accounts.create("Bob", Role.VIEW)
    for number, account in enumerate((ann, bob)):
        await world.session(account, number)
        await world.key(account)

    await world.accounts.change(ann.id, change)

    assert await world.left(ann) == left
    assert await world.left(bob) == (1, 1)


async def test_a_removed_account_owns_nothing(world: World) -> None:
    """Its sessions and keys end, also a session that starts a moment later."""
    ann = await _ann(world)
    await world.session(ann)
    await world.key(ann)

    await world.accounts.remove(ann.id)

    assert await world.left(ann) == (0, 0)
    with pytest.raises(InvalidTokenError):
        await world.accounts.owner(ann.id)
    with pytest.raises(UserNotFoundError):
        await world.accounts.remove(ann.id)


@pytest.mark.parametrize(
    "change", [None, AccountChange(is_disabled=True), AccountChange(password=OTHER)]
)
async def test_a_change_during_the_sign_in_ends_the_session(
    world: World, change: AccountChange | None
) -> None:
    """Another process removes or changes the account between the password and the session."""
    await _ann(world)
    checked = await world.accounts.check("Ann", PASSWORD)
    if change is None:
        await world.accounts.remove(checked.id)
    else:
        await world.accounts.change(checked.id, change)
    session = await world.session(checked)

    with pytest.raises(BadSignInError):
        await world.accounts.admit(checked, session)

    assert (await world.storage.sessions.get(session.id)).revoked_at is not None


async def test_two_managers_keep_each_others_changes(world: World) -> None:
    """Without a revision, only the given values change; with an old one, nothing does."""
    ann = await _ann(world)
    first = await world.accounts.change(ann.id, AccountChange(role=Role.MANAGE))

    second = await world.accounts.change(ann.id, AccountChange(language="de"))
    with pytest.raises(UserChangedError):
        await world.accounts.change(ann.id, AccountChange(name="Eve"), revision=first.revision)

    assert (second.role, second.language) == (Role.MANAGE, "de")
    assert await world.accounts.get(ann.id) == second
    browser = await world.accounts.change(ann.id, AccountChange(language=""))
    assert browser.language is None


@pytest.mark.parametrize("taken", ["ann", "ANN", " Ann "])
async def test_a_taken_name_is_refused(world: World, taken: str) -> None:
    """Also when it differs in case only, and when another account is renamed."""
    await _ann(world)
    bob = await world.accounts.create("Bob", Role.VIEW)

    with pytest.raises(UserExistsError):
        await world.accounts.create(taken, Role.VIEW)
    with pytest.raises(UserExistsError):
        await world.accounts.change(bob.id, AccountChange(name=taken))


async def test_the_own_password_keeps_the_own_session(world: World) -> None:
    """Only the session of the caller stays; a wrong current password changes nothing."""
    ann = await _ann(world)
    kept, other = await world.session(ann, 1), await world.session(ann, 2)
    await world.key(ann)
    with pytest.raises(WrongPasswordError):
        await world.accounts.change_password(ann.id, OTHER, OTHER)
    assert await world.left(ann) == (2, 1)

    await world.accounts.change_password(ann.id, PASSWORD, OTHER, keep=kept.id)

    assert [kept] == list(await world.accounts.sessions(ann.id))
    assert (await world.storage.sessions.get(other.id)).revoked_at is not None
    assert await world.left(ann) == (1, 0)
    assert (await world.accounts.check("ann", OTHER)).id == ann.id


async def test_only_own_sessions_can_be_ended(world: World) -> None:
    """The session of another user is answered like one that does not exist."""
    ann, bob = await _ann(world), await world.accounts.create("Bob", Role.VIEW)
    session = await world.session(ann)
    for user, session_id in ((bob.id, session.id), (ann.id, "nothing")):
        with pytest.raises(SessionNotFoundError):
            await world.accounts.end_session(user, SessionId(session_id))
    assert await world.left(ann) == (1, 0)

    await world.accounts.end_session(ann.id, session.id)

    assert await world.left(ann) == (0, 0)


async def test_a_change_makes_no_account(world: World) -> None:
    """The change of an unknown account is refused."""
    with pytest.raises(UserNotFoundError):
        await world.accounts.change("nobody", AccountChange(role=Role.MANAGE))

    assert list(await world.accounts.list()) == []
