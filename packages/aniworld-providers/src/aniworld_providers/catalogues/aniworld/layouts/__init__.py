"""Page layouts of the aniworld.to family of sites.

Each layout is a folder whose `LAYOUT` implements `common.Layout`. The modules beside the folders
hold what all layouts share. To add a layout, add its folder and its name in `LAYOUTS`.
"""

from importlib import import_module
from typing import Final

from aniworld_providers.catalogues.aniworld.layouts.common import Layout

__all__ = ["LAYOUTS", "Layout", "layout_named"]

#: Folders of all layouts, as the setting `layout` of a site names them.
LAYOUTS: Final = ("v1", "v2")


def layout_named(name: str) -> Layout:
    """Return a layout of `LAYOUTS`."""
    layout: Layout = import_module(f"{__name__}.{name}").LAYOUT
    return layout
