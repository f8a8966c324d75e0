"""The command in this process, on test doubles."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from aniworld_cli.app import run
from aniworld_core.domain.catalogue import Episode, Series, Titles
from aniworld_core.domain.configuration import Config, DownloadsConfig
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.media import GER_DUB, GER_SUB
from aniworld_core.testing import MemoryStorage, make_series
from aniworld_core.testing.fakes import (
    FakeFetcher,
    FakeInspector,
    FakeLoader,
    FakeResolver,
    MemoryConfigStore,
    MemoryWorkerRoster,
)


@attrs.frozen
class Answer:
    """Result of a run of the command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The JSON document on stdout."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The last line on stderr as JSON."""
        return json.loads(self.err.splitlines()[-1])

    @property
    def rows(self) -> list[list[str]]:
        """The lines on stdout, split at tabs."""
        return [line.split("\t") for line in self.out.splitlines()]


@attrs.define(eq=False, kw_only=True)
class Console:
    """Runs commands one after the other on the same library, catalogue and queue."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    loader: FakeLoader = attrs.field(factory=lambda: FakeLoader([lanterns()]))
    resolver: FakeResolver = attrs.field(factory=FakeResolver)
    fetcher: FakeFetcher = attrs.field(factory=FakeFetcher)
    inspector: FakeInspector = attrs.field(factory=FakeInspector)
    storage: MemoryStorage = attrs.field(factory=MemoryStorage)
    config: MemoryConfigStore = attrs.field(
        factory=lambda: MemoryConfigStore(
            Config(downloads=DownloadsConfig(retries=0, reserve_bytes=0))
        )
    )
    adapters: dict[str, Any] = attrs.field(factory=dict)

    @property
    def library(self) -> Path:
        """Folder of the library."""
        return self.folder / "library"

    def doubles(self) -> Mapping[str, Any]:
        """Test doubles of the installed adapters."""
        return {
            "storage": self.storage,
            "loaders": [self.loader],
            "resolvers": [self.resolver],
            "fetchers": [self.fetcher],
            "inspector": self.inspector,
            "config_store": self.config,
            "roster": MemoryWorkerRoster(),
            **self.adapters,
        }

    def __call__(self, *arguments: str, library: bool = True) -> Answer:
        """Run the command and return its result."""
        options = ["--data-dir", str(self.folder / "data")]
        if library:
            self.library.mkdir(exist_ok=True)
            options += ["--library", str(self.library)]
        self.capsys.readouterr()
        code = run([*arguments, *options], self.doubles())
        captured = self.capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    def files(self) -> list[str]:
        """Names of the files in the library, including unfinished ones."""
        return sorted(p.name for p in self.library.rglob("*") if p.is_file())


def episode(season: int, number: int, **fields: Any) -> Episode:
    """Return an episode that is available in German; *fields* change it."""
    fields.setdefault("languages", frozenset({GER_DUB}))
    fields.setdefault("titles", Titles(de=f"Folge {number}", en=f"Part {number}"))
    return Episode(season=season, number=number, **fields)


def lanterns(key: str = "lanterns", *, name: str = "Laternen", site: str = "fake") -> Series:
    """Return a series with two seasons and an announced episode."""
    return make_series(
        key,
        name=name,
        episodes=[
            episode(1, 1),
            episode(1, 2),
            episode(1, 3, languages=frozenset({GER_DUB, GER_SUB})),
            episode(2, 1),
            Episode(season=2, number=2, languages=frozenset(), available=False),
        ],
        provider=site,
        site=f"{site}.invalid",
        link=f"https://{site}.invalid/{key}",
        folder=FolderName(name),
    )
