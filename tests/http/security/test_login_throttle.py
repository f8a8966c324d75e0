"""Password guesses are bounded for the whole server, without locking the owner out."""

import asyncio
import ipaddress
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.adapters.memory_guess_counter import MemoryGuessCounter
from aniworld_core.errors import (
    AniworldError,
    BadCredentialsError,
    RateLimitedError,
    StorageUnavailableError,
    WrongPasswordError,
)
from aniworld_core.testing.fakes import FakeClock
from aniworld_core.testing.waiting import eventually
from aniworld_http.security.login_throttle import GuessGroup, LoginThrottle
from aniworld_http.security.rate_limits import RateLimits
from aniworld_http.security.setup_code import SetupCodeRequiredError
from aniworld_http.settings import HttpSettings
from support.http_stage import KEY, PASSWORD, Server, open_server

pytestmark = pytest.mark.anyio

#: Small enough that a random sequence uses them up.
BUDGETS: Final[Mapping[GuessGroup, int]] = {
    GuessGroup.OWNER: 3,
    GuessGroup.API_KEY: 4,
    GuessGroup.ANONYMOUS: 6,
    GuessGroup.ACCOUNT: 5,
}
ADDRESS: Final = "203.0.113.7"
#: Whether a guess is wrong; by whom; from which address; how many seconds after the one before.
_GUESSES: Final = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from(GuessGroup),
        st.integers(1, 250),
        st.sampled_from([0.0, 0.1, 3.0, 59.9]),
    ),
    min_size=40,
    max_size=80,
)


def _throttle(clock: FakeClock) -> LoginThrottle:
    return LoginThrottle(clock, MemoryGuessCounter(), BUDGETS)


async def _guess(
    throttle: LoginThrottle,
    group: GuessGroup,
    error: AniworldError | None,
    address: str = ADDRESS,
) -> bool:
    """Return whether the guess was checked."""
    try:
        async with throttle.checking_password(group, address):
            if error is not None:
                raise error
    except RateLimitedError as refused:
        return not refused.retry_after
    except AniworldError:
        pass
    return True


@given(guesses=_GUESSES)
def test_no_sequence_of_callers_gets_more_guesses(
    guesses: Sequence[tuple[bool, GuessGroup, int, float]],
) -> None:
    """Within any 60 seconds no group exceeds its budget of wrong guesses."""

    async def run() -> None:
        clock = FakeClock()
        throttle = _throttle(clock)
        wrong: dict[GuessGroup, list[float]] = {group: [] for group in GuessGroup}
        for is_wrong, group, number, pause in guesses:
            clock.advance(timedelta(seconds=pause))
            error = BadCredentialsError() if is_wrong else None
            if await _guess(throttle, group, error, f"198.51.100.{number}") and is_wrong:
                wrong[group].append(clock.time.timestamp())
        for group, times in wrong.items():
            for first in times:
                within = [each for each in times if first <= each < first + 59.99]
                assert len(within) <= BUDGETS[group]

    anyio.run(run)


async def test_concurrent_guesses_do_not_exceed_the_budget() -> None:
    """A guess is counted before its check, and stays counted when the client disconnects."""
    throttle = _throttle(FakeClock())
    checking = anyio.Event()
    checked: list[int] = []

    async def slow(number: int) -> None:
        async with throttle.checking_password(GuessGroup.API_KEY, ADDRESS):
            checked.append(number)
            await checking.wait()

    tasks = [asyncio.create_task(slow(number)) for number in range(20)]
    await eventually(lambda: len(checked) >= 4 and all(task.done() for task in tasks[4:]))
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)

    assert len(checked) == 4
    assert [type(each) for each in ended[4:]] == [RateLimitedError] * 16
    assert not await _guess(throttle, GuessGroup.API_KEY, None)


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (BadCredentialsError(), True),
        (WrongPasswordError(), True),
        (SetupCodeRequiredError(given=True), True),
        (StorageUnavailableError("locked"), False),
        (None, False),
    ],
)
async def test_only_wrong_guesses_count(error: AniworldError | None, counts: bool) -> None:
    """Neither a right password nor another error uses the budget."""
    throttle = _throttle(FakeClock())
    checked = [await _guess(throttle, GuessGroup.OWNER, error) for _ in range(9)]

    assert checked.count(False) == (6 if counts else 0)


async def test_a_budget_is_restored_after_a_minute() -> None:
    """A minute after the guesses the next one is checked."""
    clock = FakeClock()
    throttle = _throttle(clock)
    for _ in range(9):
        await _guess(throttle, GuessGroup.ANONYMOUS, BadCredentialsError())
    assert not await _guess(throttle, GuessGroup.ANONYMOUS, None)
    clock.advance(timedelta(seconds=61))

    assert await _guess(throttle, GuessGroup.ANONYMOUS, None)


#: Where the master password is checked for callers with an API key.
_PLACES: Final = ("PUT /api/config", "POST /api/auth/password", "restore")


async def _guess_at(server: Server, place: str, key: str, password: str, source: str) -> int:
    headers = {"X-Api-Key": key, "X-Forwarded-For": source}
    if place == "restore":
        _, backups = await server.json("GET", "/api/config/backups")
        path = f"/api/config/backups/{backups[-1]['name']}/restore"
        body: dict[str, object] = {"current_password": password}
        response = await server.call("POST", path, body, headers=headers, token="")
    else:
        method, path = place.split()
        body = {"current_password": password}
        body |= {"data_dir": "/x"} if method == "PUT" else {"new_password": "Other-Horse-8"}
        response = await server.call(method, path, body, headers=headers, token="")
    return response.status


async def test_many_keys_from_many_addresses_share_one_budget(tmp_path: Path) -> None:
    """All endpoints that check the password count; the owner can sign in meanwhile."""
    proxies = (ipaddress.ip_network("127.0.0.1"),)
    settings = HttpSettings(secret_key=KEY, trusted_proxies=proxies)
    async with open_server(tmp_path, settings=settings) as server:
        for name in ("d", "e"):
            (tmp_path / name).mkdir()
        path = {"data_dir": str(tmp_path / "d"), "current_password": PASSWORD}
        assert (await server.call("PUT", "/api/config", path)).status == 200
        statuses = []
        for number in range(12):
            _, made = await server.json(
                "POST", "/api/auth/keys", {"name": f"k{number}", "scope": "admin"}
            )
            for place in _PLACES:
                source = f"198.51.100.{number}"
                statuses.append(await _guess_at(server, place, made["key"], "nope", source))
        right = await _guess_at(server, _PLACES[0], made["key"], PASSWORD, "198.51.100.99")
        # The owner, who is signed in, or signs in from where the right password came before.
        back = {"data_dir": str(tmp_path / "e"), "current_password": PASSWORD}
        owner = [
            (await server.call("GET", "/api/config")).status,
            (await server.call("PUT", "/api/config", back)).status,
            (await server.json("POST", "/api/auth/login", {"password": PASSWORD}, token=""))[0],
        ]

    assert statuses.count(429) == len(statuses) - 10
    assert right == 429
    assert owner == [200, 200, 200]


async def test_many_addresses_share_one_budget(tmp_path: Path) -> None:
    """Behind a trusted proxy anonymous clients share a budget; proven addresses still sign in."""
    proxies = (ipaddress.ip_network("127.0.0.1"),)
    settings = HttpSettings(secret_key=KEY, trusted_proxies=proxies)
    limits = RateLimits(anonymous=10**6)
    async with open_server(tmp_path, settings=settings, limits=limits) as server:
        login = "/api/auth/login"
        statuses = [
            await server.json(
                "POST",
                login,
                {"password": "nope"},
                headers={"X-Forwarded-For": f"198.51.100.{number}"},
                token="",
            )
            for number in range(60)
        ]
        known = await server.json("POST", login, {"password": PASSWORD}, token="")

    assert [status for status, _ in statuses] == [401] * 20 + [429] * 40
    assert known[0] == 200


async def test_guesses_at_the_code_are_counted(tmp_path: Path) -> None:
    """Wrong set-up codes use the budget of anonymous clients."""
    limits = RateLimits(guesses=10**6, anonymous=10**6)
    async with open_server(tmp_path, signed_in=False, limits=limits) as server:
        statuses = [(await server.set_up(code="WRONG"))[0] for _ in range(25)]
        right, _ = await server.set_up()

    assert statuses == [403] * 20 + [429] * 5
    assert right == 429
