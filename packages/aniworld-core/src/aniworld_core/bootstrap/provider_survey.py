"""What is installed to find and fetch media, and how it has done lately."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import anyio.to_thread
import attrs

from aniworld_core.application.catalogue import wire_time
from aniworld_core.application.downloads import megabits
from aniworld_core.bootstrap.application import Application
from aniworld_core.bootstrap.plugins import adapter_distributions, load_adapter
from aniworld_core.domain.catalogue import BrowseListName, SourceScore
from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.errors import AdapterBrokenError

_CATALOGUE: Final = ("search", "series", "episodes", "sources")
_GROUPS: Final = {
    "catalogue": "aniworld.loader",
    "resolver": "aniworld.resolver",
    "fetcher": "aniworld.fetcher",
}


@attrs.frozen(kw_only=True)
class HosterView:
    """How one hoster of a catalogue has done in one language."""

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
        """Show a score."""
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
class InstalledProvider:
    """One installed provider.

    Attributes:
        kind: `catalogue`, `resolver` or `fetcher`.
        status: `ok`, `resting` (left alone after failures), `disabled`, `broken`, or the kind of
            error it answered with when it was asked last, such as `needs_person`.
        detail: Why, when it is not well; otherwise who offers it.
        capabilities: What it can do; for a fetcher the kinds of streams it takes.
        left_alone_until: Until when it is resting.
        hosters: How its hosters have done; of a catalogue only.
        link: The page to open, when it wants a person.
        last_asked_at: When it was asked last in this run; of a catalogue only.
        hint: What can be done about it, when it is not well and that is known.
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


async def survey_providers(app: Application) -> Sequence[InstalledProvider]:
    """List every installed provider; nobody is asked anything.

    Catalogues come first, in the order in which they are asked, then the others by kind and
    name.

    Raises:
        StorageUnavailableError: If the scores cannot be read.
    """
    offered = await anyio.to_thread.run_sync(_offered)
    scores = await app.scores.find()
    resting = {name: wire_time(until) for name, until in app.circuits.open_circuits().items()}
    found = [
        _troubled(
            InstalledProvider(
                name=loader.name,
                site=loader.site,
                kind="catalogue",
                enabled=True,
                status="ok",
                detail=_from(offered["catalogue"].get(loader.name)),
                capabilities=(
                    *_CATALOGUE,
                    *(s.value for s in BrowseListName if s in loader.browse_lists),
                ),
                left_alone_until=resting.get(loader.name),
                hosters=_hosters(scores, loader.name),
                last_asked_at=wire_time(app.circuits.last_asked(loader.name)),
            ),
            app.circuits.troubles(loader.name),
        )
        for loader in app.catalogue.loaders
    ]
    broken = app.catalogue.loaders.broken
    found += [_not_open("catalogue", name, reason) for name, reason in broken.items()]
    found += await _idle("catalogue", offered["catalogue"], {p.name for p in found})
    for kind, opened in (("resolver", _resolvers(app)), ("fetcher", _fetchers(app))):
        found += [
            InstalledProvider(
                name=name,
                site="",
                kind=kind,
                enabled=True,
                status="ok",
                detail=_from(offered[kind].get(name)),
                capabilities=capabilities,
            )
            for name, capabilities in sorted(opened.items())
        ]
        found += await _idle(kind, offered[kind], set(opened))
    return found


def _troubled(provider: InstalledProvider, troubles: Sequence[Failure]) -> InstalledProvider:
    """Say how it was when it was asked last."""
    for failure in troubles[:1]:
        provider = attrs.evolve(
            provider, status=failure.kind, detail=failure.message, link=failure.link
        )
    return attrs.evolve(provider, status="resting") if provider.left_alone_until else provider


def _offered() -> dict[str, Mapping[str, str]]:
    return {kind: adapter_distributions(group) for kind, group in _GROUPS.items()}


def _hosters(scores: Iterable[SourceScore], provider: str) -> tuple[HosterView, ...]:
    return tuple(HosterView.of(score) for score in scores if score.place.provider == provider)


def _resolvers(app: Application) -> dict[str, tuple[str, ...]]:
    return {
        resolver.name: ("resolve", "fallback") if resolver.is_fallback else ("resolve",)
        for resolver in app.resolvers
    }


def _fetchers(app: Application) -> dict[str, tuple[str, ...]]:
    samples = [Stream(url="https://host.invalid/media", kind=kind) for kind in StreamKind]
    return {
        fetcher.name: tuple(s.kind.value for s in samples if fetcher.accepts(s))
        for fetcher in app.fetchers
    }


async def _idle(
    kind: str, offered: Mapping[str, str], known: Iterable[str]
) -> list[InstalledProvider]:
    """Those that are installed and not open: switched off, or not even loadable."""
    missing = [name for name in offered if name not in set(known)]
    reasons = await anyio.to_thread.run_sync(
        lambda: {name: _reason_not_loaded(_GROUPS[kind], name) for name in missing}
    )
    idle = []
    for name, reason in reasons.items():
        if reason is None and kind == "catalogue":
            idle.append(_disabled(name, offered[name]))
        else:
            idle.append(_not_open(kind, name, reason or "it could not be opened"))
    return idle


def _reason_not_loaded(group: str, name: str) -> str | None:
    try:
        load_adapter(group, name)
    except AdapterBrokenError as error:
        return error.reason
    return None


def _disabled(name: str, distribution: str) -> InstalledProvider:
    return InstalledProvider(
        name=name,
        site="",
        kind="catalogue",
        enabled=False,
        status="disabled",
        detail=f"from {distribution}; switch it on with providers.{name}.enabled",
        capabilities=_CATALOGUE,
        hint=f"switch it on: aniworld config set providers.{name}.enabled true",
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
        hint="update or remove the distribution that offers it; everything else goes on",
    )


def _from(distribution: str | None) -> str:
    return f"from {distribution}" if distribution else "given by the program"
