"""`aniworld users`: accounts of a data folder, also of a running server."""

import io
import json
from collections.abc import Sequence

import anyio
import pytest

from aniworld_core.domain.access import Account
from aniworld_core.testing import make_api_key, make_session
from support.console import Answer, Console

GOOD = "Str0ng!enough"


@pytest.fixture
def typed(console: Console, monkeypatch: pytest.MonkeyPatch) -> "Typed":
    return Typed(console, monkeypatch)


class Typed:
    """Runs `aniworld users` with text on stdin."""

    def __init__(self, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
        self.console = console
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str, text: str = f"{GOOD}\n") -> Answer:
        """Run the command."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(text))
        return self.console("users", *arguments)

    @property
    def accounts(self) -> Sequence[Account]:
        """The stored accounts."""
        return anyio.run(self.console.storage.accounts.find)


def test_accounts_are_added_and_listed(typed: Typed) -> None:
    """The password comes from stdin, is stored as a hash, and is never printed."""
    added = typed("add", "Ann", "--role", "request", "--json")
    typed("add", "bob")
    listed = json.loads(typed("list", "--json").out)["users"]
    table = typed("list")

    assert (added.code, json.loads(added.out)["role"]) == (0, "request")
    assert [(user["name"], user["role"]) for user in listed] == [
        ("Ann", "request"),
        ("bob", "view"),
    ]
    assert all((a.password_hash or "").startswith("$pbkdf2-sha256$") for a in typed.accounts)
    assert "request" in table.out
    assert GOOD not in added.out + added.err + table.out


@pytest.mark.parametrize(
    ("arguments", "text", "code"),
    [
        (("add", "Ann"), "weak\n", 2),
        (("add", "Ann"), "", 2),
        (("add", "Ann", "--role", "owner"), f"{GOOD}\n", 2),
        (("add", "master"), f"{GOOD}\n", 2),
        (("add", "x" * 300), f"{GOOD}\n", 2),
        (("remove", "nobody"), "", 3),
        (("set-role", "nobody", "view"), "", 3),
        (("set-password", "nobody"), f"{GOOD}\n", 3),
    ],
)
def test_a_mistake_changes_nothing(
    typed: Typed, arguments: Sequence[str], text: str, code: int
) -> None:
    """Mistakes have the documented exit codes and one line on stderr."""
    answer = typed(*arguments, text=text)

    assert answer.code == code
    assert len(answer.err.splitlines()) == 1
    assert list(typed.accounts) == []


def test_a_taken_name_is_refused(typed: Typed) -> None:
    """Names that differ in case only are one."""
    typed("add", "Ann")

    assert typed("add", "ANN").code == 4
    assert len(typed.accounts) == 1


def test_an_account_is_changed_and_removed(typed: Typed) -> None:
    """A new password and the removal end the sessions and API keys of the account."""
    typed("add", "Ann")
    user, storage = typed.accounts[0], typed.console.storage
    assert typed("set-role", "ann", "manage").code == 0
    assert typed.accounts[0].role.value == "manage"
    for number, arguments in enumerate((("set-password", "ann"), ("remove", "ann"))):
        session = make_session(number, user=user.id)
        anyio.run(storage.sessions.add, session)
        anyio.run(storage.api_keys.add, make_api_key(user=user.id))

        assert typed(*arguments, text="Other-Horse-9\n").code == 0

        assert anyio.run(storage.sessions.get, session.id).revoked_at is not None
        assert list(anyio.run(storage.api_keys.find)) == []
    assert list(typed.accounts) == []
