"""Format, cost and threads of the password hasher, beyond its contract."""

import threading
from importlib.metadata import entry_points

import anyio
import pytest

from aniworld_core.errors import WeakPasswordError
from aniworld_core.testing.waiting import PATIENCE, eventually
from aniworld_http.security import PasslibHasher, open_hasher

pytestmark = pytest.mark.anyio


async def test_hashes_have_the_documented_format_and_cost() -> None:
    """The installed hasher writes pbkdf2-sha256 with 600,000 rounds."""
    hashed = await open_hasher().hash("Correct-horse-7")

    assert hashed.startswith("$pbkdf2-sha256$600000$")


async def test_hasher_is_found_by_entry_point() -> None:
    """Other programs load the hasher without importing the server."""
    (found,) = entry_points(group="aniworld.hasher", name="pbkdf2_sha256")

    assert open_hasher is found.load()


@pytest.mark.parametrize(("rounds", "expected"), [(9, True), (10, False), (11, False)])
async def test_only_cheaper_hashes_are_renewed(*, rounds: int, expected: bool) -> None:
    """A hash with fewer rounds needs a rehash; one with more rounds does not."""
    old = await PasslibHasher(rounds=rounds).hash("Correct-horse-7")

    assert expected is PasslibHasher(rounds=10).needs_rehash(old)
    assert await PasslibHasher(rounds=10).verify("Correct-horse-7", old)


@pytest.mark.parametrize("malformed", ["", "x", "$2b$12$" + "a" * 53, "$pbkdf2-sha256$x$y$z"])
async def test_foreign_hashes_are_never_renewed(malformed: str) -> None:
    """A hash of another kind does not need a rehash."""
    assert not PasslibHasher(rounds=10).needs_rehash(malformed)


@pytest.mark.parametrize("password", ["\ud800" * 9, "x" * 4097])
async def test_invalid_passwords_are_refused(password: str) -> None:
    """Lone surrogates and very long text raise WeakPasswordError and verify nothing."""
    hasher = PasslibHasher(rounds=10)
    hashed = await hasher.hash("Correct-horse-7")

    with pytest.raises(WeakPasswordError):
        await hasher.hash(password)
    assert not await hasher.verify(password, hashed)


class _Gate:
    """Replaces the context of passlib: counts callers and blocks them until opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.lock = threading.Lock()
        self.inside = self.most = self.done = 0

    def verify(self, password: str, hashed: str) -> bool:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        assert self.opened.wait(PATIENCE)
        with self.lock:
            self.inside -= 1
            self.done += 1
        return False


async def test_at_most_two_hashes_run_at_once_in_threads() -> None:
    """Six sign-ins use two threads, and the event loop stays responsive."""
    gate = _Gate()
    hasher = PasslibHasher(rounds=10)
    object.__setattr__(hasher, "_context", gate)

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            for _ in range(6):
                tasks.start_soon(hasher.verify, "a", "b")
            await eventually(lambda: gate.inside == 2)
            await anyio.wait_all_tasks_blocked()
            gate.opened.set()

    assert (gate.most, gate.done) == (2, 6)
