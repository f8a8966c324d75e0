"""Layout v2: series, seasons and episodes."""

from collections.abc import Iterator, Sequence
from typing import Final

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.domain.media import Language
from aniworld_providers.catalogues.aniworld.layouts.browse_rows import PIECES
from aniworld_providers.catalogues.aniworld.layouts.common import Answer, Layout, Question, Speech
from aniworld_providers.catalogues.aniworld.layouts.episode_rows import Cells, judged_rows
from aniworld_providers.catalogues.aniworld.layouts.flags import (
    language_of_flag,
    language_of_key,
    language_of_label,
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
from aniworld_providers.catalogues.aniworld.layouts.text_cleanup import described, tidy, year_in
from aniworld_providers.catalogues.aniworld.layouts.v2.browse import rows_of_shelf
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

    TITLE: Final = "h1.fw-bold"
    YEARS: Final = 'h1.fw-bold ~ p a[href*="/jahr/"]'
    DESCRIPTION: Final = "span.description-text"
    GROUPS: Final = "li.series-group"
    GROUP_LABEL: Final = "strong"
    GROUP_ITEMS: Final = "a"
    PICTURES: Final = "picture img"
    SEASON_BOX: Final = "#season-nav"
    SEASONS: Final = "#season-nav [data-season-pill]"
    SEASON_LINKS: Final = "#season-nav a[href]"
    EPISODES: Final = ".episode-table"
    ROW: Final = ".episode-table tr.episode-row"
    #: One selector for all cells, because a long list has thousands; `_fill` finds the cell.
    CELLS: Final = (
        ".episode-number-cell",
        ".episode-title-ger",
        ".episode-title-eng",
        ".episode-language-cell svg",
        ".episode-language-cell use",
        "img.watch-link",
        "a[href]",
    )
    BUTTONS: Final = "button[data-play-url]"
    ANY_BUTTON: Final = "[data-provider-name], [data-link-id], [data-language-id]"
    EPISODE: Final = "h1.fw-bold, h2, .episode-title, #season-nav"
    INDEX: Final = 'a[href*="/serie/"], a[href*="/anime/stream/"]'
    CARDS: Final = ".results-group .card"
    RESULTS: Final = ".results-group"


_ROW_PARTS: Final = ", ".join((_At.ROW, *(f"{_At.ROW} {cell}" for cell in _At.CELLS)))
_FLAG_STARTS: Final = ("svg-flag-", "#icon-flag-")


class LayoutV2(Layout):
    """Layout v2. Flags in its episode lists show available languages."""

    films = ("staffel-0", "episode")
    questions = (
        Question(path="/api/search/suggest", field="term"),
        Question(path="/suche", field="term", also=(("tab", "shows"),), answer=Answer.PAGE),
    )
    marks = ("season-nav", "data-play-url", "episode-table", "results-group")

    def read_series(self, text: str, speech: Speech) -> SeriesPage:
        tree = parse_html(text)
        title = tree.css_first(_At.TITLE)
        seasons, rows = _seasons(tree), _rows(tree)
        if title is None or (seasons is None and rows is None):
            raise_if_error_page(tree)
        if title is None:
            raise MissingPieceError("the title of the series")
        if seasons is None and not rows and tree.css_first(_At.SEASON_BOX) is None:
            raise MissingPieceError("the list of seasons")
        started, ended = _years(tree)
        return SeriesPage(
            title=text_of(title),
            description=_description(tree),
            year=started,
            end_year=ended,
            genres=_genres(tree),
            cover=_cover(tree),
            seasons=seasons,
            rows=rows,
        )

    def read_season(self, text: str, speech: Speech) -> SeasonPage:
        tree = parse_html(text)
        rows = _rows(tree)
        if rows is None:
            raise_if_error_page(tree)
            raise MissingPieceError("the list of episodes")
        return SeasonPage(seasons=_seasons(tree), rows=rows)

    def read_episode(self, text: str, speech: Speech) -> EpisodePage:
        tree = parse_html(text)
        buttons = tree.css(_At.BUTTONS)
        if not buttons:
            raise_if_error_page(tree)
            if tree.css_first(_At.ANY_BUTTON) is not None:
                raise MissingPieceError("the links of the hosters")
            if tree.css_first(_At.EPISODE) is None:
                raise MissingPieceError("the list of hosters")
        return EpisodePage(hosters=tuple(_hosters(buttons, speech)))

    def read_index(self, text: str) -> Sequence[Hit]:
        return hits_of_index(parse_html(text), _At.INDEX)

    def read_shelf(self, shelf: BrowseListName, text: str) -> Sequence[ShelfRow]:
        tree = parse_html(text)
        rows = rows_of_shelf(tree, shelf)
        if not rows:
            raise_if_error_page(tree)
            raise MissingPieceError(PIECES[shelf])
        return rows

    def read_hits(self, question: Question, answer: object) -> Sequence[Hit]:
        if question.answer is Answer.JSON:
            return hits_of_json(answer, within="shows")
        tree = parse_html(str(answer))
        if tree.css_first(_At.RESULTS) is None:
            raise MissingPieceError("the list of hits")
        return [_card(card) for card in tree.css(_At.CARDS)]


def _years(tree: LexborHTMLParser) -> tuple[int | None, int | None]:
    links = tree.css(_At.YEARS)[:2]
    years = [year_in(text_of(node), attribute(node, "href").rpartition("/")[2]) for node in links]
    return (*years, None, None)[0], (*years, None, None)[1]


def _description(tree: LexborHTMLParser) -> str:
    node = tree.css_first(_At.DESCRIPTION)
    return described(node.text() if node is not None else "")


def _genres(tree: LexborHTMLParser) -> tuple[str, ...]:
    for group in tree.css(_At.GROUPS):
        label = text_of(group.css_first(_At.GROUP_LABEL)).lower()
        if label.startswith("genre"):
            names = dict.fromkeys(text_of(item) for item in group.css(_At.GROUP_ITEMS))
            return tuple(filter(None, names))
    return ()


def _cover(tree: LexborHTMLParser) -> str:
    for image in tree.css(_At.PICTURES):
        if attribute(image, "alt").lower() == "backdrop":
            continue
        for name in ("data-src", "data-srcset", "src"):
            # In a `srcset` the first link is the smallest image, followed by its width.
            link = attribute(image, name).partition(" ")[0].rstrip(",")
            if link and not link.startswith("data:"):
                return link
    return ""


def _seasons(tree: LexborHTMLParser) -> tuple[int, ...] | None:
    pills = (attribute(node, "data-season-pill") for node in tree.css(_At.SEASONS))
    found = {int(pill) for pill in pills if _is_number(pill)}
    if not found:
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
        classes = attribute(node, "class").split()
        if "episode-row" in classes:
            if cells is not None:
                yield cells
            cells = Cells(numbers={"cell": ""})
            _place(cells, attribute(node, "onclick"))
        elif cells is not None:
            _fill(cells, node, classes)
    if cells is not None:
        yield cells


def _fill(cells: Cells, node: LexborNode, classes: Sequence[str]) -> None:
    if "episode-number-cell" in classes:
        cells.numbers["cell"] = text_of(node)
    elif "episode-title-ger" in classes:
        cells.german = text_of(node)
    elif "episode-title-eng" in classes:
        cells.english = text_of(node)
    elif node.tag == "img":
        cells.hosters += 1
    elif node.tag == "a":
        _place(cells, attribute(node, "href"))
    else:
        _flag(cells, [*classes, attribute(node, "href", "xlink:href")])


def _flag(cells: Cells, names: Sequence[str]) -> None:
    for name in names:
        for start in _FLAG_STARTS:
            if name.startswith(start):
                cells.flags += 1
                language = language_of_flag(name.removeprefix(start).lower())
                cells.languages |= {language} if language else set()


def _place(cells: Cells, target: str) -> None:
    """Set season and number from a link, or from a script that opens a link."""
    quoted = target.replace('"', "'").split("'")
    place = place_in(quoted[1] if len(quoted) > 2 else target)
    if place is not None and place.number is not None and "link" not in cells.numbers:
        cells.season = place.season
        cells.numbers["link"] = str(place.number)


def _hosters(buttons: Sequence[LexborNode], speech: Speech) -> Iterator[HosterLink]:
    labels: dict[str, str] = {}
    for button in buttons:
        key, label = (attribute(button, f"data-language-{name}") for name in ("id", "label"))
        if key and label and labels.setdefault(key, label) != label:
            raise DamagedPageError(f"language {key[:9]} has two labels")
    shown: dict[str, Language | None] = {
        key: language_of_label(label) for key, label in labels.items()
    }
    found: dict[HosterLink, None] = {}
    for button in buttons:
        label = attribute(button, "data-language-label")
        key = attribute(button, "data-language-id")
        language = language_of_label(label) if label else language_of_key(key, shown, speech.by_key)
        link = attribute(button, "data-play-url")
        if link:
            name = tidy(attribute(button, "data-provider-name")) or "Provider"
            found.setdefault(HosterLink(hoster=name, link=link, language=language))
    yield from found


def _card(card: LexborNode) -> Hit:
    link = card if card.tag == "a" else card.css_first("a[href]")
    image = first(card, "img[alt]")
    heading = first(card, "h1, h2, h3, h4, h5, h6, .card-title")
    return Hit(
        target=attribute(link, "href"),
        name=text_of(heading) or tidy(attribute(image, "alt")) or text_of(link),
        cover=attribute(image, "data-src", "src"),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4
