"""Documented JSON shapes of catalogue results: search hits, browse entries and errors."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from aniworld_core.domain.catalogue import BrowseEntry, SeriesMatch
from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import AniworldError
from aniworld_core.messages import kind_of, values_of, values_to_wire


@attrs.frozen(kw_only=True)
class ErrorView:
    """An error: one line in English, its kind and values, and a hint."""

    error: str
    kind: str
    hint: str | None
    values: Mapping[str, Any]
    hint_kind: str | None = None
    hint_values: Mapping[str, Any] = attrs.field(factory=dict)

    @classmethod
    def of(cls, error: AniworldError) -> "ErrorView":
        """Return the view of an error."""
        return cls(
            error=str(error),
            kind=error.kind,
            hint=None if error.hint is None else str(error.hint),
            values=values_to_wire(error.values),
            hint_kind=kind_of(error.hint),
            hint_values=values_of(error.hint),
        )

    @classmethod
    def of_failure(cls, failure: Failure) -> "ErrorView":
        """Return the view of a stored failure."""
        return cls(
            error=failure.message,
            kind=failure.kind,
            hint=None,
            values=values_to_wire(failure.values),
        )


@attrs.frozen(kw_only=True)
class SearchHitView:
    """One search result."""

    key: str
    name: str
    site: str
    link: str
    provider: str
    cover_url: str | None
    year: int | None
    description: str
    in_library: bool

    @classmethod
    def of(
        cls, match: SeriesMatch, library: Mapping[tuple[str, str], SeriesKey]
    ) -> "SearchHitView":
        """Return the view of a search result.

        Args:
            match: The search result.
            library: Key of every series of the library by provider and key in its catalogue. A
                series that is there has the key of the library: another site may have its own.
        """
        return cls(
            key=library.get((match.provider, match.key), match.key),
            name=match.name,
            site=match.site,
            link=match.link,
            provider=match.provider,
            cover_url=match.cover_url,
            year=match.year,
            description=match.description,
            in_library=(match.provider, match.key) in library,
        )


@attrs.frozen(kw_only=True)
class SilentCatalogueView:
    """A catalogue that did not answer, with the error."""

    provider: str
    error: ErrorView


@attrs.frozen(kw_only=True)
class SearchReportView:
    """Search results, and the catalogues that did not answer."""

    hits: tuple[SearchHitView, ...]
    silent: tuple[SilentCatalogueView, ...]


@attrs.frozen(kw_only=True)
class BrowseEntryView:
    """An entry of a browse list; `date` is a day in the catalogue's own calendar."""

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
    def of(
        cls, entry: BrowseEntry, library: Mapping[tuple[str, str], SeriesKey]
    ) -> "BrowseEntryView":
        """Return the view of an entry.

        Args:
            entry: The entry.
            library: Key of every series of the library by provider and key in its catalogue. A
                series that is there has the key of the library: another site may have its own.
        """
        known = entry.languages
        return cls(
            key=library.get((entry.provider, entry.key), entry.key),
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


@attrs.frozen(kw_only=True)
class BrowseReportView:
    """A part of a browse list, and the catalogues that did not answer."""

    entries: tuple[BrowseEntryView, ...]
    silent: tuple[SilentCatalogueView, ...]


def wire_time(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC with `Z`."""
    if moment is None:
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def megabits(rate: float) -> float:
    """Return bytes per second as megabits per second with two decimals."""
    return round(rate * 8 / 1_000_000, 2)
