"""Leaving a catalogue or hoster alone for a while when it keeps failing."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import attrs

from aniworld_core.domain.configuration import Config
from aniworld_core.domain.downloads import Failure
from aniworld_core.errors import (
    AniworldError,
    AskedEnoughError,
    NeedsPersonError,
    NotYetAvailableError,
    ProviderChangedError,
    ProviderDeniedError,
    ProviderFaultError,
    ProviderUnavailableError,
    UnavailableError,
)
from aniworld_core.ports.clock import Clock

logger = logging.getLogger(__name__)

#: Failures in a row after which a place is left alone.
THRESHOLD: Final = 3
#: For how long at first; doubled each time a trial after it fails again.
FIRST_REST: Final = timedelta(seconds=60)
LONGEST_REST: Final = timedelta(minutes=15)
#: What says how a place itself is, and not only how one of its pages is.
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
    rest: timedelta = FIRST_REST
    closed_until: datetime | None = None


@attrs.define(eq=False, kw_only=True)
class Circuits:
    """One circuit for each place, by name.

    Only failures that may pass by themselves count: they say something about the place, while
    a missing episode or a damaged file says something about the item. While a circuit is open
    nothing is asked and no item is blamed; when its time is over a single attempt decides.
    """

    _clock: Clock
    _states: dict[str, _State] = attrs.field(factory=dict, init=False)
    _troubles: dict[str, Failure] = attrs.field(factory=dict, init=False)
    _asked: dict[str, datetime] = attrs.field(factory=dict, init=False)

    @contextmanager
    def asking(self, place: str) -> Iterator[None]:
        """Ask a place only while its circuit allows, and remember how that went.

        Raises:
            ProviderUnavailableError: With the time left, while it is left alone.
            ProviderFaultError: Instead of an error that is none of ours: the mistake of one
                adapter must not stop the others.
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
        """Make sure that the place may be asked now.

        Raises:
            ProviderUnavailableError: With the time left, while it is left alone.
        """
        state = self._states.get(place)
        if state is None or state.closed_until is None:
            return
        left = state.closed_until - self._clock.now()
        if left > timedelta(0):
            raise ProviderUnavailableError(
                place, f"it failed {state.failures} times in a row", retry_after=left
            )

    def note(self, place: str, outcome: AniworldError | None) -> None:
        """Remember how asking went; `None` is a success."""
        self._asked[place] = self._clock.now()
        if outcome is None:
            self._states.pop(place, None)
            self._troubles.pop(place, None)
            return
        if isinstance(outcome, _TROUBLES):
            self._troubles[place] = Failure.of(outcome)
        if not isinstance(outcome, UnavailableError) or not outcome.retryable:
            return
        if isinstance(outcome, NotYetAvailableError | AskedEnoughError):
            return  # that says nothing about the place
        if outcome.retry_after is not None:
            return  # the place is well, it only asks for time
        state = self._states.setdefault(place, _State())
        state.failures += 1
        if state.failures < THRESHOLD:
            return
        if state.closed_until is not None:
            state.rest = min(state.rest * 2, LONGEST_REST)
        state.closed_until = self._clock.now() + state.rest

    def troubles(self, name: str) -> Sequence[Failure]:
        """Why a catalogue or hoster could not be used when it was asked last, if it could not.

        Args:
            name: Its name; servers of a catalogue, called `name at host`, are included.
        """
        return [f for place, f in sorted(self._troubles.items()) if _belongs(place, name)]

    def last_asked(self, name: str) -> datetime | None:
        """When a catalogue or hoster answered or failed last; `None` if not in this run.

        Args:
            name: Its name; servers of a catalogue, called `name at host`, are included.
        """
        return max((at for place, at in self._asked.items() if _belongs(place, name)), default=None)

    def open_circuits(self) -> dict[str, datetime]:
        """The places left alone at the moment, and until when."""
        now = self._clock.now()
        return {
            place: state.closed_until
            for place, state in self._states.items()
            if state.closed_until is not None and state.closed_until > now
        }

    def resting(self, name: str) -> dict[str, datetime]:
        """The places of a catalogue that are left alone at the moment, and until when.

        Args:
            name: Its name; servers of a catalogue, called `name at host`, are included.
        """
        return {p: until for p, until in self.open_circuits().items() if _belongs(p, name)}


def _belongs(place: str, name: str) -> bool:
    return place == name or place.startswith(f"{name} at ")


@contextmanager
def own_errors(provider: str) -> Iterator[None]:
    """Turn an error that is none of ours into one that names the adapter it came from.

    Raises:
        ProviderFaultError: Instead of such an error.
    """
    try:
        yield
    except AniworldError:
        raise
    except Exception as error:  # whatever the code of others does
        # Where the mistake is matters to whoever mends it; people are told who is to blame.
        logger.warning("a mistake in the adapter of %s", provider, exc_info=True)
        raise ProviderFaultError(provider, error) from error


def place_of(config: Config, provider: str, link: str) -> str:
    """Whose circuit a link belongs to: its catalogue's, or that of one of its servers.

    Args:
        config: Knows the servers.
        provider: Name of the catalogue.
        link: Link of a series in it; anything else means the catalogue as a whole.
    """
    if len(config.provider(provider).all_servers) < 2:
        return provider
    try:
        host = urlsplit(link).netloc
    except ValueError:
        return provider
    return f"{provider} at {host}" if host else provider
