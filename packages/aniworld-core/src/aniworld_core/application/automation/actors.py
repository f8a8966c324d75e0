"""Who asks for what is done at the moment, for the history."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from aniworld_core.domain.automation import Actor, ActorKind

_PROGRAM: Final = Actor(ActorKind.PROGRAM)
#: Front ends and schedules set it around what they do; tasks inherit it.
_ACTOR: Final[ContextVar[Actor | None]] = ContextVar("actor", default=None)


@contextmanager
def acting_as(kind: ActorKind, name: str = "") -> Iterator[None]:
    """Record everything inside the context as asked for by this actor."""
    token = _ACTOR.set(Actor(kind, name))
    try:
        yield
    finally:
        _ACTOR.reset(token)


def current_actor() -> Actor:
    """Return who asks for what is done now; the program itself unless a front end says so."""
    return _ACTOR.get() or _PROGRAM
