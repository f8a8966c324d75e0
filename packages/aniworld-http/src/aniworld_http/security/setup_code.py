"""One-time code, required to set the first password from any address.

A loopback address does not prove that the client is on this machine: a reverse proxy, a TCP
forwarder or an SSH tunnel connects from loopback, too. Reading the code needs access to the output
of the program or to the data folder.
"""

import hmac
import logging
import os
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import anyio
import attrs
from aiohttp import web

from aniworld_core.errors import DeniedError, SettingsError
from aniworld_core.messages import Message

logger: Final = logging.getLogger(__name__)

#: File in the data folder that contains the code until it is used.
CODE_FILE: Final = "setup-code"
#: Letters and digits of the code; those that look alike are left out.
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH: Final = 10


class SetupCodeRequiredError(DeniedError):
    """The one-time code for the first set-up is missing or wrong."""

    hint = Message("setup_code_required.hint")

    def __init__(self, *, given: bool) -> None:
        super().__init__(Message("setup_code_wrong") if given else Message("setup_code_missing"))


@attrs.define(eq=False)
class SetupCode:
    """A code that is valid once and stored in a file of mode 0600.

    Every start makes a new code; the code of an earlier start is not valid.

    Args:
        path: The file.
        is_needed: Whether a set-up needs the code; the demo needs none.
        ready_password: Password that the demo chose. It is set at the start if there is none, and
            a set-up may replace it until the first sign-in. Empty elsewhere.
    """

    _path: Path
    is_needed: bool = True
    ready_password: str = attrs.field(default="", repr=False)
    _value: str = attrs.field(
        factory=lambda: "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)), repr=False
    )
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)

    @property
    def value(self) -> str:
        """The code; empty once it is used."""
        return self._value

    def publish(self) -> None:
        """Write the code to its file, replacing that of an earlier start.

        Raises:
            SettingsError: If the file cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # mkstemp creates with mode 0600; the rename replaces a link or another file, too.
            descriptor, draft = tempfile.mkstemp(
                prefix=f".{self._path.name}-", dir=self._path.parent
            )
            try:
                with os.fdopen(descriptor, "w") as file:
                    os.fchmod(descriptor, 0o600)  # a umask may have removed the owner's bits
                    file.write(self._value + "\n")
                Path(draft).replace(self._path)
            except OSError:
                Path(draft).unlink(missing_ok=True)
                raise
        except OSError as error:
            reason = f"{self._path} cannot be written: {error.strerror}"
            raise SettingsError([reason]) from error

    def withdraw(self) -> None:
        """Remove the file and invalidate the code."""
        self._value = ""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            # The code in it is not valid any more.
            logger.warning("cannot remove %s: %s", self._path, error.strerror)

    @asynccontextmanager
    async def setting_up(self, given: str | None) -> AsyncIterator[None]:
        """Allow one set-up at a time; leaving the context without an error invalidates the code.

        Args:
            given: The code in the request.

        Raises:
            SetupCodeRequiredError: If the code is missing, wrong or used.
        """
        async with self._lock:
            if self.is_needed:
                self._check(given)
            yield
            self.withdraw()

    def _check(self, given: str | None) -> None:
        text = (given or "").strip().upper()
        matches = hmac.compare_digest(text.encode("utf-8", "replace"), self._value.encode())
        if not text or not matches:
            raise SetupCodeRequiredError(given=bool(text))


#: The code of this server.
SETUP_CODE: Final = web.AppKey("SETUP_CODE", SetupCode)
