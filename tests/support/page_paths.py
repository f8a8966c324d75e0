"""Paths of the pages, from the server's own table: a new page is tested without naming it here."""

import re
from typing import Final

from aniworld_http.routes.pages import PAGES

_NAME_IN_PATH: Final = re.compile(r"\{(\w+)[^}]*\}")


def page_paths(key: str) -> dict[str, str]:
    """Return the path of each page by its name.

    Args:
        key: Series for the pages that show one.
    """
    values = {"key": key, "code": "S01E01"}
    return {
        page.name: _NAME_IN_PATH.sub(lambda match: values[match[1]], page.path) for page in PAGES
    }


def signed_in_paths(key: str) -> dict[str, str]:
    """Return the paths of the pages that a signed-in visitor uses: all but the login."""
    return {name: path for name, path in page_paths(key).items() if name != "login"}
