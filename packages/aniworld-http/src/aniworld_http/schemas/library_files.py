"""Queries of `/api/library/files`."""

from typing import Annotated, Literal, TypeAlias

import attrs
from msgspec import Meta

from aniworld_http.schemas.paging import Limit, Offset

StateName: TypeAlias = Literal[
    "present", "version", "unsure", "damaged", "suspect", "extra", "ignored"
]


@attrs.frozen(kw_only=True)
class FilesQuery:
    """Which files to list.

    Attributes:
        state: States of the files.
    """

    state: Annotated[tuple[StateName, ...], Meta(min_length=1, max_length=7)]
    limit: Limit = 1000
    offset: Offset = 0
