"""Find the entry of a series among the candidates of a metadata source."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Final

import attrs

from aniworld_core.domain.catalogue import MetadataEntry, Series
from aniworld_core.domain.library.matching.folder_names import split_title
from aniworld_core.domain.library.matching.folding import title_keys

#: Score of a candidate with an id that the series has.
SAME_ID: Final = 100
#: Lowest score of a candidate that is taken without a person.
SURE: Final = 85
#: Score of a candidate with an id that the series has, and with facts that contradict it.
_DOUBTED: Final = 50
#: Score of a title below which an entry of another year is another work.
_FOREIGN_TITLE: Final = 30
#: Lead that the best candidate needs over the second.
_LEAD: Final = 10
_EQUAL_TITLE: Final = 70
_ALIKE_TITLE: Final = 60
_SIMILAR_TITLE: Final = 50
_SAME_YEAR: Final = 20
_YEAR_BESIDE: Final = 5
_OTHER_YEAR: Final = -40
_SAME_COUNT: Final = 10


@attrs.frozen(kw_only=True)
class EntryCandidate:
    """A possible entry of a series.

    Attributes:
        entry: The entry.
        score: 0 to 100; 100 means that an id agrees.
    """

    entry: MetadataEntry
    score: int


def rank_entries(series: Series, entries: Iterable[MetadataEntry]) -> tuple[EntryCandidate, ...]:
    """Return the candidates, best first; each entry once.

    The score adds up title (70 equal, 60 in another spelling, at most 50 similar), year (20 equal,
    5 one year beside, -40 other) and the number of episodes of the first season or of all (10).
    """
    by_code = {entry.code: entry for entry in entries}
    found = (EntryCandidate(entry=e, score=_score(series, e)) for e in by_code.values())
    return tuple(sorted(found, key=lambda c: (-c.score, c.entry.code)))


def sure_entry(ranked: Sequence[EntryCandidate]) -> MetadataEntry | None:
    """Return the entry that needs no person to decide, or `None`.

    It has a score of at least 85 and leads by at least 10, so two entries with the same title are
    never mixed up.
    """
    if not ranked or ranked[0].score < SURE:
        return None
    if len(ranked) > 1 and ranked[0].score - ranked[1].score < _LEAD:
        return None
    return ranked[0].entry


def is_doubted(series: Series, entry: MetadataEntry) -> bool:
    """Return whether an entry with an id of a series may be that of another work.

    Another of its ids differs, or both title and year do: files of other programs and databases
    hold wrong ids.
    """
    known, theirs = _ids(series.external_ids), _ids(entry.external_ids)
    if any(known[name] != theirs[name] for name in known.keys() & theirs.keys()):
        return True
    name, year = split_title(series.name, series.year)
    if year is None or entry.year is None or abs(year - entry.year) <= 1:
        return False
    return _title_score((name, *series.alternative_titles), entry.all_titles) < _FOREIGN_TITLE


def _ids(external_ids: Iterable[str]) -> dict[str, str]:
    return dict(each.partition("-")[::2] for each in external_ids)


def _score(series: Series, entry: MetadataEntry) -> int:
    known, theirs = _ids(series.external_ids), _ids(entry.external_ids)
    shared = known.keys() & theirs.keys()
    if any(known[name] == theirs[name] for name in shared):
        return _DOUBTED if is_doubted(series, entry) else SAME_ID
    if shared:
        return 0  # another id in the same database
    name, year = split_title(series.name, series.year)
    score = _title_score((name, *series.alternative_titles), entry.all_titles)
    if year is not None and entry.year is not None:
        distance = abs(year - entry.year)
        score += {0: _SAME_YEAR, 1: _YEAR_BESIDE}.get(distance, _OTHER_YEAR)
    if entry.episode_count is not None and entry.episode_count in _counts(series):
        score += _SAME_COUNT
    return max(0, min(score, SAME_ID - 1))


def _title_score(ours: Sequence[str], theirs: Sequence[str]) -> int:
    own, other = [title_keys(t) for t in ours], [title_keys(t) for t in theirs]
    strict = {key for keys in own for key in keys.strict}
    if any(strict & keys.strict for keys in other):
        return _EQUAL_TITLE
    loose = {keys.loose for keys in own if keys.loose}
    if any(keys.loose in loose for keys in other):
        return _ALIKE_TITLE
    first = own[0].loose
    return round(
        _SIMILAR_TITLE
        * max((SequenceMatcher(None, first, keys.loose).ratio() for keys in other), default=0)
    )


def _counts(series: Series) -> set[int]:
    """Return the numbers of episodes of the first season and of all seasons but specials."""
    regular = [e for e in series.episodes if e.season > 0]
    first = min((e.season for e in regular), default=0)
    return {len(regular), sum(e.season == first for e in regular)} - {0}
