"""Fake metadata source."""

from collections.abc import Mapping, Sequence

import attrs

from aniworld_core.domain.catalogue import MetadataEntry
from aniworld_core.errors import AniworldError, MetadataNotFoundError
from aniworld_core.ports.metadata import MetadataSource


@attrs.define(eq=False)
class FakeMetadataSource(MetadataSource):
    """Return given entries; search compares whole titles.

    Attributes:
        entries: Its entries.
        failure: Error to raise instead of any answer.
        asked: Every requested title and id, in order.
    """

    entries: Sequence[MetadataEntry] = ()
    failure: AniworldError | None = None
    asked: list[str] = attrs.field(factory=list)
    called: str = "fake"

    @property
    def name(self) -> str:
        return self.called

    async def search(self, title: str) -> Sequence[MetadataEntry]:
        self._note(title)
        return [entry for entry in self.entries if title in entry.all_titles]

    async def get(self, entry_id: str) -> MetadataEntry:
        self._note(entry_id)
        for entry in self.entries:
            if entry.id == entry_id:
                return entry
        raise MetadataNotFoundError(self.name, entry_id)

    async def find(self, external_ids: Mapping[str, str]) -> MetadataEntry | None:
        wanted = {f"{name}-{value}" for name, value in external_ids.items()}
        self._note(",".join(sorted(wanted)))
        return next((e for e in self.entries if wanted & set(e.external_ids)), None)

    def _note(self, asked: str) -> None:
        self.asked.append(asked)
        if self.failure is not None:
            raise self.failure
