"""Start of the container: become the user of `PUID` and `PGID`, then run the command.

A container that starts as root gives the data folder to that user and goes on without any of root's
rights; the library is never changed. One that starts as another user (`--user`) stays that user.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NoReturn

DEFAULT_ID: Final = 10001
_MOST: Final = 2**31 - 1
#: Exit code of a wrong configuration, as everywhere in this program.
_SETUP_WRONG: Final = 8


def main(command: Sequence[str]) -> NoReturn:
    """Run the command instead of this program."""
    if not command:
        _stop("no command was given; the image runs aniworld-http")
    if os.geteuid() == 0:
        user, group = _id_of("PUID"), _id_of("PGID")
        _give(Path(_variable("ANIWORLD_DATA_DIR") or "/data"), user, group)
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    elif _variable("PUID") not in {"", str(os.geteuid())}:
        sys.stderr.write(
            f"PUID has no effect: the container runs as user {os.geteuid()};"
            " remove `user:` or `--user` to use PUID and PGID\n"
        )
    try:
        os.execvp(command[0], list(command))  # noqa: S606 - the command of the image
    except OSError as error:
        _stop(f"{command[0]} cannot be run: {error.strerror}")


def _id_of(name: str) -> int:
    text = _variable(name) or str(DEFAULT_ID)
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= _MOST):
        _stop(f"{name} must be a number from 1 to {_MOST}, not {text[:40]!r}")
    return int(text)


def _give(folder: Path, user: int, group: int) -> None:
    """Give a folder and everything in it to the user, unless all of it is theirs already."""
    try:
        for path in (folder, *_inside(folder)):
            found = path.lstat()
            if (found.st_uid, found.st_gid) != (user, group):
                os.chown(path, user, group, follow_symlinks=False)
    except OSError as error:
        _stop(
            f"{error.filename} cannot be given to user {user}: {error.strerror}; start the"
            " container with the capabilities CHOWN, DAC_OVERRIDE, SETGID and SETUID"
        )


def _inside(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, onerror=_raise):
        yield from (Path(parent, name) for name in (*folders, *files))


def _raise(error: OSError) -> NoReturn:
    raise error


def _variable(name: str) -> str:
    return os.environ.get(name, "").strip()  # noqa: TID251 - it runs before the program


def _stop(reason: str) -> NoReturn:
    sys.stderr.write(f"{reason}\n")
    sys.exit(_SETUP_WRONG)


if __name__ == "__main__":
    main(sys.argv[1:])
