"""Page layouts of the aniworld.to family of sites.

Each layout is a folder with one class that implements `common.Layout`. The modules beside them hold
what all layouts share. To add a layout, add its folder and its line in `LAYOUTS`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from aniworld_providers.catalogues.aniworld.layouts.common import Layout
from aniworld_providers.catalogues.aniworld.layouts.v1 import LayoutV1
from aniworld_providers.catalogues.aniworld.layouts.v2 import LayoutV2

__all__ = ["LAYOUTS", "Layout"]

#: All layouts by the word that the setting `layout` of a site uses.
LAYOUTS: Final[Mapping[str, Layout]] = MappingProxyType(
    {
        "v1": LayoutV1(),
        "v2": LayoutV2(),
    }
)
