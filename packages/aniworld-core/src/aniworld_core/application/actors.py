"""Who asks for what is done at the moment, for the history.

It imports nothing, because every command says that it is a command.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Literal, TypeAlias

#: The values of `ActorKind`.
ActorName: TypeAlias = Literal["person", "api_key", "command", "schedule", "program"]

#: Front ends and schedules set it around what they do; tasks inherit it.
_ACTOR: Final[ContextVar[tuple[ActorName, str]]] = ContextVar("actor", default=("program", ""))


@contextmanager
def acting_as(kind: ActorName, name: str = "") -> Iterator[None]:
    """Record everything inside the context as asked for by this actor.

    Args:
        kind: Who asks.
        name: Name of the API key.
    """
    token = _ACTOR.set((kind, name))
    try:
        yield
    finally:
        _ACTOR.reset(token)


def current_actor() -> tuple[ActorName, str]:
    """Return the actor of the current task; the program if no front end has set one."""
    return _ACTOR.get()
