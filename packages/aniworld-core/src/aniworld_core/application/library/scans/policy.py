"""How a scan treats the catalogues it asks."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import attrs

from aniworld_core.application.catalogue import Catalogue
from aniworld_core.domain.catalogue import Series
from aniworld_core.errors import NeedsPersonError
from aniworld_core.ports.budget import RequestBudget, within_budget

#: Requests a scan may make of each catalogue beyond one for every series known from it.
EXTRA_REQUESTS: Final = 60
#: Refusals in a row after which a site that wants a person is not asked again in the same scan.
REFUSALS: Final = 3


@attrs.define(eq=False)
class ScanManners:
    """Refreshes series for one scan: within a budget, and not insisting where a person is wanted.

    Attributes:
        budget: What may still be asked.
    """

    _catalogue: Catalogue
    budget: RequestBudget
    _refused: dict[str, tuple[int, NeedsPersonError]] = attrs.field(init=False, factory=dict)

    @classmethod
    def for_series(cls, catalogue: Catalogue, known: Sequence[Series]) -> "ScanManners":
        """Make the manners of a scan of these series."""
        counts = Counter(series.provider for series in known)
        allowance = {provider: n + EXTRA_REQUESTS for provider, n in counts.items()}
        return cls(catalogue, RequestBudget(allowance))

    async def refresh(self, stored: Series) -> Series:
        """Bring the catalogue's news into a series.

        Raises:
            AskedEnoughError: If the budget is used up.
            NeedsPersonError: Without asking, after a site answered like this several times.
            AniworldError: Whatever the catalogue answers with; nothing is changed then.
        """
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
    """Begin with another series every hour, so that a short budget leaves out others each time."""
    start = hour % len(known) if known else 0
    return (*known[start:], *known[:start])
