"""Fake catalogue whose series are lists, without a network."""

import attrs

from aniworld_core.domain.catalogue import (
    Episode,
    ListPreview,
    ListRules,
    PreviewEntry,
    Series,
    choose_entries,
)
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.errors import AniworldError, NeedsPersonError
from aniworld_core.messages import Message
from aniworld_core.ports.loader import ListLoader
from aniworld_core.testing.fakes.sources import FakeLoader


@attrs.frozen
class _Entry:
    episode: Episode
    published: str | None = None
    duration: float | None = None
    is_live: bool = False
    is_short: bool = False

    @property
    def title(self) -> str:
        return self.episode.titles.en or self.episode.titles.de or ""


@attrs.define(eq=False)
class FakeListLoader(FakeLoader, ListLoader):
    """Catalogue of given series whose episodes are the entries of a list, without dates.

    Attributes:
        refusals: Reasons of episodes whose download a site refused.
    """

    refusals: dict[EpisodeRef, Message] = attrs.field(factory=dict, kw_only=True)

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        return await self.get_list(key, ref, ListRules())

    async def get_list(self, key: SeriesKey, ref: str, rules: ListRules) -> Series:
        await self._ask(f"get_list {key}")
        return self._chosen(self._find(key), rules)

    async def peek(self, key: SeriesKey, ref: str, rules: ListRules) -> Series:
        await self._ask(f"peek {key}")
        return self._chosen(self._find(key), rules)

    async def refresh(self, known: Series) -> Series:
        return await self.get_list(known.key, "", known.list_rules or ListRules())

    async def choose(self, known: Series) -> Series:
        return self._chosen(self._find(known.key), known.list_rules or ListRules())

    async def note_refusal(self, episode: EpisodeRef, error: AniworldError) -> Message | None:
        if not isinstance(error, NeedsPersonError):
            return None
        return self.refusals.setdefault(episode, Message("entry_login"))

    async def preview(self, link: str, rules: ListRules, *, limit: int) -> ListPreview:
        await self._ask(f"preview {link}")
        series = self._find(self.key_from_link(link))
        taken, left_out = choose_entries([_Entry(e) for e in series.episodes], rules)
        return ListPreview(
            name=series.name,
            link=series.link,
            total=len(series.episodes),
            taken=len(taken),
            left_out=left_out,
            entries=tuple(
                PreviewEntry(
                    season=entry.episode.season,
                    number=entry.episode.number,
                    title=entry.title,
                    link=entry.episode.link,
                    published=None,
                    duration=None,
                    unavailable=entry.episode.unavailable,
                )
                for entry in taken[:limit]
            ),
        )

    def _chosen(self, series: Series, rules: ListRules) -> Series:
        taken, _ = choose_entries([_Entry(e) for e in series.episodes], rules)
        episodes = tuple(
            attrs.evolve(entry.episode, available=False, unavailable=reason)
            if (reason := self.refusals.get(series.ref(entry.episode)))
            else entry.episode
            for entry in taken
        )
        return attrs.evolve(series, list_rules=rules, episodes=episodes)
