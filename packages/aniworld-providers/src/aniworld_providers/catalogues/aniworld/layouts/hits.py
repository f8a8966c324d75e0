"""Search hits: parse search responses and the list of all series, and search that list."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from aniworld_core.messages import Message
from aniworld_providers.catalogues.aniworld.layouts.markup import (
    LexborHTMLParser,
    MissingPieceError,
    raise_if_error_page,
    text_of,
)
from aniworld_providers.catalogues.aniworld.layouts.text_cleanup import (
    clean_description,
    clean_text,
    decode_json_text,
    other_titles_of,
    year_in,
)
from aniworld_providers.catalogues.aniworld.values import Hit

#: Most hits to return.
MOST_HITS = 100
#: Words of a query that are looked up in each title: more would make the work grow with the product
#: of both lengths.
_MOST_WORDS = 64


def hits_of_json(answer: object, within: str = "") -> Sequence[Hit]:
    """Parse a JSON list of series; skip entries that are not objects.

    Args:
        answer: The JSON value.
        within: Name of the list in the object; empty if the value itself is the list.

    Raises:
        MissingPieceError: If there is no such list.
    """
    listed = answer.get(within) if within and isinstance(answer, dict) else answer
    if not isinstance(listed, list):
        raise MissingPieceError(Message("piece_hits"))
    return [_hit_of_json(item) for item in listed if isinstance(item, dict)]


def _hit_of_json(item: dict[str, Any]) -> Hit:
    def text(*names: str) -> str:
        return next(filter(None, (decode_json_text(item.get(name)) for name in names)), "")

    return Hit(
        target=text("link", "url"),
        name=clean_text(text("name", "title")),
        cover=text("cover", "image"),
        year=year_in(text("productionYear")),
        description=clean_description(text("description")),
    )


def hits_of_index(tree: LexborHTMLParser, selector: str) -> Sequence[Hit]:
    """Parse the list of all series; return each series once.

    Raises:
        MissingPieceError: If it is empty.
    """
    found: dict[str, Hit] = {}
    for node in tree.css(selector):
        attributes = node.attributes
        target = attributes.get("href") or ""
        if target and target not in found:
            name = text_of(node)
            listed = (attributes.get("data-alternative-title") or "").split(",")
            found[target] = Hit(
                target=target, name=name, other_titles=other_titles_of(name, listed)
            )
    if not found:
        raise_if_error_page(tree)
        raise MissingPieceError(Message("piece_all_series"))
    return list(found.values())


def search_index(query: str, index: Iterable[Hit]) -> Sequence[Hit]:
    """Return the series with all words of a query in one title, closest titles first."""
    wanted = _folded(query)
    words = wanted.split()[:_MOST_WORDS]
    ranked: list[tuple[int, int, Hit]] = []
    for hit in index:
        titles = [_folded(title) for title in (hit.name, *hit.other_titles)]
        fitting = [title for title in titles if all(word in title for word in words)]
        if fitting:
            rank = min(0 if t == wanted else 1 if t.startswith(wanted) else 2 for t in fitting)
            ranked.append((rank, len(hit.name), hit))
    ranked.sort(key=lambda entry: entry[:2])
    return [hit for _, _, hit in ranked[:MOST_HITS]]


def _folded(text: str) -> str:
    """Return a text for comparison: without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join("".join(kept).split())
