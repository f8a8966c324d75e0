"""Fill the library of the demo."""

from collections.abc import Mapping, Sequence
from typing import Final

import anyio

from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import tr
from aniworld_core.application.downloads import EpisodeRequest, Submission
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.catalogue import Episode, Series, SeriesMatch, SeriesQuery
from aniworld_core.domain.identity import EpisodeSelection, ItemId, SeriesKey
from aniworld_core.domain.media import GER_DUB, GER_SUB

CATALOGUE: Final = "demo"
#: Name of a series that shows failures; see the catalogue of the demo.
_OBSTACLES: Final = "Werft der Irrtümer"
_LANGUAGES: Final = (GER_DUB, GER_SUB)


async def all_series(app: Application) -> Sequence[SeriesMatch]:
    """Return all series of the embedded catalogue."""
    return await app.catalogue.search("", provider=CATALOGUE)


async def add_series(
    app: Application, output: Output, hits: Sequence[SeriesMatch]
) -> Mapping[SeriesKey, Series]:
    """Add series; return those that are new."""
    added: dict[SeriesKey, Series] = {}
    for hit in hits:
        addition = await app.series_addition.add(hit.link)
        added[addition.series.key] = addition.series
        if addition.created:
            output.talk(tr("added {name}", name=addition.series.name))
    return added


async def queue_series(app: Application, added: Mapping[SeriesKey, Series]) -> Submission:
    """Queue missing episodes, and episodes whose files were deleted."""
    submissions = []
    for key, series in added.items():
        lost = [e for e in series.episodes if e.file and not await _exists(app, e.file)]
        if lost:
            again = EpisodeRequest(
                selections=tuple(map(_selection_of, lost)), languages=_LANGUAGES, again=True
            )
            submissions.append(await app.queue.submit(key, again))
        submissions.append(await app.queue.submit(key, EpisodeRequest(languages=_LANGUAGES)))
    joined = Submission.joined(submissions)
    queued = {item.episode for item in joined.items}
    skipped = tuple(skipped for skipped in joined.skipped if skipped.episode not in queued)
    return Submission(entries=joined.entries, skipped=skipped)


async def queue_obstacles(app: Application) -> None:
    """Add the series whose downloads fail, and queue it, unless this was done before."""
    known = {series.key for series in (await app.catalogue.list(SeriesQuery())).items}
    for hit in await app.catalogue.search(_OBSTACLES, provider=CATALOGUE):
        if hit.key not in known:
            addition = await app.series_addition.add(hit.link)
            await app.queue.submit(addition.series.key, EpisodeRequest(languages=_LANGUAGES))


def open_items(plan: Submission) -> Sequence[ItemId]:
    """Return the open items, queued by this or an earlier run."""
    held = [s.item_id for s in plan.skipped if s.item_id is not None]
    return [*(item.id for item in plan.items), *held]


def _selection_of(episode: Episode) -> EpisodeSelection:
    return EpisodeSelection(episode.season, episode.number, episode.number)


async def _exists(app: Application, file: str) -> bool:
    return await anyio.Path(app.library.root / file).is_file()
