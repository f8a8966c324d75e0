"""The console script `aniworld`."""

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        argv: The arguments after the program's name; those of the process when `None`.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if "--version" in arguments[: _end_of_options(arguments)]:
        return _print_version()
    with _interruptible():
        # Whoever only asks for the version does not wait for the rest to be loaded.
        from aniworld_cli.app import run

        return run(arguments)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM do what SIGINT does, also while the program is still being loaded."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write("aniworld: interrupted\n")
        sys.exit(130)
    finally:
        signal.signal(signal.SIGTERM, former or signal.SIG_DFL)


def _end_of_options(arguments: Sequence[str]) -> int:
    return arguments.index("--") if "--" in arguments else len(arguments)


def _print_version() -> int:
    from importlib.metadata import version

    sys.stdout.write(f"aniworld {version('aniworld-cli')}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
