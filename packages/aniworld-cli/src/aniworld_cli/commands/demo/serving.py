"""`aniworld demo` with its server: downloads one half of the catalogue, leaves the other half."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

import anyio
from anyio import to_thread

from aniworld_cli.commands.demo.library import (
    add_series,
    all_series,
    open_items,
    queue_obstacles,
    queue_series,
)
from aniworld_cli.commands.demo.ready_password import ready_password
from aniworld_cli.commands.downloads.watching import DownloadWatcher
from aniworld_cli.commands.downloads.working import EpisodeNames
from aniworld_cli.commands.server.serve import installed_server
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.display import open_display
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.progress import LineDisplay
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.bootstrap.settings import Settings, read_variables
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.errors import AniworldError, ItemNotFoundError
from aniworld_core.events import QueueDrained

_HOST: Final = "ANIWORLD_HOST"
_PORT: Final = "ANIWORLD_PORT"
_DEFAULT_HOST: Final = "127.0.0.1"
_DEFAULT_PORT: Final = 8000


async def serve_demo(settings: Settings, session: CurrentSession) -> int:
    """Serve the demo until Ctrl-C; the server works the queue."""
    output = session.output
    session.set_up_logging(settings)
    await installed_server()(
        settings,
        variables=_address(output),
        say=output.announce,
        needs_setup_code=False,
        ready_password=await to_thread.run_sync(ready_password, settings.data_dir),
        opened=partial(_filling, output=output),
    )
    output.talk("the demo has ended; run the same command to continue")
    return DONE


def _address(output: Output) -> dict[str, str]:
    """Choose another port if the default port is taken and the user chose none."""
    asked = read_variables((_HOST, _PORT), dotenv=None)
    if _PORT in asked:
        return {}
    host = asked.get(_HOST, _DEFAULT_HOST)
    if _is_free(host, _DEFAULT_PORT):
        return {_PORT: str(_DEFAULT_PORT)}
    output.talk(tr("port {port} is taken; another one is used", port=str(_DEFAULT_PORT)))
    return {_PORT: "0"}


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            return True
    except OSError:
        return False


@asynccontextmanager
async def _filling(app: Application, *, output: Output) -> AsyncIterator[None]:
    """Fill the library while the server runs."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_fill_and_follow, app, output)
        yield
        tasks.cancel_scope.cancel()


async def _fill_and_follow(app: Application, output: Output) -> None:
    try:
        await _fill(app, output)
    except AniworldError as error:
        # The server keeps running, and the user can try again there.
        output.error(error)
    output.talk("press Ctrl-C to end")
    async with app.bus.subscribe(*DownloadWatcher.EVENTS) as events:
        names = EpisodeNames(app)
        await DownloadWatcher(LineDisplay(output=output, label=names.of), names.learn).follow(
            events
        )


async def _fill(app: Application, output: Output) -> None:
    """Add and download the first half of the catalogue."""
    hits = await all_series(app)
    first, rest = hits[: (len(hits) + 1) // 2], hits[(len(hits) + 1) // 2 :]
    output.talk(
        tr(
            "the demo catalogue has {n} series; {first} of them are downloaded now",
            n=len(hits),
            first=len(first),
        )
    )
    added = await add_series(app, output, first)
    async with (
        app.bus.subscribe(*DownloadWatcher.EVENTS) as events,
        app.bus.subscribe(QueueDrained) as drained,
        anyio.create_task_group() as tasks,
    ):
        awaited = open_items(await queue_series(app, added))
        if awaited:
            names = EpisodeNames(app)
            with open_display(output, names.of, len(awaited)) as display:
                follower = DownloadWatcher(display, names.learn)
                tasks.start_soon(follower.follow, events)
                await anext(drained)
                for item_id in awaited:
                    with suppress(ItemNotFoundError):  # The user deleted it meanwhile.
                        await follower.catch_up([await app.queue_reader.item(item_id)])
        tasks.cancel_scope.cancel()
    kept = {key: await app.catalogue.get(key) for key in added}
    have = sum(e.downloaded for series in kept.values() for e in series.episodes)
    output.talk(
        tr("{n:# episode is|# episodes are} in {folder}", n=have, folder=str(app.library.root))
    )
    output.talk(tr("search for and add the others: {names}", names=[hit.name for hit in rest]))
    await queue_obstacles(app)
    output.talk("the queue also shows an episode that failed, and one that needs a person")
