"""Installed providers as people and programs see them, asked whether they answer."""

from collections.abc import Mapping, Sequence
from typing import Final

import anyio
import attrs

from aniworld_cli.exit_codes import UNAVAILABLE, code_of
from aniworld_core.application.catalogue import HosterView, InstalledProvider, own_errors, wire_time
from aniworld_core.bootstrap.application import Application
from aniworld_core.domain.catalogue import SourceScore
from aniworld_core.errors import AniworldError
from aniworld_core.ports.loader import Loader

#: How long a catalogue may take to answer; a person is waiting.
_PATIENCE: Final = 15.0
#: Asked only to see whether an answer comes.
_HARMLESS_QUERY: Final = "moon"
#: The states of a catalogue in the words of people; others are said as they are.
_WORDS: Final[Mapping[str, str]] = {
    "needs_person": "blocked",
    "provider_changed": "page changed",
    "provider_unavailable": "not reachable",
    "provider_denied": "denied",
    "restricted": "denied",
    "source_gone": "gone",
    "page_missing": "gone",
    "series_not_found": "gone",
    "not_yet_available": "not yet available",
}


@attrs.frozen(kw_only=True)
class ScoreView(HosterView):
    """How one hoster of a provider has done in one language."""

    provider: str

    @classmethod
    def about(cls, score: SourceScore) -> "ScoreView":
        """Show a score with whose it is."""
        shown = attrs.asdict(HosterView.of(score), recurse=False)
        return cls(**shown, provider=score.place.provider)


@attrs.frozen(kw_only=True)
class Finding:
    """A provider and how its answer would end a command; 0 is well."""

    view: InstalledProvider
    code: int = 0

    @property
    def state(self) -> str:
        """The status in a word or two."""
        return _WORDS.get(self.view.status, self.view.status)


async def ask_providers(app: Application) -> Sequence[Finding]:
    """Survey all providers and ask every enabled catalogue something harmless."""
    found = {(p.kind, p.name): Finding(view=p) for p in await app.providers.survey()}

    async def ask(loader: Loader) -> None:
        place = ("catalogue", loader.name)
        view = attrs.evolve(found[place].view, last_asked_at=wire_time(app.clock.now()))
        found[place] = await _asked(loader, view)

    async with anyio.create_task_group() as tasks:
        for loader in app.catalogue.loaders:
            tasks.start_soon(ask, loader)
    return list(found.values())


async def _asked(loader: Loader, view: InstalledProvider) -> Finding:
    try:
        with anyio.fail_after(_PATIENCE), own_errors(loader.name):
            await loader.search(_HARMLESS_QUERY)
    except AniworldError as error:
        answered = attrs.evolve(
            view,
            status=error.kind,
            detail=str(error),
            link=getattr(error, "link", None) if error.kind == "needs_person" else None,
            hint=error.hint,
        )
        return Finding(view=answered, code=code_of(error))
    except TimeoutError:
        late = f"no answer within {_PATIENCE:.0f} s"
        silent = attrs.evolve(view, status="provider_unavailable", detail=late)
        return Finding(view=silent, code=UNAVAILABLE)
    return Finding(view=attrs.evolve(view, status="ok"))
