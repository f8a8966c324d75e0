"""Match films, OVAs and specials to season 0 by title, by kind and number, or by number."""

import re
from collections.abc import Sequence
from typing import Final

from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.library.file_names.reading import NameKind, ParsedName
from aniworld_core.domain.library.matching.folding import title_keys
from aniworld_core.domain.library.matching.numbering import Place

_FILM: Final = "movie"
_OVA: Final = "ova"
_SPECIAL: Final = "special"
#: Marks in file names -> kind of special.
_KINDS: Final = {
    "movie": _FILM, "movies": _FILM, "film": _FILM, "gekijouban": _FILM, "gekijoban": _FILM,
    "ova": _OVA, "oad": _OVA, "ona": _OVA, "ovd": _OVA,
    "special": _SPECIAL, "specials": _SPECIAL, "sp": _SPECIAL,
}  # fmt: skip
_START: Final = r"(?<![^\W_])"
_END: Final = r"(?![^\W_])"
_IN_TITLE: Final = (
    (_FILM, re.compile(_START + r"(?:movie|(?:kino)?film|gekijou?-?ban)" + _END, re.IGNORECASE)),
    (_OVA, re.compile(_START + r"(?:ova|oad|ona)s?" + _END, re.IGNORECASE)),
    (_SPECIAL, re.compile(_START + r"(?:specials?|spezial)" + _END, re.IGNORECASE)),
)
#: Fewest letters of an episode title that identifies a special.
_LEAST_TITLE: Final = 4


def place_special(series: Series, parsed: ParsedName, rest: str) -> tuple[Place, ...] | None:
    """Return the specials that a file is, `()` if it is none of them, `None` if it is not sure.

    Args:
        series: The series.
        parsed: Reading of the file's name as a special or film.
        rest: The file's name without suffix.
    """
    specials = [episode for episode in series.episodes if episode.season == 0]
    if not specials:
        return ()
    titled = _by_title(specials, parsed, rest)
    if titled:
        return titled
    kind = _kind(parsed)
    if kind is None:
        return _by_number(specials, parsed.episodes)
    alike = [e for e in specials if _title_kind(e) == kind]
    if not alike:
        chosen = _by_number(specials, parsed.episodes)
        is_other = any(_title_kind(e) for e in specials if (e.season, e.number) in chosen)
        return None if is_other or not parsed.episodes else chosen
    if not parsed.episodes:
        return ((0, alike[0].number),) if len(alike) == 1 else None
    chosen = tuple((0, e.number) for n, e in enumerate(alike, 1) if n in parsed.episodes)
    return chosen or None


def _kind(parsed: ParsedName) -> str | None:
    if parsed.mark:
        return _KINDS.get(parsed.mark)
    return _FILM if parsed.kind is NameKind.MOVIE else None


def _title_kind(episode: Episode) -> str | None:
    texts = [text for text in (episode.titles.de, episode.titles.en) if text]
    return next((kind for kind, word in _IN_TITLE if any(map(word.search, texts))), None)


def _by_number(specials: Sequence[Episode], numbers: Sequence[int]) -> tuple[Place, ...]:
    return tuple(
        (0, episode.number)
        for episode in specials
        if any(episode.number <= n <= (episode.last_number or episode.number) for n in numbers)
    )


def _by_title(specials: Sequence[Episode], parsed: ParsedName, rest: str) -> tuple[Place, ...]:
    """Return the one special whose title the file has."""
    keys = title_keys(parsed.episode_title).strict if parsed.episode_title else frozenset()
    whole = title_keys(rest).strict
    found: list[Place] = []
    for episode in specials:
        wanted = {
            key
            for text in (episode.titles.de, episode.titles.en)
            if text
            for key in title_keys(text).strict
        }
        is_end = any(
            len(key) >= _LEAST_TITLE and text.endswith(key) for key in wanted for text in whole
        )
        if keys & wanted or is_end:
            found.append((0, episode.number))
    return tuple(found) if len(found) == 1 else ()
