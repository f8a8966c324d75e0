"""`aniworld history`."""

from typing import Annotated, Final

from cyclopts import Parameter
from cyclopts.validators import Number

from aniworld_cli.completing import KeyText
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import said, tr, translated
from aniworld_cli.session import CurrentSession
from aniworld_core.application.automation import HistoryEntryView
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.automation import HistoryKind, HistoryQuery
from aniworld_core.domain.identity import SeriesKey, format_episode_code, parse_series_key

#: Kinds of entries that are named otherwise than in JSON.
_NAMES: Final = {
    HistoryKind.ADDED.value: "series added",
    HistoryKind.REMOVED.value: "series removed",
    HistoryKind.BULK.value: "many series",
    HistoryKind.CHANGED.value: "files changed",
}


async def history(
    *,
    kind: list[HistoryKind] | None = None,
    key: KeyText | None = None,
    search: str = "",
    changes: bool = False,
    limit: Annotated[int, Parameter(validator=Number(gte=1))] = 50,
    session: CurrentSession,
) -> int:
    """List what was added, queued, downloaded, failed and changed, newest first.

    Changes of files have a number, with which `aniworld undo` takes them back.

    Args:
        kind: List only entries of this kind; may be given more than once.
        key: List only entries of this series.
        search: List only entries with this text in their title or file.
        changes: List only changes of library files.
        limit: Maximum number of entries.
        session: The run it belongs to.
    """
    kinds = frozenset(kind or ())
    if changes:
        kinds = kinds & {HistoryKind.CHANGED} if kind else frozenset({HistoryKind.CHANGED})
    async with session.bookkeeping() as app:
        query = HistoryQuery(
            kinds=kinds,
            key=None if key is None else await _key(app, key),
            search=search,
            limit=limit,
        )
        # No kind would mean all of them, where the options together leave none.
        views = (await app.history.find(query)).items if kinds or not (kind or changes) else ()
    if session.output.is_json:
        session.output.view(views)
        return DONE
    if not views:
        session.output.talk("nothing of this kind has happened yet")
    session.output.table(
        ("Id", "Time (UTC)", "What", "Title", "By", "Result"),
        [
            (
                "" if view.id is None else str(view.id),
                (view.at or "")[:19].replace("T", " "),
                _what(view),
                _title(view),
                view.by_name or translated(view.by.replace("_", " ")),
                _result(view),
            )
            for view in views
        ],
    )
    return DONE


async def _key(app: Application, name: str) -> SeriesKey:
    """Return the key of a series in the history, also of one that was removed, or the library."""
    key = parse_series_key(name)
    known = await app.history.find(HistoryQuery(key=key, limit=1))
    return key if known.total else await app.catalogue.key_of(name)


def _what(view: HistoryEntryView) -> str:
    name = view.origin or view.kind
    what = translated(_NAMES.get(name, name))
    if view.undoes is None:
        return what
    return tr("{what} of {change}", what=what, change=view.undoes)


def _title(view: HistoryEntryView) -> str:
    if view.season is None or view.episode is None:
        return view.title
    return f"{view.title} {format_episode_code(view.season, view.episode)}"


def _result(view: HistoryEntryView) -> str:
    if view.status is None:
        return said(view.detail or "")
    status = translated("undone" if view.is_undone else view.status)
    return f"{status}: {said(view.reason)}" if view.reason else status
