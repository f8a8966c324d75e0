"""`aniworld identify`."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.exit_codes import DONE, SOME_FAILED, code_of_several
from aniworld_cli.rendering.output import Output
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import SourceResult, SourceResultView
from aniworld_core.errors import UsageError


async def identify(
    key: Annotated[str, Parameter(name="KEY")],
    /,
    *,
    entry: Annotated[str | None, Parameter(name="--as")] = None,
    session: CurrentSession,
) -> int:
    """Find a series in the metadata sources, or update what is known.

    The entry gives ids, aliases for the names of folders, and air dates: an episode that airs
    later is announced, not missing. If no entry is sure, the candidates are listed.

    Args:
        key: Key of the series.
        entry: Take this entry, such as anilist:16498.
        session: The run it belongs to.
    """
    output = session.output
    source, colon, entry_id = (entry or "").partition(":")
    if entry is not None and not (source and colon and entry_id):
        raise UsageError(f"{entry!r} names no entry; write it like anilist:16498")
    async with session.databases() as app:
        wanted = await app.library_actions.key_of(key)
        if entry is None:
            results = await app.identification.identify(wanted)
        else:
            results = [await app.identification.choose(wanted, source, entry_id)]
        now = app.clock.now()
    views = [SourceResultView.of(wanted, result, now) for result in results]
    if output.is_json:
        output.documents(sources=views)
    else:
        for result, view in zip(results, views, strict=True):
            if result.error is not None:
                output.warn(f"{result.source}: {result.error}")
            else:
                _show(output, view)
        if not views:
            output.talk("no metadata source is enabled")
    return _code(results)


def _show(output: Output, view: SourceResultView) -> None:
    if view.entry is not None:
        year = f" ({view.entry.year})" if view.entry.year else ""
        airing = ""
        if view.entry.next_airing:
            airing = f"; episode {view.entry.next_episode} airs {view.entry.next_airing}"
        output.talk(f"{view.source}: {view.entry.title}{year}, {view.entry.id}{airing}")
    elif not view.candidates:
        output.talk(f"{view.source}: nothing found")
    else:
        output.talk(f"{view.source}: not sure; choose one with --as")
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
