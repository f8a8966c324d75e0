"""Which sites there are, what tells them apart, and how either looks in the other layout."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.domain.media import (
    ENG_DUB,
    ENG_SUB,
    GER_DUB,
    GER_SUB,
    Language,
)
from aniworld_providers.catalogues.aniworld.layouts.common import Layout, Speech
from aniworld_providers.catalogues.aniworld.layouts.v1.series import LayoutV1
from aniworld_providers.catalogues.aniworld.layouts.v2.series import LayoutV2
from aniworld_providers.catalogues.aniworld.links import SiteLinks


def _frozen(meanings: Mapping[str, Language]) -> Mapping[str, Language]:
    return MappingProxyType(dict(meanings))


def _browse_lists(popular: str, new: str, calendar: str) -> Mapping[BrowseListName, str]:
    paths = {
        BrowseListName.POPULAR: popular,
        BrowseListName.NEW: new,
        BrowseListName.CALENDAR: calendar,
    }
    return MappingProxyType(paths)


@attrs.frozen(kw_only=True)
class Site:
    """One site of the family. Either may change to another layout any day.

    Attributes:
        name: The name its loader is configured by.
        title: The name people know it by.
        base: Where it lives unless configured otherwise.
        hosts: Names under which its links are known, without `www.`.
        root: What comes before the key of a series in a path.
        index: Path of its list of all series.
        browse lists: Path of each of its browse lists.
        layout: How its pages are laid out.
        speech: What its numbers and labels of languages mean.
    """

    name: str
    title: str
    base: str
    hosts: frozenset[str]
    root: str
    index: str
    browse_lists: Mapping[BrowseListName, str]
    layout: Layout
    speech: Speech

    def links(self, configured: str = "") -> SiteLinks:
        """Make its links, below a configured base if there is one."""
        return SiteLinks(
            base=(configured.strip() or self.base).rstrip("/"),
            hosts=self.hosts,
            root=self.root,
            films=self.layout.films,
        )


ANIWORLD: Final = Site(
    name="aniworld",
    title="aniworld.to",
    base="https://aniworld.to",
    hosts=frozenset({"aniworld.to"}),
    root="/anime/stream",
    index="/animes",
    browse_lists=_browse_lists("/beliebte-animes", "/neue-episoden", "/animekalender"),
    layout=LayoutV1(),
    speech=Speech(
        by_key=_frozen({"1": GER_DUB, "2": ENG_SUB, "3": GER_SUB, "4": ENG_DUB}),
    ),
)
SERIENSTREAM: Final = Site(
    name="serienstream",
    title="s.to",
    base="https://s.to",
    hosts=frozenset({"s.to", "serienstream.to"}),
    root="/serie",
    index="/serien",
    browse_lists=_browse_lists("/beliebte-serien", "/neue-episoden", "/serienkalender"),
    layout=LayoutV2(),
    speech=Speech(
        by_key=_frozen({"1": GER_DUB, "2": ENG_DUB, "3": GER_SUB}),
    ),
)
_LAYOUTS: Final[Mapping[str, Layout]] = MappingProxyType(
    {"v1": ANIWORLD.layout, "v2": SERIENSTREAM.layout}
)
#: Where a site keeps its series in a layout that is not its own, as far as anybody knows.
_ROOTS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {("serienstream", "v1"): "/serie/stream"}
)


def laid_out(site: Site, layout: str) -> Site:
    """Return a site as it is in a layout that the configuration names; empty for its own."""
    if layout not in _LAYOUTS:
        return site
    root = _ROOTS.get((site.name, layout), site.root)
    return attrs.evolve(site, layout=_LAYOUTS[layout], root=root)
