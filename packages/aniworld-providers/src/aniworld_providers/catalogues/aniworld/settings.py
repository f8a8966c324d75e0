"""Own settings of both sites, below `providers.aniworld` and `providers.serienstream`."""

import attrs

from aniworld_core.domain.configuration import Setting, setting
from aniworld_providers.catalogues.aniworld.layouts import LAYOUTS


@attrs.frozen(kw_only=True)
class SiteSettings:
    """Settings of a site of the family.

    Attributes:
        layout: Layout of its pages; empty means the site's own.
    """

    layout: str = setting(
        "",
        Setting(
            choices=tuple(LAYOUTS),
            labels={"en": "Page layout", "de": "Seitenaufbau"},
            hints={
                "en": "Change it only after the site has changed. Empty means the usual one.",
                "de": "Nur ändern, wenn die Website umgebaut wurde. Leer bedeutet: der übliche.",
            },
        ),
    )
