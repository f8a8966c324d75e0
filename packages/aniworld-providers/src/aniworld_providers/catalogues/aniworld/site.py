"""Which sites there are, and what tells them apart."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from aniworld_core.domain.media import (
    ENG_DUB,
    ENG_SUB,
    GER_DUB,
    GER_SUB,
    Language,
)
from aniworld_providers.catalogues.aniworld.layout import Layout, Speech
from aniworld_providers.catalogues.aniworld.layout_v1 import LayoutV1
from aniworld_providers.catalogues.aniworld.layout_v2 import LayoutV2
from aniworld_providers.catalogues.aniworld.links import SiteLinks


def _frozen(meanings: Mapping[str, Language]) -> Mapping[str, Language]:
    return MappingProxyType(dict(meanings))


@attrs.frozen(kw_only=True)
class Site:
    """One site of the family. Either may change to another layout; that is one word here.

    Attributes:
        name: The name its loader is configured by.
        title: The name people know it by.
        base: Where it lives unless configured otherwise.
        hosts: Names under which its links are known, without `www.`.
        root: What comes before the key of a series in a path.
        index: Path of its list of all series.
        layout: How its pages are laid out.
        speech: What its numbers and labels of languages mean.
    """

    name: str
    title: str
    base: str
    hosts: frozenset[str]
    root: str
    index: str
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
    layout=LayoutV2(),
    speech=Speech(
        by_key=_frozen({"1": GER_DUB, "2": ENG_DUB, "3": GER_SUB}),
    ),
)
