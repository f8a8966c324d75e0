"""The sites of the family and their differences."""

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
from aniworld_providers.catalogues.aniworld.layouts import LAYOUTS, Layout, layout_named
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
    """One site of the family; it may change to another layout.

    Attributes:
        name: Name of its loader in the configuration.
        title: Display name.
        base: Base URL unless configured otherwise.
        hosts: Further host names, without `www.`.
        root: Path before the key of a series.
        index: Path of the list of all series.
        browse_lists: Path of each browse list.
        layout: Layout of its pages.
        language_keys: Languages of its key numbers.
    """

    name: str
    title: str
    base: str
    hosts: frozenset[str]
    root: str
    index: str
    browse_lists: Mapping[BrowseListName, str]
    layout: Layout
    language_keys: Mapping[str, Language]

    def links(self, configured: str = "") -> SiteLinks:
        """Return the links of the site, below the configured base URL if there is one."""
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
    layout=layout_named("v1"),
    language_keys=_frozen({"1": GER_DUB, "2": ENG_SUB, "3": GER_SUB, "4": ENG_DUB}),
)
SERIENSTREAM: Final = Site(
    name="serienstream",
    title="s.to",
    base="https://s.to",
    hosts=frozenset({"s.to", "serienstream.to"}),
    root="/serie",
    index="/serien",
    browse_lists=_browse_lists("/beliebte-serien", "/neue-episoden", "/serienkalender"),
    layout=layout_named("v2"),
    language_keys=_frozen({"1": GER_DUB, "2": ENG_DUB, "3": GER_SUB}),
)
#: Paths before the key of a series for a site in a layout that is not its own.
_ROOTS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {("serienstream", "v1"): "/serie/stream"}
)


def with_layout(site: Site, layout: str) -> Site:
    """Return a site in the configured layout; an empty name means its own layout."""
    if layout not in LAYOUTS:
        return site
    root = _ROOTS.get((site.name, layout), site.root)
    return attrs.evolve(site, layout=layout_named(layout), root=root)
