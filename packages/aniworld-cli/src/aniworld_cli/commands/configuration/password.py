"""`aniworld password`."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass
from typing import Final, cast

from aniworld_cli.exit_codes import DONE, INTERRUPTED
from aniworld_cli.session import CurrentSession
from aniworld_core.application.access import MasterPassword
from aniworld_core.bootstrap.plugins import load_adapter
from aniworld_core.domain.access import PasswordPolicy
from aniworld_core.errors import UsageError, WeakPasswordError
from aniworld_core.ports.security import PasswordHasher

_GROUP: Final = "aniworld.hasher"
_NAME: Final = "pbkdf2_sha256"


async def password(*, session: CurrentSession) -> int:
    """Set or reset the master password of this data folder; all users must sign in again.

    Asks twice on a terminal, else reads one line from stdin.

    Args:
        session: The run of the command.
    """
    try:
        new = _prompt_twice() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    except KeyboardInterrupt:
        session.output.failure("interrupted", kind="interrupted", hint="the password is unchanged")
        return INTERRUPTED
    except EOFError:
        new = ""
    if not new:
        raise UsageError("no password entered")
    broken = PasswordPolicy().violations(new)
    if broken:
        raise WeakPasswordError(broken)
    async with session.bookkeeping() as app:
        master = MasterPassword(
            sessions=app.storage.sessions,
            store=app.config,
            hasher=_installed_hasher(),
            clock=app.clock,
        )
        was_set = await master.is_set_up()
        await master.reset(new)
    if session.output.is_json:
        session.output.data({"changed": was_set})
    elif was_set:
        session.output.talk("the password was changed; all users must sign in again")
    else:
        session.output.talk("the password is set")
    return DONE


def _prompt_twice() -> str:
    """Ask for the password twice.

    Raises:
        UsageError: If the two answers differ.
    """
    with _interruptible():
        new = getpass("New master password: ", stream=sys.stderr)
        if new and getpass("Repeat the password: ", stream=sys.stderr) != new:
            raise UsageError("the two passwords differ")
    return new


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C stop the prompt at once: the blocked event loop would not handle the signal."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def _installed_hasher() -> PasswordHasher:
    opener = load_adapter(_GROUP, _NAME)
    return cast("PasswordHasher", opener())  # type: ignore[operator]
