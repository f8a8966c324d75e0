"""Cookies of the owner, from the file that `providers.ytdlp.cookies` names.

The text of the file goes to the extraction process through its pipe. yt-dlp sends each cookie only
to the domain in its line, and never writes the file.
"""

import os
import stat
from pathlib import Path
from typing import Final

from anyio import to_thread

from aniworld_core.domain.media import MediaSource
from aniworld_core.errors import NeedsPersonError
from aniworld_core.messages import Message, os_reason

#: Largest cookie file in bytes.
_MOST: Final = 1024**2
#: First lines of the Netscape format.
_HEADERS: Final = ("# Netscape HTTP Cookie File", "# HTTP Cookie File")


class _Unusable(Exception):  # noqa: N818 - a reason, not an error of its own
    """Reason why the file cannot be used."""


async def read_cookies(file: str, source: MediaSource) -> str:
    """Return the text of the cookie file; empty without a file.

    Args:
        file: Path of the file, or empty.
        source: The page that the cookies may be for, named in the error.

    Raises:
        NeedsPersonError: If it cannot be read, other users can read it, or it is no cookie file.
    """
    if not file:
        return ""
    try:
        return await to_thread.run_sync(_read, file)
    except _Unusable as error:
        reason = Message("cookie_file_unusable", reason=str(error))
        raise NeedsPersonError(source.hoster, source.url, reason) from None


def _read(file: str) -> str:
    if not Path(file).is_absolute():
        raise _Unusable("its path is not absolute")
    try:
        # Without O_NONBLOCK a named pipe would block until somebody writes to it.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = os_reason(error) if isinstance(error, OSError) else "its path is not valid"
        raise _Unusable(reason) from None
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise _Unusable("it is not a file")
        if facts.st_mode & 0o077:
            raise _Unusable("other users can read or change it; set its mode to 0600")
        if facts.st_size > _MOST:
            raise _Unusable(f"it is larger than {_MOST} bytes")
        text = os.read(descriptor, _MOST).decode("utf-8")
    except OSError as error:
        raise _Unusable(os_reason(error)) from None
    except UnicodeDecodeError:
        raise _Unusable("it is not UTF-8 text") from None
    finally:
        os.close(descriptor)
    if not text.startswith(_HEADERS):
        raise _Unusable("it is not in the Netscape format that browsers' export tools write")
    return text
