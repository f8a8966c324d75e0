"""Types of query parameters and keys that several schemas use."""

from typing import Annotated, TypeAlias

from msgspec import Meta

#: Maximum number of rows in a response.
Limit: TypeAlias = Annotated[int, Meta(ge=1, le=10_000, description="Maximum number of rows")]
Offset: TypeAlias = Annotated[int, Meta(ge=0, le=2**31 - 1, description="Number of rows to skip")]
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
