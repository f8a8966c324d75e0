"""A bot that posts finished and failed downloads to a chat.

It shares data folder and database with a server or with commands, and reacts to their downloads:

    python bot.py /srv/aniworld https://chat.example/hooks/…

The chat takes `{"text": "…"}`, as Mattermost, Rocket.Chat and Slack do. Stop it with Ctrl-C.
"""

import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import aiohttp
import anyio

from aniworld_core import (
    Application,
    DownloadCompleted,
    DownloadFailed,
    Settings,
    open_application,
)

Send = Callable[[str], Awaitable[None]]


def message_of(event: DownloadCompleted | DownloadFailed) -> str | None:
    """Return the text about an event, or `None` for a failure that is tried again."""
    item = event.item
    if isinstance(event, DownloadCompleted):
        return f"{item.episode} is ready: {item.file}"
    if item.failure is None or item.failure.retryable:
        return None
    link = f" {item.failure.link}" if item.failure.link else ""
    return f"{item.episode} failed: {item.failure.message}{link}"


async def post_news(app: Application, send: Send) -> None:
    """Send a text for each finished and each failed download, until cancelled."""
    async with app.bus.subscribe(DownloadCompleted, DownloadFailed) as events:
        async for event in events:
            if text := message_of(event):
                await send(text)


async def main(data_dir: Path, webhook: str) -> None:
    """Open the shared application and post until Ctrl-C."""
    settings = Settings(data_dir=data_dir)
    async with open_application(settings) as app, aiohttp.ClientSession() as session:

        async def send(text: str) -> None:
            async with session.post(webhook, json={"text": text}) as answer:
                answer.raise_for_status()

        async with anyio.create_task_group() as tasks:
            # Events of other processes on the same database arrive on our bus.
            tasks.start_soon(app.others.run)
            await post_news(app, send)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        anyio.run(main, Path(sys.argv[1]), sys.argv[2])
