"""What was asked and answered while an adapter did one thing."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

import attrs

from aniworld_providers.network.pages.answers import Asked, Page

#: Most exchanges and characters of bodies that are remembered of one operation.
_MOST_EXCHANGES = 60
_MOST_CHARACTERS = 12 * 1024**2
_MOST_DECISIONS = 100


@attrs.frozen(kw_only=True)
class Exchange:
    """A request and its answer; what was sent along is not kept."""

    method: str
    url: str
    page: Page


@attrs.define(eq=False)
class Recording:
    """The last exchanges of an operation, within bounds; they share the text of the pages.

    Attributes:
        exchanges: Oldest first.
        decisions: What the client did about answers, in words.
    """

    most: int = _MOST_CHARACTERS
    exchanges: deque[Exchange] = attrs.field(
        init=False, factory=lambda: deque[Exchange](maxlen=_MOST_EXCHANGES)
    )
    decisions: deque[str] = attrs.field(
        init=False, factory=lambda: deque[str](maxlen=_MOST_DECISIONS)
    )

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange, and let the oldest go when there are too many."""
        self.exchanges.append(exchange)
        size = sum(len(kept.page.text) for kept in self.exchanges)
        while size > self.most and len(self.exchanges) > 1:
            size -= len(self.exchanges.popleft().page.text)


class Player(Protocol):
    """Answers in place of the network."""

    def answer(self, asked: Asked) -> Page:
        """Return the answer to a request.

        Raises:
            ProviderUnavailableError: If it has none.
        """
        ...


_RECORDING: ContextVar[Recording | None] = ContextVar("aniworld_recording", default=None)
_PLAYER: ContextVar[Player | None] = ContextVar("aniworld_player", default=None)


@contextmanager
def recording(into: Recording) -> Iterator[Recording]:
    """Keep what is asked inside, also by tasks started there."""
    token = _RECORDING.set(into)
    try:
        yield into
    finally:
        _RECORDING.reset(token)


def note_exchange(asked: Asked, page: Page) -> None:
    """Keep an exchange, if anybody wants it."""
    current = _RECORDING.get()
    if current is not None:
        current.add(Exchange(method=asked.method, url=asked.url, page=page))


def note_decision(text: str) -> None:
    """Keep what was done about an answer, if anybody wants it."""
    current = _RECORDING.get()
    if current is not None:
        current.decisions.append(text)


@contextmanager
def playing(player: Player) -> Iterator[None]:
    """Let page clients that are opened inside ask *player* and nobody else."""
    token = _PLAYER.set(player)
    try:
        yield
    finally:
        _PLAYER.reset(token)


def current_player() -> Player | None:
    """Who answers in place of the network here, if anybody."""
    return _PLAYER.get()
