"""`aniworld upgrades`."""

from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.commands.downloads.choosing import parse_selections
from aniworld_cli.commands.downloads.working import print_skipped
from aniworld_cli.completing import FreeText, KeyText
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import said, tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.downloads import SkippedView, Submission, UpgradeRequest, UpgradeView
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.errors import UsageError


async def upgrades(
    key: KeyText | None = None,
    /,
    *episodes: Annotated[FreeText, Parameter(name="EPISODES")],
    queue: bool = False,
    session: CurrentSession,
) -> int:
    """List episodes whose file is not the best by languages.order and the quality.

    With --queue, those that the catalogue lists in a better language now, and those with a lower
    picture than wanted, are queued. The old file goes to the recycle bin when the new one is
    checked. With languages.upgrade, each scheduled scan queues better languages automatically.

    Args:
        key: Keys of the series; all monitored series if omitted.
        episodes: Seasons, episodes or ranges such as S01, S01E02 or S01E03-E08; all if omitted.
        queue: Queue what can be upgraded.
        session: The run it belongs to.
    """
    if episodes and not queue:
        raise UsageError("episodes are chosen with --queue only", hint="leave them out to list")
    chosen = parse_selections(episodes) if episodes else None
    output = session.output
    async with session.bookkeeping() as app:
        keys = () if key is None else (await app.catalogue.key_of(key),)
        request = UpgradeRequest(keys=keys, episodes=chosen)
        if queue:
            return _queued(app, await app.upgrades.queue(request), output)
        candidates = await app.upgrades.waiting(request.keys)
        queued = await app.upgrades.queued(candidates)
        views = [
            UpgradeView.of(candidate, queued=candidate.episode in queued)
            for candidate in candidates
        ]
    if output.is_json:
        output.view(views)
        return DONE
    output.table(
        ("Episode", "File", "Why", "Available", "Queued"),
        [
            (
                str(candidate.episode),
                candidate.file,
                "; ".join(map(said, candidate.reasons)),
                ", ".join(view.available_languages),
                tr("yes") if view.queued else "",
            )
            for candidate, view in zip(candidates, views, strict=True)
        ],
    )
    if not candidates:
        output.talk("no episode waits for a better file")
    return DONE


def _queued(app: Application, submission: Submission, output: Output) -> int:
    items = app.queue_reader.views(submission.entries)
    if output.is_json:
        output.documents(items=items, skipped=list(map(SkippedView.of, submission.skipped)))
    else:
        print_skipped(output, submission.skipped)
        output.talk(tr("queued {n:# episode|# episodes}", n=len(items)))
    return DONE
