"""Circuit breakers for catalogues and hosters."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import attrs

from aniworld_core.domain.configuration import Config
from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.retry_policy import RetryPolicy
from aniworld_core.errors import (
    AniworldError,
    NeedsPersonError,
    NotYetAvailableError,
    ProviderChangedError,
    ProviderDeniedError,
    ProviderFaultError,
    ProviderUnavailableError,
    RequestBudgetError,
    UnavailableError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock

logger: logging.Logger = logging.getLogger(__name__)

#: Failures in a row that open a circuit.
THRESHOLD: Final = 3
#: First and longest duration of an open circuit.
FIRST_REST: Final = timedelta(seconds=60)
LONGEST_REST: Final = timedelta(minutes=15)
_RESTS: Final = RetryPolicy(limit=None, base=FIRST_REST, ceiling=LONGEST_REST, jitter=0.0)
#: Errors that describe the whole catalogue or hoster, not one of its pages.
_TROUBLES: Final = (
    NeedsPersonError,
    ProviderChangedError,
    ProviderDeniedError,
    ProviderFaultError,
    ProviderUnavailableError,
)


@attrs.define(eq=False)
class _State:
    failures: int = 0
    opened_at: datetime | None = None
    closed_until: datetime | None = None


@attrs.define(eq=False, kw_only=True)
class CircuitBreakers:
    """One circuit breaker for each catalogue or hoster, by name.

    Only temporary failures count. A missing episode or a damaged file is a failure of the item.
    While a circuit is open, no request is made and no item fails. When its time is over, a single
    attempt decides.
    """

    _clock: Clock
    _states: dict[str, _State] = attrs.field(factory=dict, init=False)
    _troubles: dict[str, Failure] = attrs.field(factory=dict, init=False)
    _asked: dict[str, datetime] = attrs.field(factory=dict, init=False)

    @contextmanager
    def attempt(self, place: str) -> Iterator[None]:
        """Make an attempt if the circuit is closed, and record its result.

        Raises:
            ProviderUnavailableError: With the remaining time, while the circuit is open.
            ProviderFaultError: Instead of a foreign error, so that a bug in one adapter does not
                stop the others.
        """
        self.require(place)
        try:
            with own_errors(place):
                yield
        except AniworldError as error:
            self.note(place, error)
            raise
        self.note(place, None)

    def require(self, place: str) -> None:
        """Check that the circuit is closed.

        Raises:
            ProviderUnavailableError: With the remaining time, while the circuit is open.
        """
        state = self._states.get(place)
        if state is None or state.closed_until is None:
            return
        left = state.closed_until - self._clock.now()
        if left > timedelta(0):
            raise ProviderUnavailableError(
                place, Message("failed_in_a_row", failures=state.failures), retry_after=left
            )

    def note(self, place: str, outcome: AniworldError | None) -> None:
        """Record the result of an attempt; `None` is a success."""
        self._asked[place] = self._clock.now()
        if outcome is None:
            self._states.pop(place, None)
            self._troubles.pop(place, None)
            return
        if isinstance(outcome, _TROUBLES):
            self._troubles[place] = Failure.of(outcome)
        if not isinstance(outcome, UnavailableError) or not outcome.retryable:
            return
        if isinstance(outcome, NotYetAvailableError | RequestBudgetError):
            return  # a failure of the item
        if outcome.retry_after is not None:
            return  # the service works and only asks for a pause
        state = self._states.setdefault(place, _State())
        state.failures += 1
        if state.failures < THRESHOLD:
            return
        state.opened_at = self._clock.now()
        state.closed_until = state.opened_at + _RESTS.delay(state.failures - THRESHOLD)

    def close(self, place: str | None, *, opened_before: datetime) -> None:
        """Close circuits that were opened before a time.

        The failures stay counted: a single attempt decides, as when the time of a circuit is over.

        Args:
            place: Name of the catalogue or hoster; `None` for all.
            opened_before: The time.
        """
        states = self._states
        for state in states.values() if place is None else filter(None, [states.get(place)]):
            if state.opened_at is not None and state.opened_at < opened_before:
                state.opened_at = state.closed_until = None

    def last_failures(self, name: str) -> Sequence[Failure]:
        """Return the failures of the last attempts at a catalogue or hoster; empty after success.

        Args:
            name: Its name; servers of a catalogue, called `name at host`, are included.
        """
        return [f for place, f in sorted(self._troubles.items()) if _belongs(place, name)]

    def last_asked(self, name: str) -> datetime | None:
        """Return the time of the last attempt; `None` if there was none in this run.

        Args:
            name: Its name; servers of a catalogue, called `name at host`, are included.
        """
        return max((at for place, at in self._asked.items() if _belongs(place, name)), default=None)

    def open_circuits(self) -> dict[str, datetime]:
        """Return the open circuits and when they close."""
        now = self._clock.now()
        return {
            place: state.closed_until
            for place, state in self._states.items()
            if state.closed_until is not None and state.closed_until > now
        }

    def open_circuits_of(self, name: str) -> dict[str, datetime]:
        """Return the open circuits of a catalogue and when they close.

        Args:
            name: Its name; servers of a catalogue, called `name at host`, are included.
        """
        return {p: until for p, until in self.open_circuits().items() if _belongs(p, name)}


def _belongs(place: str, name: str) -> bool:
    return place == name or place.startswith(f"{name} at ")


@contextmanager
def own_errors(provider: str) -> Iterator[None]:
    """Turn a foreign error into one that names the adapter.

    Raises:
        ProviderFaultError: Instead of a foreign error.
    """
    try:
        yield
    except AniworldError:
        raise
    except Exception as error:  # foreign code may raise anything
        # The traceback is for developers; users see the name of the adapter.
        logger.warning("the adapter of %s has a bug", provider, exc_info=True)
        raise ProviderFaultError(provider, error) from error


def place_of(config: Config, provider: str, link: str, *, has_any_site: bool = False) -> str:
    """Return the name of the circuit of a link: that of its catalogue or of one of its servers.

    Args:
        config: Configuration with the servers.
        provider: Name of the catalogue.
        link: Link of a series; any other text means the whole catalogue.
        has_any_site: Whether the catalogue takes links of any site. Each site has a circuit then.
    """
    if not has_any_site and len(config.provider(provider).all_servers) < 2:
        return provider
    try:
        host = urlsplit(link).netloc
    except ValueError:
        return provider
    return f"{provider} at {host}" if host else provider
