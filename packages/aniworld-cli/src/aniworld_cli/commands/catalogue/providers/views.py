"""Output of `aniworld providers`: installed providers and whether they answer."""

from collections.abc import Mapping, Sequence
from typing import Final

import anyio
import attrs

from aniworld_cli.exit_codes import UNAVAILABLE, code_of
from aniworld_cli.rendering.texts import tr
from aniworld_core.application.catalogue import HosterView, InstalledProvider, own_errors, wire_time
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.catalogue import SourceScore
from aniworld_core.errors import AniworldError
from aniworld_core.ports.loader import Loader

#: Seconds to wait for a catalogue's answer.
_TIMEOUT: Final = 15.0
#: Search text of the test request; its results are not used.
_TEST_QUERY: Final = "moon"
#: Status of a catalogue -> text for people; other statuses are shown unchanged.
_WORDS: Final[Mapping[str, str]] = {
    "needs_person": "blocked",
    "provider_changed": "page changed",
    "unusable_answer": "unusable answer",
    "not_json": "unusable answer",
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
    """Score of one hoster of a provider in one language."""

    provider: str

    @classmethod
    def about(cls, score: SourceScore) -> "ScoreView":
        """Return the view of a score and its key."""
        shown = attrs.asdict(HosterView.of(score), recurse=False)
        return cls(**shown, provider=score.place.provider)


@attrs.frozen(kw_only=True)
class Finding:
    """A provider and the exit code for its status; 0 means that it works."""

    view: InstalledProvider
    code: int = 0

    @property
    def state(self) -> str:
        """Return the status in one or two words."""
        return _WORDS.get(self.view.status, self.view.status)


async def ask_catalogues(app: Application) -> Sequence[Finding]:
    """Survey all providers and send a test request to every enabled catalogue."""
    found = {(p.kind, p.name): Finding(view=p) for p in await app.providers.survey()}

    async def ask(loader: Loader) -> None:
        place = ("catalogue", loader.name)
        view = attrs.evolve(found[place].view, last_asked_at=wire_time(app.clock.now()))
        found[place] = await _requested(loader, view)

    async with anyio.create_task_group() as tasks:
        for loader in app.catalogue.loaders:
            tasks.start_soon(ask, loader)
    return list(found.values())


async def _requested(loader: Loader, view: InstalledProvider) -> Finding:
    try:
        with anyio.fail_after(_TIMEOUT), own_errors(loader.name):
            await loader.search(_TEST_QUERY)
    except AniworldError as error:
        answered = attrs.evolve(
            view,
            status=error.kind,
            detail=error.message,
            link=getattr(error, "link", None) if error.kind == "needs_person" else None,
            hint=error.hint,
        )
        return Finding(view=answered, code=code_of(error))
    except TimeoutError:
        late = tr("no answer within {seconds} s", seconds=int(_TIMEOUT))
        silent = attrs.evolve(view, status="provider_unavailable", detail=late)
        return Finding(view=silent, code=UNAVAILABLE)
    return Finding(view=attrs.evolve(view, status="ok"))
