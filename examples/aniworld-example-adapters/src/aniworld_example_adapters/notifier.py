"""Notifier: append each notification to a file, one JSON object per line."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import anyio.to_thread
import attrs
from aniworld_core.domain.automation import Notification
from aniworld_core.errors import NotificationFailedError
from aniworld_core.ports import AdapterContext, Notifier


@attrs.define(eq=False)
class JsonLinesNotifier(Notifier):
    """Append to a file; the path may contain private names, so it is in no error."""

    _path: Path = attrs.field(repr=False)

    async def notify(self, notification: Notification) -> None:
        line = json.dumps(
            {
                "kind": notification.kind.value,
                "at": notification.at.isoformat(),
                "title": str(notification.title),
                "body": str(notification.body),
                "data": dict(notification.data),
            },
            ensure_ascii=False,
        )
        try:
            await anyio.to_thread.run_sync(self._append, line)
        except OSError as error:
            raise NotificationFailedError("the file", error.strerror or str(error)) from error

    def _append(self, line: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


@asynccontextmanager
async def open_notifier(url: str, context: AdapterContext) -> AsyncIterator[Notifier]:
    """Open the notifier of an address such as `jsonl:///srv/anime/events.jsonl`.

    Raises:
        NotificationFailedError: If the address has no path.
    """
    path = unquote(urlsplit(url).path)
    if not path.startswith("/"):
        raise NotificationFailedError("the file", "the address has no path")
    yield JsonLinesNotifier(Path(path))
