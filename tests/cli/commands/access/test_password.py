"""`aniworld password`: a user with write access to the data folder can set the password."""

import io
import json

import anyio
import pytest

from aniworld_cli.commands.access import password as command
from aniworld_core.testing import make_session
from support.console import Answer, Console

GOOD = "Str0ng!enough"


def _piped(console: Console, monkeypatch: pytest.MonkeyPatch, text: str, *more: str) -> Answer:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    return console("password", *more)


def _hash(console: Console) -> str:
    return anyio.run(console.config.load).other.master_password_hash


def test_one_line_of_stdin_is_the_password(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password from stdin is stored as a hash and never printed."""
    answer = _piped(console, monkeypatch, f"{GOOD}\nignored\n", "--json")

    assert answer.code == 0
    assert json.loads(answer.out) == {"changed": False}
    assert _hash(console).startswith("$pbkdf2-sha256$")
    assert GOOD not in answer.out + answer.err


def test_a_weak_password_is_refused_with_every_rule(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A weak password is refused with every broken rule; nothing changes."""
    answer = _piped(console, monkeypatch, "weak\n")

    assert answer.code == 2
    for rule in ("at least 8", "upper-case", "digit", "special"):
        assert rule in answer.err
    assert len(answer.err.splitlines()) == 1
    assert not _hash(console)


@pytest.mark.parametrize("text", ["", "\n"])
def test_nothing_is_no_password(
    console: Console, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """An empty stdin is a usage error."""
    assert _piped(console, monkeypatch, text).code == 2


def test_everybody_has_to_sign_in_again(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reset revokes every session."""
    session = make_session()
    anyio.run(console.storage.sessions.add, session)

    assert _piped(console, monkeypatch, GOOD).code == 0

    kept = anyio.run(console.storage.sessions.get, session.id)
    assert kept.revoked_at is not None


def _terminal(monkeypatch: pytest.MonkeyPatch, *answers: str | type[BaseException]) -> list[str]:
    """Simulate a terminal with these answers; return the prompts."""
    asked: list[str] = []
    left = iter(answers)

    def getpass(prompt: str, stream: object) -> str:
        asked.append(prompt)
        answer = next(left)
        if isinstance(answer, str):
            return answer
        raise answer

    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin", terminal)
    monkeypatch.setattr(command, "getpass", getpass)
    return asked


def test_a_person_is_asked_twice(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the password is requested twice without echo."""
    asked = _terminal(monkeypatch, GOOD, GOOD)

    answer = console("password")

    assert answer.code == 0
    assert len(asked) == 2
    assert _hash(console)


def test_two_different_passwords_are_refused(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two different passwords are refused; nothing changes."""
    _terminal(monkeypatch, GOOD, f"{GOOD}x")

    assert console("password").code == 2
    assert not _hash(console)


def test_ctrl_c_leaves_the_password_as_it_was(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C at the prompt changes nothing."""
    _terminal(monkeypatch, KeyboardInterrupt)

    answer = console("password")

    assert answer.code == 130
    assert "unchanged" in answer.err
    assert not _hash(console)
