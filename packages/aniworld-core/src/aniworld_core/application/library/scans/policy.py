"""Limits on the catalogue requests of a scan, and the requests that failed."""

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from aniworld_core.application.catalogue import Catalogue
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import AniworldError, NeedsPersonError
from aniworld_core.ports.budget import RequestBudget, within_budget

logger: logging.Logger = logging.getLogger(__name__)

#: Requests that a scan may make to each catalogue besides one for each of its series.
EXTRA_REQUESTS: Final = 60
#: Bot checks in a row after which a site is not requested again in the same scan.
REFUSALS: Final = 3


@attrs.define(eq=False)
class ScanPolicy:
    """Refresh series for one scan, within a request budget and without repeated bot checks.

    Attributes:
        budget: Remaining requests by catalogue.
    """

    _catalogue: Catalogue
    budget: RequestBudget
    _is_paced: bool = False
    _refused: dict[str, tuple[int, NeedsPersonError]] = attrs.field(init=False, factory=dict)

    @classmethod
    def for_series(
        cls, catalogue: Catalogue, known: Sequence[Series], *, is_paced: bool = False
    ) -> "ScanPolicy":
        """Return the policy of a scan of these series.

        Args:
            catalogue: Refreshes them.
            known: The series.
            is_paced: Whether series of which nothing is expected are left as they are.
        """
        counts = Counter(series.provider for series in known)
        allowance = {provider: n + EXTRA_REQUESTS for provider, n in counts.items()}
        return cls(catalogue, RequestBudget(allowance), is_paced)

    async def refresh(self, stored: Series) -> Series:
        """Update a series from its catalogue.

        Raises:
            RequestBudgetError: If the budget is used up; no request is made.
            NeedsPersonError: Without a request, after several bot checks of the site.
            AniworldError: The error of the catalogue; nothing is changed.
        """
        if self._is_paced and await self._catalogue.is_resting(stored):
            return stored
        place = self._catalogue.place_of(stored)
        times, refusal = self._refused.get(place, (0, None))
        if refusal is not None and times >= REFUSALS:
            raise refusal
        try:
            with within_budget(self.budget):
                fresh = await self._catalogue.refresh(stored)
        except NeedsPersonError as error:
            self._refused[place] = times + 1, error
            raise
        self._refused.pop(place, None)
        return fresh


def in_turn(known: Sequence[Series], hour: int) -> Sequence[Series]:
    """Start with another series every hour, so that a small budget reaches all in time."""
    start = hour % len(known) if known else 0
    return (*known[start:], *known[:start])


@attrs.define(eq=False)
class RefreshFailures:
    """Collect the failures of one scan."""

    _by_series: dict[SeriesKey, Failure] = attrs.field(factory=dict, init=False)
    _alike: defaultdict[tuple[str, str], list[SeriesKey]] = attrs.field(
        factory=lambda: defaultdict(list), init=False
    )

    @property
    def by_series(self) -> Mapping[SeriesKey, Failure]:
        """Return the series whose catalogue request failed, with the reason."""
        return self._by_series

    def note(self, series: Series, error: AniworldError) -> None:
        """Record why a series could not be refreshed."""
        self._by_series[series.key] = Failure.of(error)
        self._alike[series.provider, str(error)].append(series.key)

    def tell(self) -> None:
        """Log the failures; one line with a count if all series of a catalogue share it."""
        for (provider, reason), keys in self._alike.items():
            if len(keys) == 1:
                logger.warning("could not refresh %s: %s", keys[0], reason)
            else:
                logger.warning("could not refresh %d series of %s: %s", len(keys), provider, reason)
