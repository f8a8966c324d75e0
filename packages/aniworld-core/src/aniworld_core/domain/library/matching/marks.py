"""Read what the files in a folder say about its series: `tvshow.nfo`, in Kodi's XML or as links."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.library.matching.folder_names import DATABASES

#: Most characters of an NFO that are read.
NFO_LIMIT: Final = 65536

_UNIQUE_ID: Final = re.compile(
    r"<uniqueid\b[^<>]{0,200}?\btype\s*=\s*[\"'](\w{2,20})[\"'][^<>]{0,200}>"
    r"\s*(tt\d{4,10}|\d{1,10})\s*<",
    re.IGNORECASE | re.ASCII,
)
_NAMED_ID: Final = re.compile(
    r"<(" + "|".join(DATABASES) + r")_?id>\s*(tt\d{4,10}|\d{1,10})\s*<", re.IGNORECASE | re.ASCII
)
_LINKS: Final = (
    ("imdb", re.compile(r"imdb\.com/title/(tt\d{4,10})", re.IGNORECASE | re.ASCII)),
    ("tmdb", re.compile(r"themoviedb\.org/tv/(\d{1,10})", re.IGNORECASE | re.ASCII)),
    ("tvdb", re.compile(r"thetvdb\.com/\S{0,80}?(?:id=|series/)(\d{2,10})", re.I | re.ASCII)),
    ("anilist", re.compile(r"anilist\.co/anime/(\d{1,10})", re.IGNORECASE | re.ASCII)),
    ("mal", re.compile(r"myanimelist\.net/anime/(\d{1,10})", re.IGNORECASE | re.ASCII)),
    ("anidb", re.compile(r"anidb\.net/(?:anime/|\S{0,40}?aid=)(\d{1,10})", re.I | re.ASCII)),
)
_ROOT: Final = re.compile(r"<tvshow[\s>]", re.IGNORECASE)
_TITLE: Final = re.compile(r"<(title|originaltitle)>([^<]{1,300})<", re.IGNORECASE)
_YEAR: Final = re.compile(
    r"<(?:year|premiered)>\s*((?:19|20)\d\d)(?:-\d\d-\d\d)?\s*<", re.IGNORECASE | re.ASCII
)


@attrs.frozen(kw_only=True)
class FolderMarks:
    """What the files in a folder say about its series.

    Attributes:
        key: Key in the `data` file of the former program.
        ids: Ids in `tvshow.nfo`: name of the database -> id.
        titles: Title and original title in `tvshow.nfo`.
        year: Year in `tvshow.nfo`.
    """

    key: SeriesKey | None = None
    ids: Mapping[str, str] = attrs.field(factory=dict)
    titles: tuple[str, ...] = ()
    year: int | None = None

    def __bool__(self) -> bool:
        """Return whether there is any mark."""
        return bool(self.key or self.ids or self.titles or self.year)


def nfo_marks(text: str) -> FolderMarks:
    """Return the marks in the text of a `tvshow.nfo`.

    NFO files are often not well-formed, or only hold links to databases. So nothing is parsed as
    XML; other text gives no marks.
    """
    text = text[:NFO_LIMIT]
    ids = dict(_ids(text))
    root = _ROOT.search(text)
    if root is None:
        return FolderMarks(ids=ids)
    # Titles and years of actors, seasons and episodes come later or in other elements.
    titles = [html.unescape(match[2]).strip() for match in _TITLE.finditer(text, root.end())]
    year = _YEAR.search(text, root.end())
    return FolderMarks(
        ids=ids,
        titles=tuple(dict.fromkeys(title for title in titles[:2] if title)),
        year=int(year[1]) if year else None,
    )


def _ids(text: str) -> Iterator[tuple[str, str]]:
    for database, pattern in _LINKS:
        if match := pattern.search(text):
            yield database, match[1].lower()
    for pattern in (_NAMED_ID, _UNIQUE_ID):
        for match in pattern.finditer(text):
            if match[1].lower() in DATABASES:
                yield DATABASES[match[1].lower()], match[2].lower()
