"""Add the series of several links; each link succeeds or fails on its own."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final

import attrs

from aniworld_core.application.catalogue.series_addition import Addition, SeriesAddition
from aniworld_core.errors import AniworldError

#: Most links of one list.
MAX_LINKS: Final = 500
_BYTE_ORDER_MARK: Final = "\ufeff"


@attrs.frozen(kw_only=True)
class LinkResult:
    """Result of one link: an addition or an error."""

    link: str
    addition: Addition | None = None
    error: AniworldError | None = None


def links_in(text: str) -> Sequence[str]:
    """Return the links or keys of a text, each once and in their order.

    They are separated by spaces or line breaks. Lines that start with `#` are comments.
    """
    lines = (line.strip() for line in text.removeprefix(_BYTE_ORDER_MARK).splitlines())
    words = (word for line in lines if not line.startswith("#") for word in line.split())
    return list(dict.fromkeys(words))


async def add_links(
    additions: SeriesAddition,
    links: Iterable[str],
    *,
    provider: str | None = None,
    follow: bool = False,
) -> AsyncIterator[LinkResult]:
    """Add the series of links one after the other, and yield each result when it is known.

    Args:
        additions: Adds one series.
        links: Links or keys.
        provider: Query only this catalogue.
        follow: Accept another key if a site redirects to it.
    """
    for link in links:
        try:
            addition = await additions.add(link, provider=provider, follow=follow)
        except AniworldError as error:
            yield LinkResult(link=link, error=error)
        else:
            yield LinkResult(link=link, addition=addition)
