"""The password with which visitors of the demo sign in."""

import os
import secrets
import string
from pathlib import Path
from typing import Final

from aniworld_core.domain.access import PasswordPolicy
from aniworld_core.errors import SettingsError
from aniworld_core.messages import Message, os_reason

#: File in the data folder of the demo that contains the password.
FILE_NAME: Final = "demo-password"
_LETTERS: Final = string.ascii_lowercase + string.digits
_LENGTH: Final = 10


def ready_password(data_dir: Path) -> str:
    """Return the password of this demo, the same in every run.

    The first run generates it and stores it in a file of mode 0600, because the configuration
    contains only its hash.

    Raises:
        SettingsError: If the file cannot be read or written.
    """
    file = data_dir / FILE_NAME
    try:
        if file.exists():
            return file.read_text(encoding="ascii").strip()
        password = _generated()
        data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(password + "\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = os_reason(error) if isinstance(error, OSError) else Message("not_a_text")
        raise SettingsError([f"{file} cannot be read or written: {reason}"]) from error
    return password


def _generated() -> str:
    while True:
        password = "Demo-" + "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        if not PasswordPolicy().violations(password):
            return password
