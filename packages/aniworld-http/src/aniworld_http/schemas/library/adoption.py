"""Bodies and queries of `/api/library/adoptable` and `/api/library/adopt`."""

from typing import Annotated

import attrs
from msgspec import Meta

from aniworld_core.application.library import AdoptionChoice


@attrs.frozen(kw_only=True)
class AdoptableQuery:
    """Which folders to list.

    Attributes:
        search: Also search the catalogues by the titles of the folders.
        folder: Only this folder.
    """

    search: bool = False
    # Percent-encoded it must fit into the first line of a request.
    folder: Annotated[str, Meta(min_length=1, max_length=600)] | None = None


@attrs.frozen(kw_only=True)
class AdoptItem:
    """A folder and its series.

    Attributes:
        folder: Path of a folder, as the list gives it.
        key: Key of a series of the library, or key or link of a series of a catalogue.
        provider: Catalogue to ask for the key.
    """

    folder: Annotated[str, Meta(min_length=1, max_length=4096)]
    key: Annotated[str, Meta(min_length=1, max_length=2048)]
    provider: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


@attrs.frozen(kw_only=True)
class AdoptBody:
    """Folders to adopt.

    Attributes:
        items: Folders with their series.
        all_sure: Also adopt every folder with exactly one series of the same title and year.
    """

    items: Annotated[tuple[AdoptItem, ...], Meta(max_length=1000)] = ()
    all_sure: bool = False

    def to_domain(self) -> list[AdoptionChoice]:
        """Return the choices as values of the application."""
        return [
            AdoptionChoice(folder=each.folder, series=each.key, provider=each.provider)
            for each in self.items
        ]
