"""`aniworld download`."""

from collections.abc import Sequence

from aniworld_cli.commands.downloads.choosing import (
    QualityName,
    parse_selections,
    read_languages,
    read_quality,
)
from aniworld_cli.commands.downloads.working import (
    NOT_YET_AVAILABLE,
    finish,
    print_skipped,
    work,
    work_view,
)
from aniworld_cli.completing import FreeText, KeyText
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.downloads import DrainReport, EpisodeRequest, Submission
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.catalogue import SeriesFilter, SeriesQuery
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import NotYetAvailableError, UsageError


async def download(
    key: KeyText | None = None,
    /,
    *selection: FreeText,
    missing: bool = False,
    all_missing: bool = False,
    again: bool = False,
    language: str | None = None,
    quality: QualityName | None = None,
    dry_run: bool = False,
    session: CurrentSession,
) -> int:
    """Queue episodes and download them now.

    Args:
        key: Key of the series.
        selection: Episodes, such as S01, S01E03 or S01E03-E08; all if omitted.
        missing: Select the missing episodes of the series.
        all_missing: Select the missing episodes of all series.
        again: Download the selected episodes again. After a check, the new files replace the old
            ones, which are moved to the recycle bin.
        language: Preferred languages, best first, such as ger-dub,ger-sub.
        quality: Preferred quality: best, worst or the maximum height.
        dry_run: Show what would be queued; change nothing.
        session: The run of the command.
    """
    if (key is None) is not all_missing:
        raise UsageError(
            "give a series, or use --all-missing"
            if key is None
            else "give a series or --all-missing, not both",
            hint="aniworld download KEY [S01E03], or aniworld download --all-missing",
        )
    if selection and missing:
        raise UsageError("--missing and a selection exclude each other")
    if again and not selection:
        raise UsageError("--again needs a selection", hint="aniworld download KEY S01E03 --again")
    request = EpisodeRequest(
        selections=parse_selections(selection) if selection else None,
        missing_only=missing or all_missing,
        again=again,
        languages=read_languages(language),
        quality=read_quality(quality),
    )
    if dry_run:
        async with session.bookkeeping() as app:
            return await _show_plan(app, session, await _key(app, key), request)
    async with session.application() as app:
        _ = app.library.root  # Without a library folder, queue nothing.
        keys = await _keys(app, await _key(app, key))
        plan = _merged([await app.queue.submit(each, request) for each in keys], request)
        return await _carry_out(app, session, plan, request)


async def _key(app: Application, text: str | None) -> SeriesKey | None:
    return None if text is None else await app.catalogue.key_of(text)


async def _carry_out(
    app: Application, session: CurrentSession, plan: Submission, request: EpisodeRequest
) -> int:
    # Also download the open items of an interrupted run, so that the command can be repeated.
    held = [s.item_id for s in plan.skipped if s.item_id is not None]
    skipped = [s for s in plan.skipped if s.item_id is None]
    only = [*(item.id for item in plan.items), *held]
    if held and (request.languages or request.quality):
        session.output.talk("items that were already queued keep their language and quality")
    if only:
        report = await work(app, session.output, only=only, total=len(only))
        return await finish(app, session.output, report, skipped)
    if request.selections and {s.reason for s in skipped} == {NOT_YET_AVAILABLE}:
        wanted = request.languages or app.current_config.value.languages.order
        codes = ", ".join(str(s.episode) for s in skipped)
        raise NotYetAvailableError(codes, [w.code for w in wanted], ())
    session.output.talk("nothing to download" if skipped else "nothing is missing")
    return await finish(app, session.output, _NOTHING, skipped)


async def _show_plan(
    app: Application, session: CurrentSession, key: SeriesKey | None, request: EpisodeRequest
) -> int:
    keys = await _keys(app, key)
    plan = _merged([await app.queue.preview(each, request) for each in keys], request)
    if session.output.is_json:
        waiting = DrainReport(completed=(), failed=(), waiting=plan.items)
        session.output.view(work_view(app, waiting, plan.entries, plan.skipped))
        return DONE
    print_skipped(session.output, plan.skipped)
    session.output.talk(tr("{n:# episode|# episodes} would be queued", n=len(plan.items)))
    session.output.table(
        ("Series", "Episode", "Title"),
        [
            (entry.item.episode.series_key, entry.item.episode.code, entry.title())
            for entry in plan.entries
        ],
    )
    return DONE


async def _keys(app: Application, key: SeriesKey | None) -> Sequence[SeriesKey]:
    if key is not None:
        return [key]
    page = await app.catalogue.list(SeriesQuery(filter=SeriesFilter.MISSING))
    return [summary.key for summary in page.items]


def _merged(submissions: Sequence[Submission], request: EpisodeRequest) -> Submission:
    """Return the submissions as one; announced episodes are never missing."""
    joined = Submission.joined(submissions)
    if not request.missing_only:
        return joined
    skipped = tuple(s for s in joined.skipped if s.reason != NOT_YET_AVAILABLE)
    return Submission(entries=joined.entries, skipped=skipped)


_NOTHING = DrainReport(completed=(), failed=(), waiting=())
