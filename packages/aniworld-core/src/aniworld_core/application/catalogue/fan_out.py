"""Asking several catalogues at once, of which some may not answer."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import anyio

from aniworld_core.application.catalogue.circuit_breakers import Circuits
from aniworld_core.errors import AniworldError
from aniworld_core.ports.loader import Loader

logger = logging.getLogger(__name__)
T = TypeVar("T")


async def ask_all(
    loaders: Sequence[Loader],
    question: Callable[[Loader], Awaitable[Sequence[T]]],
    *,
    circuits: Circuits,
    on_failure: Callable[[str, AniworldError], None] | None = None,
) -> list[T]:
    """Ask all catalogues at once; answers come in the order of the catalogues.

    Args:
        loaders: Whom to ask.
        question: Asks one of them.
        circuits: Knows who is to be left alone.
        on_failure: Told the name and error of each catalogue that did not answer.

    Raises:
        AniworldError: That of the first catalogue, when none answered.
    """
    answers: dict[str, Sequence[T] | AniworldError] = {}

    async def ask(loader: Loader) -> None:
        try:
            with circuits.asking(loader.name):
                answers[loader.name] = await question(loader)
        except AniworldError as error:
            answers[loader.name] = error

    async with anyio.create_task_group() as tasks:
        for loader in loaders:
            tasks.start_soon(ask, loader)
    found: list[T] = []
    failures: list[AniworldError] = []
    for loader in loaders:
        answer = answers[loader.name]
        if isinstance(answer, AniworldError):
            failures.append(answer)
            logger.warning("%s did not answer: %s", loader.name, answer)
            if on_failure is not None:
                on_failure(loader.name, answer)
        else:
            found += answer
    if failures and len(failures) == len(loaders):
        raise failures[0]
    return found
