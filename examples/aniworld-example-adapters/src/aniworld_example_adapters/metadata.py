"""Metadata source: a file `titles.json` in the data folder, written by hand.

```json
{"paper-moon": {"title": "Paper Moon", "titles": {"ja": "紙の月"}, "year": 2020, "imdb": "tt12345"}}
```
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import anyio.to_thread
import attrs
from aniworld_core.domain.catalogue import MetadataEntry
from aniworld_core.errors import MetadataNotFoundError, ProviderChangedError
from aniworld_core.ports import AdapterContext, Clock, MetadataSource

NAME: Final = "titles"
#: Most entries that a search may return, by the contract of the port.
_MOST_HITS: Final = 20


@attrs.define(eq=False)
class TitlesFile(MetadataSource):
    """Reads the file for every question, so that an edit counts at once."""

    _path: Path
    _clock: Clock

    @property
    def name(self) -> str:
        return NAME

    @property
    def is_local(self) -> bool:
        return True

    async def search(self, title: str) -> Sequence[MetadataEntry]:
        wanted = title.casefold()
        entries = await self._entries()
        hits = [e for e in entries if any(wanted in t.casefold() for t in e.all_titles)]
        return hits[:_MOST_HITS]

    async def get(self, entry_id: str) -> MetadataEntry:
        for entry in await self._entries():
            if entry.id == entry_id:
                return entry
        raise MetadataNotFoundError(NAME, entry_id)

    async def find(self, external_ids: Mapping[str, str]) -> MetadataEntry | None:
        wanted = {f"{database}-{number}" for database, number in external_ids.items()}
        found = (e for e in await self._entries() if wanted & set(e.external_ids))
        return next(found, None)

    async def _entries(self) -> list[MetadataEntry]:
        return await anyio.to_thread.run_sync(self._read)

    def _read(self) -> list[MetadataEntry]:
        try:
            content = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            raise ProviderChangedError(NAME, "a readable titles.json") from error
        if not isinstance(content, dict):
            raise ProviderChangedError(NAME, "a JSON object in titles.json")
        return [self._entry(entry_id, facts) for entry_id, facts in content.items()]

    def _entry(self, entry_id: str, facts: Any) -> MetadataEntry:
        if not isinstance(facts, dict) or not isinstance(facts.get("title"), str):
            raise ProviderChangedError(NAME, f"the title of {entry_id!r}")
        year, imdb = facts.get("year"), facts.get("imdb")
        titles = facts.get("titles")
        ids = [f"{NAME}-{entry_id}", *([f"imdb-{imdb}"] if isinstance(imdb, str) else [])]
        return MetadataEntry(
            source=NAME,
            id=entry_id,
            title=facts["title"],
            link="",
            fetched_at=self._clock.now(),
            titles={str(k): str(v) for k, v in titles.items()} if isinstance(titles, dict) else {},
            year=year if isinstance(year, int) else None,
            external_ids=tuple(ids),
        )


@asynccontextmanager
async def open_source(context: AdapterContext) -> AsyncIterator[MetadataSource]:
    """Open the file of the data folder."""
    yield TitlesFile(context.data_dir / "titles.json", context.clock)
