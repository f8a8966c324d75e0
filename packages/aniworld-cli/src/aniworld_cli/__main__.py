"""The console script `aniworld`."""

import atexit
import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

#: Distributions of one release, in the order in which `--version` names them.
_PARTS: Final = (
    "aniworld-core",
    "aniworld-sqlite",
    "aniworld-postgres",
    "aniworld-providers",
    "aniworld-http",
)
#: New objects after which the collector looks for unused cycles. At start and in a scan nearly all
#: new objects stay in use, and the default of 700 spends a tenth of the time on looking at them.
_COLLECT_AFTER: Final = 200_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        argv: Arguments after the program name; those of the process if `None`.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    _open_closed_streams()
    if "--version" in arguments[: _end_of_options(arguments)]:
        return _print_version()
    # Skip the collection at the end of Python: for a server it takes half a second of CPU time, and
    # the end of the process releases the memory anyway.
    atexit.register(gc.freeze)
    gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])
    with _interruptible():
        # Show the version without loading the rest of the program.
        from aniworld_cli.app import run

        return run(arguments)


def _open_closed_streams() -> None:
    """Replace streams that the caller has closed, as in `aniworld list >&-`."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(nowhere, mode, encoding="utf-8"))


@contextmanager
def _interruptible() -> Iterator[None]:
    """Handle SIGTERM and SIGHUP like SIGINT, also while the program is still loading."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # `nohup` and scripts ignore signals for programs that shall not be interrupted.
    ending = (signal.SIGTERM, signal.SIGHUP)
    former = {each: signal.getsignal(each) for each in ending}
    for each, handler in former.items():
        if handler is not signal.SIG_IGN:
            signal.signal(each, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        with suppress(OSError):  # The terminal may be gone.
            sys.stderr.write("aniworld: interrupted\n")
        sys.exit(130)
    finally:
        for each, handler in former.items():
            signal.signal(each, handler or signal.SIG_DFL)


def _end_of_options(arguments: Sequence[str]) -> int:
    return arguments.index("--") if "--" in arguments else len(arguments)


def _print_version() -> int:
    """Print the version of the command, then of each part that is installed, and of Python."""
    from importlib.metadata import PackageNotFoundError, version

    lines = [f"aniworld {version('aniworld-cli')}"]
    for part in _PARTS:
        with suppress(PackageNotFoundError):
            lines.append(f"{part} {version(part)}")
    lines.append(f"Python {sys.version.split()[0]}")
    try:
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0 if isinstance(error, BrokenPipeError) else 6
    return 0


if __name__ == "__main__":
    sys.exit(main())
