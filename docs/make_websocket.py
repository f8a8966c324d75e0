"""Write the reference page `docs/websocket.md` from the code.

`python docs/make_websocket.py` writes it. Each message is made of an invented event by the function
that makes it on a server, so the page shows the fields that clients get.
"""

import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import attrs
import msgspec

from aniworld_core.application.downloads import DownloadItemView, counts_by_name
from aniworld_core.application.downloads.queue.views import WorkerView
from aniworld_core.domain.downloads import (
    BulkJob,
    DownloadItem,
    DownloadStatus,
    JobAction,
    JobKind,
    Progress,
    QueueEntry,
    WorkerState,
)
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.media import GER_SUB
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    DownloadProgressed,
    JobProgressed,
    ScanCompleted,
    ScanFailed,
    ScanProgressed,
    TaskChanged,
)
from aniworld_core.testing import KEY, START, make_failure, make_item
from aniworld_http.websocket import SOCKET_PATH, Limits
from aniworld_http.websocket.messages import (
    ANNOUNCED,
    NOWHERE,
    Message,
    Room,
    make_message,
    progress_message,
    queue_message,
    scan_message,
)
from aniworld_http.websocket.sessions import UNAUTHORIZED

FOLDER: Final = Path(__file__).parent
_SERIES_FOLDER: Final = FolderName("Copper Valley")
_LATER: Final = START + timedelta(minutes=3)
_PROGRESS: Final = Progress(downloaded_bytes=50_000_000, total_bytes=200_000_000, rate=10_000_000.0)
_ITEM: Final = make_item(1, language=GER_SUB, provider="archive", hoster="direct")
_DONE: Final = attrs.evolve(
    _ITEM, file="Copper Valley/Season 01/Copper Valley - S01E01.mp4", completed_at=_LATER
)
_FAILED: Final = attrs.evolve(_ITEM, failure=make_failure(), completed_at=_LATER)
_SCAN: Final = "5f0c"

#: Who sends each message, and when.
_MEANINGS: Final = {
    "connected": "The first message after the sign-in.",
    "error": "An action was not understood; the connection stays open.",
    "pong": "The answer to `ping`.",
    "server_shutdown": "The server ends; the connection is closed with 1001 afterwards.",
    "queue_status": (
        "The state of the queue, what is being downloaded, and the number of items of each status."
        " It comes at once after a room is joined."
    ),
    "download_progress": "Progress of an item. The speed is in Mbit/s.",
    "download_complete": "An episode is complete, checked and in the library.",
    "download_failed": "An item has failed, or waits for a later attempt.",
    "scan_progress": (
        "The state of the scan: `idle`, `running`, `completed` or `failed`. It comes at once after"
        " the room is joined."
    ),
    "scan_complete": "A scan is done, with the numbers that it found.",
    "scan_failed": "A scan ended early, with the reason.",
    "task_changed": "A background task has started or ended.",
    "job_progress": "The state of a bulk job, as in `getJob` of the REST API.",
}


def socket() -> str:
    """Return the page of the WebSocket."""
    limits = Limits()
    rooms = [f"| `{room}` | {_kinds(room)} |\n" for room in Room]
    parts = [
        "# WebSocket\n\nMade from the functions that make the messages; the values are invented."
        f" Connect to `{SOCKET_PATH}` of a server. Every message is an object with `type`,"
        " `timestamp` (UTC) and `data`. All fields are named as in the [REST API](rest.md).\n",
        "## Sign in\n\nSend the token of a sign-in as `Authorization: Bearer TOKEN`, or an API key"
        " in `X-Api-Key`. A browser cannot send headers; there the first message signs in, at"
        f" most {limits.sign_in:g} s after the connection was made:\n\n"
        f"{_json({'action': 'auth', 'data': {'token': 'TOKEN'}})}\n"
        f"The connection is closed with {UNAUTHORIZED} without a valid token, also when its session"
        " ends later. The token never stands in the address, because addresses are logged.\n",
        "## Actions\n\n| action | meaning |\n|---|---|\n"
        "| `auth` | sign in, or replace the token |\n"
        "| `join` | get the messages of a room, and its present state at once |\n"
        "| `leave` | get them no longer |\n"
        "| `ping` | answered by `pong` |\n\n"
        f"{_json({'action': 'join', 'data': {'room': 'downloads'}})}\n"
        "Anything else is answered by `error`, and the connection stays open. A message of a client"
        f" may have {limits.message // 1024} KiB.\n",
        f"## Rooms\n\n| room | messages |\n|---|---|\n{''.join(rooms)}\n"
        "A client in two rooms gets each message once. Progress of an item is sent at most"
        f" {1 / limits.progress:g} times a second, and the newest value counts. A client that reads"
        " too slowly loses messages and gets the present state instead; one that reads nothing for"
        f" {limits.stalled:g} s is disconnected. After a lost connection, sign in and join anew.\n",
        "## Messages\n",
        *(f"### {each['type']}\n\n{_about(each)}\n\n{_json(each)}" for each in _documents()),
    ]
    return "\n".join(parts)


def _about(document: Mapping[str, Any]) -> str:
    return _MEANINGS[document["type"]]


def _kinds(room: Room) -> str:
    return ", ".join(f"`{_document(each)['type']}`" for each in _messages() if room in each.rooms)


def _documents() -> Sequence[Mapping[str, Any]]:
    return [_document(each) for each in _messages()]


def _messages() -> Sequence[Message]:
    progressed = DownloadProgressed(
        item_id=_ITEM.id,
        key=KEY,
        folder=_SERIES_FOLDER,
        season=_ITEM.episode.season,
        episode=_ITEM.episode.number,
        progress=_PROGRESS,
        at=START,
    )
    scanned = ScanProgressed(
        scan_id=_SCAN, done=3, total=12, at=START, key=KEY, folder=_SERIES_FOLDER
    )
    announced = (
        DownloadCompleted(item=_DONE, folder=_SERIES_FOLDER, at=_LATER),
        DownloadFailed(item=_FAILED, folder=_SERIES_FOLDER, at=_LATER),
        ScanCompleted(scan_id=_SCAN, series=12, files=144, missing=2, at=_LATER),
        ScanFailed(scan_id=_SCAN, failure=make_failure(), at=_LATER),
        TaskChanged(name="scan", is_running=True, at=START),
        JobProgressed(job=_job(), at=START),
    )
    told = {
        "connected": {"connection_id": "c1", "rooms": []},
        "error": {"code": "unknown_room", "message": "'films' is none of: downloads"},
        "pong": {},
        "server_shutdown": {"reason": "shutdown"},
    }
    return [
        *(make_message(kind, data, START, rooms=NOWHERE) for kind, data in told.items()),
        _queue(),
        progress_message(progressed),
        scan_message("running", scanned, START),
        *(ANNOUNCED[type(each)](each) for each in announced),
    ]


def _queue() -> Message:
    active: DownloadItem = attrs.evolve(
        _ITEM, status=DownloadStatus.DOWNLOADING, progress=_PROGRESS, started_at=START
    )
    counts = {status: int(status is DownloadStatus.DOWNLOADING) for status in DownloadStatus}
    state = attrs.asdict(WorkerView.of(WorkerState(is_running=True, is_paused=False)))
    return queue_message(
        {**state, "library_changes": 0, "queue_reloads": 0},
        [DownloadItemView.of(QueueEntry.of(active, None))],
        {"total_items": sum(counts.values()), **counts_by_name(counts)},
        START,
    )


def _job() -> BulkJob:
    action = JobAction(kind=JobKind.DOWNLOAD)
    return BulkJob(action=action, actor=("page", ""), at=START, total=2, done=1, changed=1)


def _document(message: Message) -> dict[str, Any]:
    # Behind the head of the frame, whose bytes may be a brace too.
    document: dict[str, Any] = msgspec.json.decode(message.wire[message.wire.index(b'{"type"') :])
    return document


def _json(document: object) -> str:
    text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    return f"```json\n{text}\n```\n"


PAGES: Final = {"websocket.md": socket}


def main() -> int:
    """Write the page, and return whether it was out of date."""
    path, made = FOLDER / "websocket.md", socket()
    changed = not path.exists() or path.read_text("utf-8") != made
    path.write_text(made, "utf-8")
    return int(changed)


if __name__ == "__main__":
    sys.exit(main())
