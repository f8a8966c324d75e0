"""Layout v1: hosters of an episode."""

from collections.abc import Iterator, Mapping
from typing import Final

from aniworld_core.domain.media import Language
from aniworld_core.messages import Message
from aniworld_providers.catalogues.aniworld.layouts.flags import (
    flag_name,
    language_of_flag,
    language_of_key,
)
from aniworld_providers.catalogues.aniworld.layouts.markup import (
    DamagedPageError,
    LexborHTMLParser,
    MissingPieceError,
    attribute,
    first,
    parse_html,
    raise_if_error_page,
    text_of,
)
from aniworld_providers.catalogues.aniworld.layouts.v1.season import ALERT
from aniworld_providers.catalogues.aniworld.values import (
    EpisodePage,
    HosterLink,
)


class _Selectors:
    """Selectors."""

    EPISODE: Final = "div.hosterSiteTitle"
    FLAGS: Final = ".changeLanguageBox img[data-lang-key]"
    HOSTER_BOX: Final = "div.hosterSiteVideo"
    HOSTERS: Final = "div.hosterSiteVideo ul li"
    HOSTER_LINK: Final = ("a.watchEpisode[href]", "a[href]")
    HOSTER_NAME: Final = "h4"


def parse_episode(text: str, language_keys: Mapping[str, Language]) -> EpisodePage:
    """Parse the page of an episode or film."""
    tree = parse_html(text)
    header = tree.css_first(_Selectors.EPISODE)
    languages = _languages(tree)
    if tree.css_first(_Selectors.HOSTER_BOX) is None and (header is None or languages):
        raise_if_error_page(tree, ALERT)
        raise MissingPieceError(Message("piece_hosters"))
    return EpisodePage(
        season=_number(attribute(header, "data-season")),
        number=_number(attribute(header, "data-episode")),
        hosters=tuple(_hosters(tree, languages, language_keys)),
    )


def _languages(tree: LexborHTMLParser) -> dict[str, Language | None]:
    """Return languages by key according to the flags; a flag without a file is ignored."""
    shown: dict[str, str] = {}
    for image in tree.css(_Selectors.FLAGS):
        key, name = (
            attribute(image, "data-lang-key"),
            flag_name(attribute(image, "data-src", "src")),
        )
        if name and shown.setdefault(key, name) != name:
            raise DamagedPageError(Message("language_two_flags", number=key[:9]))
    return {key: language_of_flag(name) for key, name in shown.items()}


def _hosters(
    tree: LexborHTMLParser,
    languages: dict[str, Language | None],
    language_keys: Mapping[str, Language],
) -> Iterator[HosterLink]:
    items = tree.css(_Selectors.HOSTERS)
    found: dict[HosterLink, None] = {}
    for item in items:
        link = attribute(item, "data-link-target")
        link = link or attribute(first(item, *_Selectors.HOSTER_LINK), "href")
        key = attribute(item, "data-lang-key")
        if link:
            name = text_of(item.css_first(_Selectors.HOSTER_NAME)) or "Provider"
            language = language_of_key(key, languages, language_keys)
            found.setdefault(HosterLink(hoster=name, link=link, language=language))
    if items and not found:
        raise MissingPieceError(Message("piece_hoster_links"))
    yield from found


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None
