"""`aniworld identify`."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Final

from cyclopts import Parameter
from cyclopts.validators import Number

from aniworld_cli.completing import KeyText
from aniworld_cli.exit_codes import DONE, SOME_FAILED, code_of_several
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import said, tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import SourceResult, SourceResultView
from aniworld_core.errors import AniworldError, UsageError

#: Highest age in days: about a century.
_MOST_DAYS: Final = 36_500


async def identify(
    key: Annotated[KeyText | None, Parameter(name="KEY")] = None,
    /,
    *,
    entry: Annotated[str | None, Parameter(name="--as")] = None,
    every: Annotated[bool, Parameter(name="--all")] = False,
    max_age: Annotated[
        int, Parameter(name="--max-age", validator=Number(gte=0, lte=_MOST_DAYS))
    ] = 7,
    session: CurrentSession,
) -> int:
    """Find a series in the metadata sources, or update what is known.

    The entry gives ids, aliases for the names of folders, and air dates: an episode that airs
    later is announced, not missing. If no entry is sure, the candidates are listed.

    Args:
        key: Key of the series.
        entry: Take this entry, such as anilist:16498.
        every: Identify the whole library. After an interruption the same command goes on.
        max_age: With --all, leave out entries that are younger than this many days.
        session: The run it belongs to.
    """
    output = session.output
    if every == (key is not None) or (every and entry is not None):
        raise UsageError("name one series, or use --all", hint="aniworld identify KEY | --all")
    if key is None:
        return await _identify_all(timedelta(days=max_age), session)
    source, colon, entry_id = (entry or "").partition(":")
    if entry is not None and not (source and colon and entry_id):
        raise UsageError(
            tr("{entry} names no entry; write it like anilist:16498", entry=repr(entry))
        )
    async with session.databases() as app:
        wanted = await app.catalogue.key_of(key)
        if entry is None:
            results = await app.identification.identify(wanted)
        else:
            results = [await app.identification.choose(wanted, source, entry_id)]
        now = app.clock.now()
    views = [SourceResultView.of(wanted, result, now) for result in results]
    if output.is_json:
        output.documents(sources=views)
    else:
        _show_all(output, results, views)
        if not views:
            output.talk("no metadata source is enabled")
    return _code(results)


async def _identify_all(max_age: timedelta, session: CurrentSession) -> int:
    output = session.output
    everything: list[SourceResultView] = []
    errors: dict[str, AniworldError] = {}
    async with session.databases() as app:
        async for key, results in app.identification.identify_all(max_age=max_age):
            now = app.clock.now()
            views = [SourceResultView.of(key, result, now) for result in results]
            everything += views
            errors |= {r.source: r.error for r in results if r.error is not None}
            if not output.is_json:
                output.talk(f"{key}:")
                _show_all(output, results, views)
    if output.is_json:
        output.documents(sources=everything)
    else:
        found = sum(view.state == "identified" for view in everything)
        output.talk(
            tr("{found} of {total:# entry|# entries} found", found=found, total=len(everything))
        )
    return code_of_several(list(errors.values())) or DONE


def _show_all(
    output: Output, results: Sequence[SourceResult], views: Sequence[SourceResultView]
) -> None:
    for result, view in zip(results, views, strict=True):
        if result.error is not None:
            output.warn(f"{result.source}: {said(result.error.message)}")
        else:
            _show(output, view)


def _show(output: Output, view: SourceResultView) -> None:
    if view.entry is not None:
        year = f" ({view.entry.year})" if view.entry.year else ""
        airing = ""
        if view.entry.next_airing:
            airing = f"; episode {view.entry.next_episode} airs {view.entry.next_airing}"
        output.talk(f"{view.source}: {view.entry.title}{year}, {view.entry.id}{airing}")
    elif not view.candidates:
        output.talk(f"{view.source}: {tr('nothing found')}")
    else:
        output.talk(f"{view.source}: {tr('not sure; choose one with --as')}")
        output.table(
            ("Entry", "Title", "Year", "Episodes", "Score"),
            [
                (c.id, c.title, str(c.year or ""), str(c.episode_count or ""), str(c.score))
                for c in view.candidates
            ],
        )


def _code(results: Sequence[SourceResult]) -> int:
    """Return 0 if any source knows the series, else the code of the errors, else 1."""
    if any(result.error is None and result.metadata is not None for result in results):
        return DONE
    return code_of_several([r.error for r in results]) or SOME_FAILED
