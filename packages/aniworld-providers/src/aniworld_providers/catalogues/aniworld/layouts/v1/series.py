"""Layout v1: series, seasons and episodes."""

from collections.abc import Iterator, Sequence
from typing import Final

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.domain.media import Language
from aniworld_providers.catalogues.aniworld.layouts.browse_rows import PIECES
from aniworld_providers.catalogues.aniworld.layouts.common import Layout, Question, Speech
from aniworld_providers.catalogues.aniworld.layouts.episode_rows import Cells, judged_rows
from aniworld_providers.catalogues.aniworld.layouts.flags import (
    flag_name,
    language_of_flag,
    language_of_key,
)
from aniworld_providers.catalogues.aniworld.layouts.hits import hits_of_index, hits_of_json
from aniworld_providers.catalogues.aniworld.layouts.markup import (
    DamagedPageError,
    LexborHTMLParser,
    LexborNode,
    MissingPieceError,
    attribute,
    first,
    parse_html,
    raise_if_error_page,
    text_of,
)
from aniworld_providers.catalogues.aniworld.layouts.text_cleanup import described, others, year_in
from aniworld_providers.catalogues.aniworld.layouts.v1.browse import SHELF_MARKS, rows_of_shelf
from aniworld_providers.catalogues.aniworld.links import place_in
from aniworld_providers.catalogues.aniworld.values import (
    EpisodePage,
    EpisodeRow,
    Hit,
    HosterLink,
    SeasonPage,
    SeriesPage,
    ShelfRow,
)


class _At:
    """Selectors."""

    TITLE: Final = ("div.series-title h1 > span", "div.series-title h1")
    HEADING: Final = "div.series-title h1"
    START: Final = "span[itemprop=startDate] a"
    END: Final = "span[itemprop=endDate] a"
    DESCRIPTION: Final = "p.seri_des"
    COVER: Final = "div.seriesCoverBox img"
    GENRES: Final = "div.genres a[itemprop=genre]"
    SEASON_COUNT: Final = "meta[itemprop=numberOfSeasons]"
    SEASON_BOX: Final = "#stream"
    SEASON_LINKS: Final = "#stream ul a[href]"
    EPISODES: Final = "table.seasonEpisodesList"
    ROW: Final = "table.seasonEpisodesList tr[data-episode-id]"
    #: One selector for all cells, because a long list has thousands; the tag shows the cell.
    CELLS: Final = (
        "meta[itemprop=episodeNumber]",
        "a[itemprop=url]",
        ".seasonEpisodeTitle a",
        ".seasonEpisodeTitle strong",
        ".seasonEpisodeTitle span",
        # One match is enough: only the presence matters, not the number.
        "i.icon:not(i.icon ~ i.icon)",
        "img.flag:not(img.flag ~ img.flag)",
    )
    EPISODE: Final = "div.hosterSiteTitle"
    FLAGS: Final = ".changeLanguageBox img[data-lang-key]"
    HOSTER_BOX: Final = "div.hosterSiteVideo"
    HOSTERS: Final = "div.hosterSiteVideo ul li"
    HOSTER_LINK: Final = ("a.watchEpisode[href]", "a[href]")
    HOSTER_NAME: Final = "h4"
    INDEX: Final = "div.genre li a[href]"
    ALERT: Final = "div.messageAlert.danger"


_ROW_PARTS: Final = ", ".join((_At.ROW, *(f"{_At.ROW} {cell}" for cell in _At.CELLS)))
#: Language tags in the list of genres.
_NO_GENRES: Final = frozenset({"ger", "gersub", "engsub", "engdub", "gerdub"})


class LayoutV1(Layout):
    """Layout v1. Flags in its episode lists show possible languages, not available ones."""

    films = ("filme", "film")
    tells_news = True
    questions = (
        Question(path="/ajax/seriesSearch", field="keyword"),
        Question(path="/ajax/search", field="keyword", posts=True),
    )
    marks = (
        "series-title",
        "seasonEpisodesList",
        "hosterSiteTitle",
        "data-alternative-title",
        *SHELF_MARKS,
    )

    def read_series(self, text: str, speech: Speech) -> SeriesPage:
        tree = parse_html(text)
        title = first(tree, *_At.TITLE)
        if title is None:
            raise_if_error_page(tree, _At.ALERT)
            raise MissingPieceError("the title of the series")
        heading = tree.css_first(_At.HEADING)
        name = text_of(title)
        alternatives = others(name, attribute(heading, "data-alternativetitles").split(","))
        started, ended = tree.css_first(_At.START), tree.css_first(_At.END)
        listed = self._season(tree)
        if listed.seasons is None and not listed.rows and not _is_without_seasons(tree):
            raise MissingPieceError("the list of seasons")
        return SeriesPage(
            title=name,
            alternative_titles=alternatives,
            description=_description(tree),
            year=year_in(text_of(started), attribute(started, "href").rpartition("/")[2]),
            end_year=year_in(text_of(ended)),
            genres=_genres(tree),
            cover=_cover(tree),
            seasons=listed.seasons,
            rows=listed.rows,
        )

    def read_season(self, text: str, speech: Speech) -> SeasonPage:
        tree = parse_html(text)
        page = self._season(tree)
        if page.rows is None:
            raise_if_error_page(tree, _At.ALERT)
            raise MissingPieceError("the list of episodes")
        return page

    def read_episode(self, text: str, speech: Speech) -> EpisodePage:
        tree = parse_html(text)
        told = tree.css_first(_At.EPISODE)
        languages = _languages(tree)
        if tree.css_first(_At.HOSTER_BOX) is None and (told is None or languages):
            raise_if_error_page(tree, _At.ALERT)
            raise MissingPieceError("the list of hosters")
        return EpisodePage(
            season=_number(attribute(told, "data-season")),
            number=_number(attribute(told, "data-episode")),
            hosters=tuple(_hosters(tree, languages, speech)),
        )

    def read_index(self, text: str) -> Sequence[Hit]:
        return hits_of_index(parse_html(text), _At.INDEX)

    def read_shelf(self, shelf: BrowseListName, text: str) -> Sequence[ShelfRow]:
        tree = parse_html(text)
        rows = rows_of_shelf(tree, shelf)
        if rows is None:
            raise_if_error_page(tree, _At.ALERT)
            raise MissingPieceError(PIECES[shelf])
        return rows

    def read_hits(self, question: Question, answer: object) -> Sequence[Hit]:
        return hits_of_json(answer)

    def _season(self, tree: LexborHTMLParser) -> SeasonPage:
        return SeasonPage(seasons=_seasons(tree), rows=_rows(tree))


def _is_without_seasons(tree: LexborHTMLParser) -> bool:
    """Return whether the page of a series states that it has no seasons yet."""
    if tree.css_first(_At.SEASON_BOX) is not None:
        count = attribute(tree.css_first(_At.SEASON_COUNT), "content")
        return count in {"", "0"}
    return False


def _description(tree: LexborHTMLParser) -> str:
    node = tree.css_first(_At.DESCRIPTION)
    return described(attribute(node, "data-full-description") or (node.text() if node else ""))


def _genres(tree: LexborHTMLParser) -> tuple[str, ...]:
    named = dict.fromkeys(text_of(node) for node in tree.css(_At.GENRES))
    return tuple(name for name in named if name and name.lower() not in _NO_GENRES)


def _cover(tree: LexborHTMLParser) -> str:
    for image in tree.css(_At.COVER):
        for name in ("data-src", "src"):
            link = attribute(image, name)
            if link and not link.startswith("data:"):
                return link
    return ""


def _seasons(tree: LexborHTMLParser) -> tuple[int, ...] | None:
    """Return the linked seasons; the season count of the page includes films, so it is not used."""
    places = (place_in(attribute(link, "href")) for link in tree.css(_At.SEASON_LINKS))
    found = {p.season for p in places if p and p.season is not None and p.number is None}
    return tuple(sorted(found)) or None


def _rows(tree: LexborHTMLParser) -> tuple[EpisodeRow, ...] | None:
    if tree.css_first(_At.EPISODES) is None:
        return None
    return judged_rows(_lines(tree))


def _lines(tree: LexborHTMLParser) -> Iterator[Cells]:
    cells: Cells | None = None
    for node in tree.css(_ROW_PARTS):
        if node.tag == "tr":
            if cells is not None:
                yield cells
            cells = Cells(numbers={"meta": "", "row": attribute(node, "data-episode-season-id")})
        elif cells is not None:
            _fill(cells, node)
    if cells is not None:
        yield cells


def _fill(cells: Cells, node: LexborNode) -> None:
    match node.tag:
        case "i":
            cells.hosters += 1
        case "img":
            # Only the presence counts: lists also show flags of unavailable languages.
            cells.flags += 1
        case "a":
            if "link" not in cells.numbers:
                place = place_in(attribute(node, "href"))
                if place is not None and place.number is not None:
                    cells.season = place.season
                    cells.numbers["link"] = str(place.number)
        case "strong":
            cells.german = cells.german or text_of(node)
        case "span":
            cells.english = cells.english or text_of(node)
        case "meta":
            cells.numbers["meta"] = attribute(node, "content")


def _languages(tree: LexborHTMLParser) -> dict[str, Language | None]:
    """Return languages by key according to the flags; a flag without a file is ignored."""
    shown: dict[str, str] = {}
    for image in tree.css(_At.FLAGS):
        key, name = (
            attribute(image, "data-lang-key"),
            flag_name(attribute(image, "data-src", "src")),
        )
        if name and shown.setdefault(key, name) != name:
            raise DamagedPageError(f"language {key[:9]} has two flags")
    return {key: language_of_flag(name) for key, name in shown.items()}


def _hosters(
    tree: LexborHTMLParser, languages: dict[str, Language | None], speech: Speech
) -> Iterator[HosterLink]:
    items = tree.css(_At.HOSTERS)
    found: dict[HosterLink, None] = {}
    for item in items:
        link = attribute(item, "data-link-target")
        link = link or attribute(first(item, *_At.HOSTER_LINK), "href")
        key = attribute(item, "data-lang-key")
        if link:
            name = text_of(item.css_first(_At.HOSTER_NAME)) or "Provider"
            language = language_of_key(key, languages, speech.by_key)
            found.setdefault(HosterLink(hoster=name, link=link, language=language))
    if items and not found:
        raise MissingPieceError("the links of the hosters")
    yield from found


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None
