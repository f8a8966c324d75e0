"""Query several catalogues concurrently; a failing one does not fail the rest."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import anyio

from aniworld_core.application.catalogue.circuit_breakers import CircuitBreakers
from aniworld_core.errors import AniworldError
from aniworld_core.ports.loader import Loader

logger: logging.Logger = logging.getLogger(__name__)
T = TypeVar("T")


async def query_all(
    loaders: Sequence[Loader],
    question: Callable[[Loader], Awaitable[Sequence[T]]],
    *,
    circuits: CircuitBreakers,
    on_failure: Callable[[str, AniworldError], None] | None = None,
    counts: Callable[[Loader], bool] = lambda _: True,
) -> list[T]:
    """Query all catalogues concurrently; results are in the order of the catalogues.

    Args:
        loaders: Catalogues to query.
        question: Query of one catalogue.
        circuits: Circuit breakers of the catalogues.
        on_failure: Called with the name and error of each catalogue that fails.
        counts: Whether an empty result of a catalogue says that nothing exists.

    Raises:
        AniworldError: The error of the first catalogue that failed, if nothing was found and every
            catalogue that counts failed.
    """
    answers: dict[str, Sequence[T] | AniworldError] = {}

    async def ask(loader: Loader) -> None:
        try:
            with circuits.attempt(loader.name):
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
    has_counted = any(
        counts(each) and not isinstance(answers[each.name], AniworldError) for each in loaders
    )
    if failures and not found and not has_counted:
        raise failures[0]
    return found
