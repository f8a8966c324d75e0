"""The one-time code that lets somebody else than the owner's own machine set up the server."""

import hmac
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import anyio
import attrs
from aiohttp import web

from aniworld_core.errors import DeniedError, SettingsError

#: Where the code is kept until it is used, below the data folder.
CODE_FILE: Final = "setup-code"
#: Without letters and digits that look alike.
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH: Final = 10


class SetupCodeRequiredError(DeniedError):
    """Set-up from another machine needs the code, and it is missing or wrong."""

    hint = "the code is in the server's output and in the file setup-code in its data folder"

    def __init__(self) -> None:
        super().__init__("the one-time code printed when the server started is needed")


@attrs.define(eq=False)
class SetupCode:
    """A code that counts once, kept in a file of mode 0600 until then."""

    _path: Path
    value: str = attrs.field(
        factory=lambda: "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)), repr=False
    )
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)

    def publish(self) -> None:
        """Write it where the owner of the machine can read it.

        Raises:
            SettingsError: If the file cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.unlink(missing_ok=True)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(self.value + "\n")
        except OSError as error:
            reason = f"{self._path} cannot be written: {error.strerror}"
            raise SettingsError([reason]) from error

    def withdraw(self) -> None:
        """Take the file away; the code opens nothing any more."""
        self._path.unlink(missing_ok=True)

    @asynccontextmanager
    async def setting_up(self, given: str | None, *, free: bool) -> AsyncIterator[None]:
        """Let one caller at a time set up; the code is used up when that went well.

        Args:
            given: The code the caller sent.
            free: Whether he needs none.

        Raises:
            SetupCodeRequiredError: If he needs one and did not send it.
        """
        async with self._lock:
            if not free and not hmac.compare_digest(
                (given or "").strip().upper().encode("utf-8", "replace"), self.value.encode()
            ):
                raise SetupCodeRequiredError
            yield
            self.withdraw()


#: The code of this server.
SETUP_CODE: Final = web.AppKey("SETUP_CODE", SetupCode)
