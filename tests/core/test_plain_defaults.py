"""Flags, counts and durations that nobody has given are false or zero, with exceptions."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from math import inf
from typing import Final

import attrs

from aniworld_core import application, domain
from aniworld_core.domain.configuration import document

#: Class and field -> default. The settings have a table of their own, in `test_defaults`.
EXCEPTIONS: Final[dict[str, object]] = {
    # What a catalogue lists can be downloaded, and is wanted.
    **dict.fromkeys(("Episode.available", "Episode.wanted"), True),
    **dict.fromkeys(("Series.monitored", "SeriesSummary.monitored"), True),
    **dict.fromkeys(("ListRules.live", "ListRules.shorts"), True),
    **dict.fromkeys(("LinkOrder.digest", "LinkOrder.subtitles"), True),
    "DelayRange.of_series": True,
    "MediaServerConfig.enabled": True,
    "QueueChanges.is_complete": True,
    "ScanOptions.refresh": True,
    "SidecarRequest.with_pictures": True,
    # A file has one version of one episode.
    **dict.fromkeys(("Found.version", "ParsedName.version", "VersionTraits.version"), 1),
    "VersionTraits.count": 1,
    "Unit.scale": 1,
    # Limits.
    "HistoryLimit._most": 500_000,
    "LinkOrder.connections": 8,
    "LinkOrder.stall_timeout": 80.0,
    "MediaServersConfig.delay_seconds": 60,
    "PasswordPolicy.max_bytes": 1024,
    "PasswordPolicy.min_length": 8,
    "ProviderConfig.requests_per_minute": 60,
    "RetryPolicy.limit": 3,
    "RetryPolicy.base": timedelta(seconds=5),
    "RetryPolicy.ceiling": timedelta(hours=1),
    "RetryPolicy.jitter": 0.2,
    "DeadWorkerSweep._every": timedelta(seconds=2),
    "ItemSession._lease": timedelta(seconds=12),
    # Nothing was published yet.
    **dict.fromkeys(("BulkJobs._told_at", "LibraryScanner._published_at"), -inf),
}


def _defaults() -> Iterator[tuple[str, object]]:
    for package in (domain, application):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            classes = [each for each in vars(module).values() if isinstance(each, type)]
            for cls in classes:
                if attrs.has(cls) and cls.__module__ == module.__name__ and module is not document:
                    own = (field for field in attrs.fields(cls) if not field.inherited)
                    yield from ((f"{cls.__name__}.{field.name}", field.default) for field in own)


def test_plain_defaults_are_false_or_zero() -> None:
    """An exception is a decision: it is listed with its value."""
    plain = {
        name: value
        for name, value in _defaults()
        if isinstance(value, bool | int | float | timedelta) and not isinstance(value, Enum)
    }
    assert len(plain) > 150
    assert {name: value for name, value in plain.items() if value} == EXCEPTIONS
