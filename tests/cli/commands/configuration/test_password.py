"""`aniworld password`: who may write the data folder may set the password."""

import io
import json

import anyio
import pytest

from aniworld_cli.commands.configuration import password as command
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
    """It is kept as a hash, and shown nowhere."""
    answer = _piped(console, monkeypatch, f"{GOOD}\nignored\n", "--json")

    assert answer.code == 0
    assert json.loads(answer.out) == {"changed": False}
    assert _hash(console).startswith("$pbkdf2-sha256$")
    assert GOOD not in answer.out + answer.err


def test_a_weak_password_is_refused_with_every_rule(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line; nothing changes."""
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
    """An empty pipe is a mistake of the caller."""
    assert _piped(console, monkeypatch, text).code == 2


def test_everybody_has_to_sign_in_again(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reset revokes every session."""
    session = make_session()
    anyio.run(console.storage.sessions.add, session)

    assert _piped(console, monkeypatch, GOOD).code == 0

    kept = anyio.run(console.storage.sessions.get, session.id)
    assert kept.revoked_at is not None


def _terminal(monkeypatch: pytest.MonkeyPatch, *answers: str | type[BaseException]) -> list[str]:
    """Let a person type these; gives what was asked."""
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
    """Without echo, as a typing mistake could not be seen."""
    asked = _terminal(monkeypatch, GOOD, GOOD)

    answer = console("password")

    assert answer.code == 0
    assert len(asked) == 2
    assert _hash(console)


def test_two_different_passwords_are_refused(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing changes."""
    _terminal(monkeypatch, GOOD, f"{GOOD}x")

    assert console("password").code == 2
    assert not _hash(console)


def test_ctrl_c_leaves_the_password_as_it_was(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted while asked."""
    _terminal(monkeypatch, KeyboardInterrupt)

    answer = console("password")

    assert answer.code == 130
    assert "as it was" in answer.err
    assert not _hash(console)
