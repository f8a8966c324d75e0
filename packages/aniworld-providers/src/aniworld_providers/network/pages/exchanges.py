"""Record the exchanges of one operation of an adapter, and replay recorded ones."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

import attrs

from aniworld_providers.network.pages.answers import Page, PageRequest

#: Most exchanges, body characters and decisions to record for one operation.
_MOST_EXCHANGES = 60
_MOST_CHARACTERS = 12 * 1024**2
_MOST_DECISIONS = 100


@attrs.frozen(kw_only=True)
class Exchange:
    """A request and its answer, without request headers and body."""

    method: str
    url: str
    page: Page


@attrs.define(eq=False)
class Recording:
    """The latest exchanges of an operation, limited in number and size.

    Attributes:
        most: Most characters of bodies.
        exchanges: Oldest first.
        decisions: Decisions of the client about answers, as text.
    """

    most: int = _MOST_CHARACTERS
    exchanges: deque[Exchange] = attrs.field(
        init=False, factory=lambda: deque[Exchange](maxlen=_MOST_EXCHANGES)
    )
    decisions: deque[str] = attrs.field(
        init=False, factory=lambda: deque[str](maxlen=_MOST_DECISIONS)
    )

    def add(self, exchange: Exchange) -> None:
        """Add an exchange and remove the oldest ones above the limit."""
        self.exchanges.append(exchange)
        size = sum(len(kept.page.text) for kept in self.exchanges)
        while size > self.most and len(self.exchanges) > 1:
            size -= len(self.exchanges.popleft().page.text)


class Player(Protocol):
    """Answer requests in place of the network."""

    def answer(self, asked: PageRequest) -> Page:
        """Return the answer to a request.

        Raises:
            ProviderUnavailableError: If there is no recorded answer.
        """
        ...


_RECORDING: ContextVar[Recording | None] = ContextVar("aniworld_recording", default=None)
_PLAYER: ContextVar[Player | None] = ContextVar("aniworld_player", default=None)


@contextmanager
def record_exchanges(into: Recording) -> Iterator[Recording]:
    """Record the exchanges inside the context, also those of tasks started there."""
    token = _RECORDING.set(into)
    try:
        yield into
    finally:
        _RECORDING.reset(token)


def note_exchange(asked: PageRequest, page: Page) -> None:
    """Record an exchange if a recording is active."""
    current = _RECORDING.get()
    if current is not None:
        current.add(Exchange(method=asked.method, url=asked.url, page=page))


def note_decision(text: str) -> None:
    """Record a decision about an answer if a recording is active."""
    current = _RECORDING.get()
    if current is not None:
        current.decisions.append(text)


@contextmanager
def replay_from(player: Player) -> Iterator[None]:
    """Make page clients that are opened inside the context ask *player* only."""
    token = _PLAYER.set(player)
    try:
        yield
    finally:
        _PLAYER.reset(token)


def current_player() -> Player | None:
    """Return the active player, if any."""
    return _PLAYER.get()
