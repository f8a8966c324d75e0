"""The documented shape of what stands on a shelf, beside those of `views`."""

from collections.abc import Collection

import attrs

from aniworld_core.application.views import wire_time
from aniworld_core.domain.shelves import ShelfEntry


@attrs.frozen(kw_only=True)
class ShelfEntryView:
    """A series or an episode on a shelf; `date` is a day of the catalogue's own calendar."""

    key: str
    name: str
    site: str
    link: str
    provider: str
    cover_url: str | None
    year: int | None
    in_library: bool
    season: int | None
    episode: int | None
    code: str | None
    languages: tuple[str, ...] | None
    date: str | None
    at: str | None

    @classmethod
    def of(cls, entry: ShelfEntry, library: Collection[tuple[str, str]]) -> "ShelfEntryView":
        """Show an entry.

        Args:
            entry: The entry.
            library: Provider and key of every series of the library.
        """
        known = entry.languages
        return cls(
            key=entry.key,
            name=entry.name,
            site=entry.site,
            link=entry.link,
            provider=entry.provider,
            cover_url=entry.cover_url,
            year=entry.year,
            in_library=(entry.provider, entry.key) in library,
            season=entry.season,
            episode=entry.number,
            code=entry.code,
            languages=None if known is None else tuple(sorted(x.code for x in known)),
            date=entry.day.isoformat() if entry.day else None,
            at=wire_time(entry.at),
        )
