"""The program whose calls are recorded: it queues, removes, configures and downloads.

    python -m proof.power.workload DATA LIBRARY LINK CODE...

It prints one line for each change that was acknowledged: a list of its kind and its value.
A removal has one line more, before it begins.
"""

import json
import os
import sys
from pathlib import Path

import anyio

from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.identity import EpisodeRef, SeriesKey


async def main(*arguments: str) -> None:
    """Queue half of the episodes, then the other half while they are downloaded."""
    data, library, link, *codes = arguments
    settings = Settings(data_dir=Path(data), anime_directory=Path(library))
    async with open_application(settings) as app:
        series = await app.catalogue.add(link)
        half = len(codes) // 2
        for code in codes[:half]:
            await _add(app, series.key, code)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(app.worker.drain)
            for code in codes[half:]:
                await app.config.set({"name": code})
                _say("name", code)
                await _add(app, series.key, code)
        await app.worker.drain()
        _say("done", "")


async def _add(app: Application, key: SeriesKey, code: str) -> None:
    reference = EpisodeRef(key, int(code[1:3]), int(code[4:]))
    queued = await app.queue.enqueue(key, episodes=[reference])
    _say("add", code)
    if int(code[4:]) % 4 == 0:
        _say("removing", code)  # from here on it may be gone
        await app.queue.remove([item.id for item in queued])
        _say("remove", code)
        await app.queue.enqueue(key, episodes=[reference])
        _say("add", code)


def _say(what: str, code: str) -> None:
    # One call, so that the recording has its place among the others.
    os.write(1, json.dumps([what, code]).encode() + b"\n")


if __name__ == "__main__":
    anyio.run(main, *sys.argv[1:])
