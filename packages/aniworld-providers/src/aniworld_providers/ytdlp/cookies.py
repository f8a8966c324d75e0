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
    """The file cannot be used."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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
        reason = Message("cookie_file_unusable", reason=error.reason)
        raise NeedsPersonError(source.hoster, source.url, reason) from None


async def version_of_cookies(file: str) -> str:
    """Return a value that changes with the cookie file; empty without a file."""
    return await to_thread.run_sync(_version, file) if file else ""


def _version(file: str) -> str:
    try:
        return str(Path(file).stat().st_mtime_ns)
    except (OSError, ValueError):
        return ""


def _read(file: str) -> str:
    if not Path(file).is_absolute():
        raise _Unusable(Message("relative_path"))
    try:
        # Without O_NONBLOCK a named pipe would block until somebody writes to it.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _Unusable(os_reason(error)) from None
    except ValueError:  # it holds a NUL
        raise _Unusable(Message("path_not_valid")) from None
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise _Unusable(Message("not_a_regular_file"))
        if facts.st_mode & 0o077:
            raise _Unusable(Message("open_to_others"))
        if facts.st_size > _MOST:
            raise _Unusable(Message("larger_than", limit_bytes=_MOST))
        text = os.read(descriptor, _MOST).decode("utf-8")
    except OSError as error:
        raise _Unusable(os_reason(error)) from None
    except UnicodeDecodeError:
        raise _Unusable(Message("not_utf8")) from None
    finally:
        os.close(descriptor)
    if not text.startswith(_HEADERS):
        raise _Unusable(Message("no_cookie_format"))
    return text
