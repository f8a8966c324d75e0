"""`aniworld password`, and the entry of new passwords."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass
from typing import Final, cast

from aniworld_cli.exit_codes import DONE, INTERRUPTED
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import tr
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
    new = read_new_password(session.output, tr("New master password: "))
    if new is None:
        return INTERRUPTED
    async with session.bookkeeping() as app:
        master = MasterPassword(
            sessions=app.storage.sessions,
            store=app.config,
            hasher=installed_hasher(),
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


def read_new_password(output: Output, question: str) -> str | None:
    """Ask for a new password twice on a terminal, else read one line from stdin.

    Returns:
        `None` after Ctrl-C.

    Raises:
        UsageError: If none is entered, or the two answers differ.
        WeakPasswordError: With every broken rule.
    """
    is_terminal = sys.stdin.isatty()
    try:
        new = _prompt_twice(question) if is_terminal else sys.stdin.readline().rstrip("\r\n")
    except KeyboardInterrupt:
        if is_terminal:
            output.end_line()
        output.failure("interrupted", kind="interrupted", hint="the password is unchanged")
        return None
    except EOFError:
        new = ""
    if not new:
        raise UsageError("no password entered")
    broken = PasswordPolicy().violations(new)
    if broken:
        raise WeakPasswordError(broken)
    return new


def _prompt_twice(question: str) -> str:
    """Ask for the password twice.

    Raises:
        UsageError: If the two answers differ.
    """
    with _interruptible():
        new = getpass(question, stream=sys.stderr)
        if new and getpass(tr("Repeat the password: "), stream=sys.stderr) != new:
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


def installed_hasher() -> PasswordHasher:
    """Return the hasher of passwords."""
    opener = load_adapter(_GROUP, _NAME)
    return cast("PasswordHasher", opener())  # type: ignore[operator]
