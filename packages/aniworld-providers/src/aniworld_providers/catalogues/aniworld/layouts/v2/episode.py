"""Layout v2: hosters of an episode."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from aniworld_core.domain.media import Language
from aniworld_core.messages import Message
from aniworld_providers.catalogues.aniworld.layouts.flags import (
    language_of_key,
    language_of_label,
)
from aniworld_providers.catalogues.aniworld.layouts.markup import (
    DamagedPageError,
    LexborNode,
    MissingPieceError,
    attribute,
    parse_html,
    raise_if_error_page,
)
from aniworld_providers.catalogues.aniworld.layouts.text_cleanup import (
    clean_text,
)
from aniworld_providers.catalogues.aniworld.values import (
    EpisodePage,
    HosterLink,
)


class _Selectors:
    """Selectors."""

    BUTTONS: Final = "button[data-play-url]"
    ANY_BUTTON: Final = "[data-provider-name], [data-link-id], [data-language-id]"
    EPISODE: Final = "h1.fw-bold, h2, .episode-title, #season-nav"


def parse_episode(text: str, language_keys: Mapping[str, Language]) -> EpisodePage:
    """Parse the page of an episode or film."""
    tree = parse_html(text)
    buttons = tree.css(_Selectors.BUTTONS)
    if not buttons:
        raise_if_error_page(tree)
        if tree.css_first(_Selectors.ANY_BUTTON) is not None:
            raise MissingPieceError(Message("piece_hoster_links"))
        if tree.css_first(_Selectors.EPISODE) is None:
            raise MissingPieceError(Message("piece_hosters"))
    return EpisodePage(hosters=tuple(_hosters(buttons, language_keys)))


def _hosters(
    buttons: Sequence[LexborNode], language_keys: Mapping[str, Language]
) -> Iterator[HosterLink]:
    labels: dict[str, str] = {}
    for button in buttons:
        key, label = (attribute(button, f"data-language-{name}") for name in ("id", "label"))
        if key and label and labels.setdefault(key, label) != label:
            raise DamagedPageError(Message("language_two_labels", number=key[:9]))
    shown: dict[str, Language | None] = {
        key: language_of_label(label) for key, label in labels.items()
    }
    found: dict[HosterLink, None] = {}
    for button in buttons:
        label = attribute(button, "data-language-label")
        key = attribute(button, "data-language-id")
        language = language_of_label(label) if label else language_of_key(key, shown, language_keys)
        link = attribute(button, "data-play-url")
        if link:
            name = clean_text(attribute(button, "data-provider-name")) or "Provider"
            found.setdefault(HosterLink(hoster=name, link=link, language=language))
    yield from found
