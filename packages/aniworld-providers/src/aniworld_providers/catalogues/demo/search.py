"""Search the demo series."""

import unicodedata
from collections.abc import Sequence

from aniworld_providers.catalogues.demo.all_series import ALL_SERIES, KNOWN_SERIES
from aniworld_providers.catalogues.demo.values import DemoSeries

_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def find_series(query: str) -> Sequence[DemoSeries]:
    """Return the series with every word of *query* in one of their titles, best first.

    Case, accents and punctuation do not matter, and `ue` matches `ü`. An empty query returns all
    series in their own order.
    """
    searched = KNOWN_SERIES if _plain(query) else ALL_SERIES
    ranked = [(_rank(query, series), series) for series in searched.values()]
    hits = [(rank, series) for rank, series in ranked if rank is not None]
    return [series for _, series in sorted(hits, key=lambda hit: hit[0])]


def _rank(query: str, series: DemoSeries) -> int | None:
    """Return 0 for a whole title, 1 for its start, 2 for words in it; `None` without a match."""
    titles = (series.de, series.en, *series.other_titles, series.key)
    ranks = []
    for fold in (_plain, _spelt_out):
        wanted = fold(query)
        for title in map(fold, titles):
            if title == wanted:
                ranks.append(0)
            elif title.startswith(wanted):
                ranks.append(1)
            elif all(word in title for word in wanted.split()):
                ranks.append(2)
    return min(ranks, default=None)


def _plain(text: str) -> str:
    """Fold case, remove accents and replace punctuation by spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = (c for c in decomposed if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())


def _spelt_out(text: str) -> str:
    return _plain(unicodedata.normalize("NFC", text.casefold()).translate(_SPELT_OUT))
