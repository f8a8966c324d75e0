"""Parts of lists, and names that many shapes use."""

from typing import Annotated, TypeAlias

from msgspec import Meta

#: Most rows that one answer holds when a part is asked for.
Limit: TypeAlias = Annotated[int, Meta(ge=1, le=10_000, description="Most rows to return")]
Offset: TypeAlias = Annotated[int, Meta(ge=0, le=2**31 - 1, description="Rows to pass over")]
Needle: TypeAlias = Annotated[str, Meta(max_length=200, description="Part of the name")]
SeriesKeyText: TypeAlias = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
        examples=["attack-on-titan"],
    ),
]
