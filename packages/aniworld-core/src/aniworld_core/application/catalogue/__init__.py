"""Find series in the catalogues and add them; covers, circuit breakers and hoster scores."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.application.catalogue.catalogue import Catalogue
    from aniworld_core.application.catalogue.circuit_breakers import (
        FIRST_REST,
        LONGEST_REST,
        THRESHOLD,
        CircuitBreakers,
        own_errors,
        place_of,
    )
    from aniworld_core.application.catalogue.covers import Covers
    from aniworld_core.application.catalogue.hoster_scores import EXPLORED, HosterScores
    from aniworld_core.application.catalogue.link_list import (
        MAX_LINKS,
        LinkResult,
        add_links,
        links_in,
    )
    from aniworld_core.application.catalogue.loaders import Loaders
    from aniworld_core.application.catalogue.opml import MAX_OPML_BYTES, feeds_in_opml, opml_of
    from aniworld_core.application.catalogue.provider_survey import (
        HosterView,
        InstalledProvider,
        ProviderSurvey,
    )
    from aniworld_core.application.catalogue.series_addition import (
        Addition,
        ExistingFiles,
        Placement,
        SeriesAddition,
    )
    from aniworld_core.application.catalogue.stored_facts import StoredFacts
    from aniworld_core.application.catalogue.views import (
        BrowseEntryView,
        BrowseReportView,
        ErrorView,
        SearchHitView,
        SearchReportView,
        SilentCatalogueView,
        megabits,
        wire_time,
    )

__all__ = [
    "EXPLORED",
    "FIRST_REST",
    "LONGEST_REST",
    "MAX_LINKS",
    "MAX_OPML_BYTES",
    "THRESHOLD",
    "Addition",
    "BrowseEntryView",
    "BrowseReportView",
    "Catalogue",
    "CircuitBreakers",
    "Covers",
    "ErrorView",
    "ExistingFiles",
    "HosterScores",
    "HosterView",
    "InstalledProvider",
    "LinkResult",
    "Loaders",
    "Placement",
    "ProviderSurvey",
    "SearchHitView",
    "SearchReportView",
    "SeriesAddition",
    "SilentCatalogueView",
    "StoredFacts",
    "add_links",
    "feeds_in_opml",
    "links_in",
    "megabits",
    "opml_of",
    "own_errors",
    "place_of",
    "wire_time",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "catalogue": ("Catalogue",),
        "circuit_breakers": (
            "FIRST_REST",
            "LONGEST_REST",
            "THRESHOLD",
            "CircuitBreakers",
            "own_errors",
            "place_of",
        ),
        "covers": ("Covers",),
        "hoster_scores": ("EXPLORED", "HosterScores"),
        "link_list": ("MAX_LINKS", "LinkResult", "add_links", "links_in"),
        "loaders": ("Loaders",),
        "opml": ("MAX_OPML_BYTES", "feeds_in_opml", "opml_of"),
        "provider_survey": ("HosterView", "InstalledProvider", "ProviderSurvey"),
        "series_addition": ("Addition", "ExistingFiles", "Placement", "SeriesAddition"),
        "stored_facts": ("StoredFacts",),
        "views": (
            "BrowseEntryView",
            "BrowseReportView",
            "ErrorView",
            "SearchHitView",
            "SearchReportView",
            "SilentCatalogueView",
            "megabits",
            "wire_time",
        ),
    },
)
