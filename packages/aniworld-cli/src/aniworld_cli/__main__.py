"""The console script `aniworld`."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        argv: The arguments after the program's name; those of the process when `None`.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if "--version" in arguments[: _end_of_options(arguments)]:
        return _print_version()
    # Whoever only asks for the version does not wait for the rest to be loaded.
    from aniworld_cli.app import run

    return run(arguments)


def _end_of_options(arguments: Sequence[str]) -> int:
    return arguments.index("--") if "--" in arguments else len(arguments)


def _print_version() -> int:
    from importlib.metadata import version

    sys.stdout.write(f"aniworld {version('aniworld-cli')}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
