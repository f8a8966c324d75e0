"""Catalogues that did not answer, while others did."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aniworld_cli.rendering.output import Output
from aniworld_core.errors import AniworldError


@contextmanager
def telling_silent(output: Output) -> Iterator[Callable[[str, AniworldError], None]]:
    """Print at the end which catalogues did not answer: a line each, or a JSON object each.

    The error that ends the command is left out, because it is printed as such.

    Yields:
        Function for name and error of a catalogue.
    """
    silent: dict[str, AniworldError] = {}
    ending: AniworldError | None = None
    try:
        yield silent.__setitem__
    except AniworldError as error:
        ending = error
        raise
    finally:
        for name, reason in silent.items():
            if reason is not ending:
                output.silent(name, reason)
