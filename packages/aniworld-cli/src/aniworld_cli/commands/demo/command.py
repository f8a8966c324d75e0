"""`aniworld demo`: the complete program with an embedded catalogue and its own data folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import anyio
from cyclopts import Parameter

from aniworld_cli.commands.demo.library import (
    CATALOGUE,
    add_series,
    all_series,
    open_items,
    queue_series,
)
from aniworld_cli.commands.demo.serving import serve_demo
from aniworld_cli.commands.downloads.working import finish, work
from aniworld_cli.exit_codes import DONE, SOME_FAILED
from aniworld_cli.paths import expanded
from aniworld_cli.rendering.formats import bytes_text, seconds_text
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.downloads import DrainReport
from aniworld_core.bootstrap.config_access import config_editor
from aniworld_core.bootstrap.plugins import adapter_distributions, scheme_of
from aniworld_core.bootstrap.settings import Settings, read_variables
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import BadMediaError, LibraryUnavailableError, UsageError
from aniworld_core.messages import os_reason

_DATA_DIR: Final = "ANIWORLD_DATA_DIR"
_DATABASE_URL: Final = "DATABASE_URL"


async def demo(
    *,
    directory: Annotated[Path, Parameter(name="--dir")] = Path("aniworld-demo"),
    once: bool = False,
    session: CurrentSession,
) -> int:
    """Try everything with an embedded catalogue, without the internet.

    Starts the server, then adds and downloads half of the catalogue. The other half is left for you
    to search and add. Stop it with Ctrl-C.

    Args:
        directory: Library folder of the demo; its data is stored in .aniworld inside.
        once: Start no server: add and download everything, print a summary and exit.
        session: The run of the command.
    """
    if session.library is not None:
        raise UsageError("the demo uses its own library", hint="choose it with --dir")
    root = expanded(directory).absolute()
    settings = await _prepare(root, session)
    return await (_once(settings, session) if once else serve_demo(settings, session))


async def _once(settings: Settings, session: CurrentSession) -> int:
    """Add and download everything, and check that the files play."""
    started = anyio.current_time()
    async with session.application(settings) as app:
        hits = await all_series(app)
        session.output.talk(tr("the demo catalogue has {n} series", n=len(hits)))
        added = await add_series(app, session.output, hits)
        plan = await queue_series(app, added)
        only = open_items(plan)
        skipped = [s for s in plan.skipped if s.item_id is None]
        report = DrainReport(completed=(), failed=(), waiting=())
        if only:
            report = await work(app, session.output, only=only, total=len(only))
        code = await finish(app, session.output, report, skipped)
        added = {key: await app.catalogue.get(key) for key in added}
        broken = await _broken_files(app, added)
        size = await _size(app, added)
    _sum_up(session.output, settings, added, report, size, anyio.current_time() - started)
    for file, why in broken.items():
        session.output.warn(tr("{file} does not play: {why}", file=str(file), why=why))
    return SOME_FAILED if broken and code == DONE else code


async def _prepare(root: Path, session: CurrentSession) -> Settings:
    """Write the demo's own configuration, so that other commands can use the same data folder."""
    own = root / ".aniworld"
    # It uses no other environment variable, so that the user's library, keys and SQLite file stay
    # untouched. The database of a server is one that was made for it.
    asked = read_variables((_DATA_DIR, _DATABASE_URL), dotenv=None)
    url = asked.get(_DATABASE_URL, "")
    settings = Settings(
        data_dir=session.data_dir or asked.get(_DATA_DIR) or own,
        anime_directory=root,
        database_url="" if not url or scheme_of(url) == "sqlite" else url,
        loaders=(CATALOGUE,),
    )
    try:
        await anyio.Path(root).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryUnavailableError(str(root), os_reason(error)) from error
    if settings.data_dir == own:
        others = [n for n in adapter_distributions("aniworld.loader") if n != CATALOGUE]
        await config_editor(settings).replace(
            {
                "other": {"anime_directory": str(root)},
                "downloads": {"concurrent": 3},
                "providers": {
                    CATALOGUE: {"enabled": True},
                    **{name: {"enabled": False} for name in others},
                },
            }
        )
    return settings


def _files(added: Mapping[SeriesKey, Series]) -> Sequence[str]:
    return [e.file for series in added.values() for e in series.episodes if e.file]


async def _broken_files(app: Application, added: Mapping[SeriesKey, Series]) -> Mapping[str, str]:
    """Open every file with the inspector and return those that do not play."""
    broken: dict[str, str] = {}
    for file in _files(added):
        try:
            await app.inspector.inspect(app.library.root / file)
        except BadMediaError as error:
            broken[file] = error.reason
    return broken


async def _size(app: Application, added: Mapping[SeriesKey, Series]) -> int:
    return sum(
        [(await anyio.Path(app.library.root / file).stat()).st_size for file in _files(added)]
    )


def _sum_up(
    output: Output,
    settings: Settings,
    added: Mapping[SeriesKey, Series],
    report: DrainReport,
    size: int,
    seconds: float,
) -> None:
    files = len(_files(added))
    if not report.completed and not report.failed and not report.waiting:
        output.talk("nothing to download: all episodes exist already")
    if output.is_json:
        return
    output.facts(
        {
            "Series": str(len(added)),
            "Episodes": f"{files} ({len(report.completed)} downloaded now)",
            "Size": bytes_text(size),
            "Time": seconds_text(seconds),
            "Library": str(settings.anime_directory),
        }
    )
    output.talk(
        tr("continue with: aniworld --data-dir {folder} list", folder=str(settings.data_dir))
    )
