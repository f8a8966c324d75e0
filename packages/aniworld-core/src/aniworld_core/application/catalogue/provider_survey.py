"""List installed providers with their state; no provider is queried."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

import anyio.to_thread
import attrs

from aniworld_core.application.catalogue.circuit_breakers import CircuitBreakers
from aniworld_core.application.catalogue.hoster_scores import HosterScores
from aniworld_core.application.catalogue.loaders import Loaders
from aniworld_core.application.catalogue.views import megabits, wire_time
from aniworld_core.domain.catalogue import BrowseListName, SourceScore
from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.messages import Message, MessageView, kind_field, values_field
from aniworld_core.ports.fetcher import MediaFetcher
from aniworld_core.ports.loader import Loader
from aniworld_core.ports.resolver import StreamResolver

_CATALOGUE: Final = ("search", "series", "episodes", "sources")


class InstalledAdapters(Protocol):
    """Adapters that installed distributions offer."""

    def distributions(self, kind: str) -> Mapping[str, str]:
        """Return the distribution of each adapter of a kind by the adapter's name; blocks.

        Args:
            kind: `catalogue`, `resolver` or `fetcher`.
        """

    def problem(self, kind: str, name: str) -> str | None:
        """Return why an adapter cannot be loaded, `None` if it can; blocks."""


@attrs.frozen(kw_only=True)
class HosterView:
    """Score of one hoster of a catalogue in one language."""

    hoster: str
    language: str | None
    tries: int
    successes: int
    speed_mbps: float
    last_failure: str | None
    last_failed_at: str | None
    last_succeeded_at: str | None

    @classmethod
    def of(cls, score: SourceScore) -> "HosterView":
        """Return the view of a score."""
        return cls(
            hoster=score.place.hoster,
            language=score.place.language or None,
            tries=score.tries,
            successes=score.successes,
            speed_mbps=megabits(score.rate),
            last_failure=score.last_failure or None,
            last_failed_at=wire_time(score.last_failed_at),
            last_succeeded_at=wire_time(score.last_succeeded_at),
        )


@attrs.frozen(kw_only=True)
class InstalledProvider(MessageView):
    """One installed provider.

    Attributes:
        kind: `catalogue`, `resolver` or `fetcher`.
        status: `ok`, `resting` (paused after failures), `disabled`, `broken`, or the kind of the
            last error, such as `needs_person`.
        detail: Reason of a status other than `ok`; otherwise the distribution.
        capabilities: Supported operations; of a fetcher the kinds of streams.
        left_alone_until: End of the pause.
        hosters: Scores of its hosters; of a catalogue only.
        link: Page that a person has to open.
        last_asked_at: Time of the last request in this run; of a catalogue only.
        hint: What the owner can do, where that is known.
    """

    name: str
    site: str
    kind: str
    enabled: bool
    status: str
    detail: str
    capabilities: tuple[str, ...]
    left_alone_until: str | None = None
    hosters: tuple[HosterView, ...] = ()
    link: str | None = None
    last_asked_at: str | None = None
    hint: str | None = None
    detail_kind: str | None = kind_field("detail")
    detail_values: Mapping[str, Any] = values_field("detail")


@attrs.define(eq=False, kw_only=True)
class ProviderSurvey:
    """List installed catalogues, resolvers and fetchers with their state."""

    _loaders: Loaders
    _resolvers: Sequence[StreamResolver]
    _fetchers: Sequence[MediaFetcher]
    _circuits: CircuitBreakers
    _scores: HosterScores
    _installed: InstalledAdapters

    async def survey(self) -> Sequence[InstalledProvider]:
        """Return every installed provider; none is queried.

        Catalogues come first, in the order in which they are queried, then the others by kind
        and name.

        Raises:
            StorageUnavailableError: If the scores cannot be read.
        """
        scores = await self._scores.find()
        offered = await self._distributions("catalogue")
        found = [self._catalogue(each, offered, scores) for each in self._loaders]
        broken = self._loaders.broken
        found += [_not_open("catalogue", name, reason) for name, reason in broken.items()]
        found += await self._idle("catalogue", offered, {p.name for p in found})
        capabilities = {"resolver": self._of_resolvers(), "fetcher": self._of_fetchers()}
        for kind, opened in capabilities.items():
            offered = await self._distributions(kind)
            found += [
                InstalledProvider(
                    name=name,
                    site="",
                    kind=kind,
                    enabled=True,
                    status="ok",
                    detail=_from(offered.get(name)),
                    capabilities=able_to,
                )
                for name, able_to in sorted(opened.items())
            ]
            found += await self._idle(kind, offered, set(opened))
        return found

    def _catalogue(
        self, loader: Loader, offered: Mapping[str, str], scores: Iterable[SourceScore]
    ) -> InstalledProvider:
        until = wire_time(self._circuits.open_circuits().get(loader.name))
        lists = (name.value for name in BrowseListName if name in loader.browse_lists)
        provider = InstalledProvider(
            name=loader.name,
            site=loader.site,
            kind="catalogue",
            enabled=True,
            status="ok",
            detail=_from(offered.get(loader.name)),
            capabilities=(*_CATALOGUE, *lists),
            left_alone_until=until,
            hosters=tuple(
                HosterView.of(score) for score in scores if score.place.provider == loader.name
            ),
            last_asked_at=wire_time(self._circuits.last_asked(loader.name)),
        )
        for failure in self._circuits.last_failures(loader.name)[:1]:
            provider = attrs.evolve(
                provider, status=failure.kind, detail=failure.to_message(), link=failure.link
            )
        return attrs.evolve(provider, status="resting") if until else provider

    def _of_resolvers(self) -> dict[str, tuple[str, ...]]:
        return {
            resolver.name: ("resolve", "fallback") if resolver.is_fallback else ("resolve",)
            for resolver in self._resolvers
        }

    def _of_fetchers(self) -> dict[str, tuple[str, ...]]:
        samples = [Stream(url="https://host.invalid/media", kind=kind) for kind in StreamKind]
        return {
            fetcher.name: tuple(s.kind.value for s in samples if fetcher.accepts(s))
            for fetcher in self._fetchers
        }

    async def _distributions(self, kind: str) -> Mapping[str, str]:
        return await anyio.to_thread.run_sync(self._installed.distributions, kind)

    async def _idle(
        self, kind: str, offered: Mapping[str, str], known: Iterable[str]
    ) -> list[InstalledProvider]:
        """Return the providers that are installed and not open: disabled, or broken."""
        missing = [name for name in offered if name not in set(known)]
        reasons = await anyio.to_thread.run_sync(
            lambda: {name: self._installed.problem(kind, name) for name in missing}
        )
        return [
            _disabled(name, offered[name])
            if reason is None and kind == "catalogue"
            else _not_open(kind, name, reason or Message("could_not_be_opened"))
            for name, reason in reasons.items()
        ]


def _disabled(name: str, distribution: str) -> InstalledProvider:
    return InstalledProvider(
        name=name,
        site="",
        kind="catalogue",
        enabled=False,
        status="disabled",
        detail=Message("provider_disabled", distribution=distribution, name=name),
        capabilities=_CATALOGUE,
        hint=Message("provider_disabled.hint", name=name),
    )


def _not_open(kind: str, name: str, reason: str) -> InstalledProvider:
    return InstalledProvider(
        name=name,
        site="",
        kind=kind,
        enabled=True,
        status="broken",
        detail=reason,
        capabilities=(),
        hint=Message("provider_fault.hint"),
    )


def _from(distribution: str | None) -> str:
    return (
        Message("from_distribution", distribution=distribution)
        if distribution
        else Message("given_by_program")
    )
