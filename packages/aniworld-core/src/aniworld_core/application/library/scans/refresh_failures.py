"""Failures of catalogue requests during a scan, logged in few lines."""

import logging
from collections import defaultdict
from collections.abc import Mapping

import attrs

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import AniworldError

logger = logging.getLogger(__name__)


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
