"""Messages of the WebSocket: their content, rooms and rates, and closing."""

from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.downloads import DownloadItem, DownloadStatus, Progress
from aniworld_core.domain.identity import FolderName
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    DownloadProgressed,
    Event,
    ItemQueued,
    QueueDrained,
    QueueStateChanged,
    ScanCompleted,
    ScanFailed,
    ScanProgressed,
    ScanStarted,
    SeriesAdded,
    SeriesRemoved,
)
from aniworld_core.testing.factories import (
    KEY,
    START,
    make_claim,
    make_failure,
    make_item,
    make_series,
)
from aniworld_core.testing.waiting import eventually
from aniworld_http.websocket import Limits, hub
from aniworld_http.websocket.messages import Room
from support.socket_stage import Listener, Message, SocketServer, kinds, open_sockets

pytestmark = pytest.mark.anyio

FOLDER = FolderName("A Folder")
ROOMS = ("downloads", "download_progress", "scan_progress", "jobs")


def progressed(number: int = 1, done: int = 50) -> DownloadProgressed:
    """Return a progress event."""
    return DownloadProgressed(
        item_id=make_item(number).id,
        key=KEY,
        folder=FOLDER,
        season=1,
        episode=number,
        progress=Progress(downloaded_bytes=done, total_bytes=100, rate=1_000_000),
        at=START,
    )


def active_item(number: int = 1) -> DownloadItem:
    """Return an item that is being downloaded."""
    return make_item(number).start(make_claim())


def completed(number: int = 1) -> DownloadCompleted:
    """Return the event of a completed item."""
    item = active_item(number).complete(START, "a.mp4", None)
    return DownloadCompleted(item=item, folder=FOLDER, at=START)


def failed(number: int = 1) -> DownloadFailed:
    """Return the event of a failed item."""
    item = active_item(number).fail(make_failure(), START)
    return DownloadFailed(item=item, folder=FOLDER, at=START)


async def settled(server: SocketServer, *listeners: Listener) -> list[list[Message]]:
    """Return the messages of each client, after a final message has arrived in every room."""
    await server.publish(failed(99), ScanFailed(scan_id="last", failure=make_failure(), at=START))
    return [await each.until("scan_failed", "download_failed") for each in listeners]


async def test_progress_is_told_in_full(tmp_path: Path) -> None:
    """Progress messages have exactly the documented fields."""
    async with open_sockets(tmp_path) as server:
        listener = await server.listen("download_progress")

        await server.publish(progressed(3, 25))

        message = await listener.next()
        assert message["type"] == "download_progress"
        assert message["timestamp"].startswith(START.isoformat()[:19])
        assert message["data"] == {
            "download_id": make_item(3).id,
            "key": KEY,
            "folder": FOLDER,
            "season": 1,
            "episode": 3,
            "percent": 25.0,
            "speed_mbps": 8.0,
            "eta_seconds": 0.0,
            "downloaded_bytes": 25,
            "total_bytes": 100,
            "phase": "fetching",
        }


@pytest.mark.parametrize(
    ("event", "kind", "rooms"),
    [
        (progressed(), "download_progress", {"downloads", "download_progress"}),
        (completed(), "download_complete", {"downloads"}),
        (failed(), "download_failed", {"downloads"}),
        (QueueStateChanged(is_running=True, is_paused=False, at=START), "queue_status", {ROOMS[0]}),
        (ItemQueued(item=make_item(), at=START), "queue_status", {"downloads"}),
        (ScanStarted(scan_id="s", at=START), "scan_progress", {"scan_progress"}),
        (
            ScanProgressed(scan_id="s", done=1, total=2, key=KEY, folder=FOLDER, at=START),
            "scan_progress",
            {"scan_progress"},
        ),
        (
            ScanCompleted(scan_id="s", series=1, files=2, missing=3, at=START),
            "scan_complete",
            {"scan_progress"},
        ),
        (
            ScanFailed(scan_id="s", failure=make_failure(), at=START),
            "scan_failed",
            {"scan_progress"},
        ),
    ],
)
async def test_each_room_has_its_messages(
    tmp_path: Path, event: Event, kind: str, rooms: set[str]
) -> None:
    """Each event is sent to the documented rooms only."""
    async with open_sockets(tmp_path) as server:
        listeners = {room: await server.listen(room) for room in ROOMS}

        await server.publish(event)

        for room in rooms:
            message = await listeners[room].next()
            assert message["type"] == kind
            if kind.startswith("download"):
                assert (message["data"]["key"], message["data"]["folder"]) == (KEY, FOLDER)
        for room in set(ROOMS) - rooms:
            assert await listeners[room].all_so_far() == []


async def test_two_rooms_tell_once(tmp_path: Path) -> None:
    """A client in two rooms of one message gets it once."""
    async with open_sockets(tmp_path) as server:
        listener = await server.listen("downloads", "download_progress")

        await server.publish(progressed(), failed(2))

        got = kinds(await listener.until("queue_status"))
        assert sorted(got) == ["download_failed", "download_progress", "queue_status"]


async def test_joining_begins_with_the_present_state(tmp_path: Path) -> None:
    """A client that joins a room gets its current state first."""
    async with open_sockets(tmp_path) as server:
        storage = server.stage.storage
        await storage.series.add(make_series(folder=FOLDER))
        known = attrs.evolve(active_item(1), progress=Progress(downloaded_bytes=1, total_bytes=4))
        await storage.queue.add([known, active_item(2), make_item(3)])
        await server.listen("downloads")  # another client gets it first
        await server.publish(
            progressed(2, 75), ScanProgressed(scan_id="s", done=1, total=4, at=START)
        )
        listener = await server.listen()

        queue, *moving = await listener.join("downloads")

        assert queue["type"] == "queue_status"
        assert queue["data"]["statistics"] == {
            "total_items": 3,
            "pending_count": 1,
            "active_count": 2,
            "completed_count": 0,
            "failed_count": 0,
        }
        assert [(a["key"], a["folder"]) for a in queue["data"]["active_downloads"]] == [
            (KEY, FOLDER)
        ] * 2
        assert queue["data"]["is_running"] is False
        assert {(m["data"]["episode"], m["data"]["percent"]) for m in moving} == {
            (1, 25.0),
            (2, 75.0),
        }
        assert {m["data"]["folder"] for m in moving} == {FOLDER}
        assert kinds(await listener.join("download_progress")) == ["download_progress"] * 2
        (scan,) = await listener.join("scan_progress")
        assert (scan["data"]["status"], scan["data"]["percent"]) == ("running", 25.0)


async def test_leaving_ends_it(tmp_path: Path) -> None:
    """After leaving, a room sends nothing; joining again sends its state."""
    async with open_sockets(tmp_path) as server:
        listener = await server.listen("downloads", "scan_progress")
        await listener.send("leave", room="downloads")
        assert await listener.all_so_far() == []

        assert kinds((await settled(server, listener))[0]) == ["scan_failed"]
        assert kinds(await listener.join("downloads")) == ["queue_status"]


async def test_the_newest_progress_wins(tmp_path: Path) -> None:
    """Progress is limited in rate: the newest event replaces earlier ones; none after the end."""
    async with open_sockets(tmp_path, Limits(progress=0.3)) as server:
        listener = await server.listen("download_progress")
        await server.publish(progressed(1, 1))
        assert (await listener.next())["data"]["percent"] == 1.0

        await server.publish(*(progressed(1, done) for done in range(2, 60)), progressed(2, 7))

        told = [(await listener.next())["data"] for _ in range(2)]
        assert [(d["episode"], d["percent"]) for d in told] == [(2, 7.0), (1, 59.0)]
        await server.publish(progressed(1, 60), completed(1), progressed(3, 9))
        assert (await listener.next())["data"]["episode"] == 3
        await server.publish(progressed(3, 10))
        assert (await listener.next())["data"]["episode"] == 3


async def test_what_cannot_be_followed_is_answered(tmp_path: Path) -> None:
    """An invalid message gets an error with a code, and the connection stays open."""
    async with open_sockets(tmp_path) as server:
        listener = await server.listen()
        for text, code in (
            ("nonsense", "bad_json"),
            ('{"data":' * 8_000, "bad_json"),
            ("[]", "bad_message"),
            ("{}", "bad_message"),
            ('{"action":7}', "bad_message"),
            ('{"action":"fly"}', "unknown_action"),
            ('{"action":"join"}', "bad_message"),
            ('{"action":"join","data":{"room":["downloads"]}}', "bad_message"),
            ('{"action":"join","data":{"room":"attic"}}', "unknown_room"),
            ('{"action":"leave","data":{"room":"../downloads"}}', "unknown_room"),
        ):
            await listener.socket.send_str(text)
            message = await listener.next()
            assert (message["type"], message["data"]["code"]) == ("error", code), text
            assert message["data"]["message"]
        await listener.socket.send_bytes(b"\x00")
        assert (await listener.next())["data"]["code"] == "bad_message"
        await listener.socket.ping(b"hello")
        assert await listener.all_so_far() == []
        await listener.socket.send_json({"action": "join", "room": "downloads"})
        assert (await listener.next())["type"] == "queue_status"


async def test_a_giant_message_ends_it(tmp_path: Path) -> None:
    """A message of more than 64 KiB closes the connection with 1009."""
    async with open_sockets(tmp_path) as server:
        listener = await server.listen()

        await listener.socket.send_str("x" * (64 * 1024 + 1))

        assert await listener.close_code() == 1009


async def test_listeners_are_counted(tmp_path: Path) -> None:
    """The status has the number of connections, in total and in each room."""
    async with open_sockets(tmp_path) as server:
        first = await server.listen("downloads", "scan_progress")
        await server.listen("downloads")
        assert await server.json("GET", "/ws/status") == (
            200,
            {
                "connections": 2,
                "rooms": {"downloads": 2, "download_progress": 0, "scan_progress": 1, "jobs": 0},
            },
        )

        await first.socket.close()

        await eventually(lambda: len(server.hub.clients) == 1)
        assert server.hub.members[Room.DOWNLOADS] == 1


async def test_changes_of_the_library_reach_clients_in_downloads(tmp_path: Path) -> None:
    """A counter in the queue message grows when series are added or removed."""
    async with open_sockets(tmp_path) as server:
        listener = await server.connect()
        await listener.send("auth", token=server.token)
        await listener.next()
        (joined,) = await listener.join("downloads")
        numbers = [joined["data"]["library_changes"]]
        for event in (
            SeriesAdded(key=KEY, folder=FOLDER, at=START),
            SeriesRemoved(key=KEY, folder=FOLDER, at=START),
            QueueDrained(at=START),
        ):
            await server.publish(event)
            numbers.append((await listener.until("queue_status"))[-1]["data"]["library_changes"])
    assert [number - numbers[0] for number in numbers] == [0, 1, 2, 2]


async def test_an_outage_of_the_database_is_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database outage logs one warning; afterwards every client gets the state."""
    tries = 0

    async def counts(_: object) -> Mapping[DownloadStatus, int]:
        nonlocal tries
        tries += 1
        raise StorageUnavailableError("it is locked")

    async with open_sockets(tmp_path) as server:
        monkeypatch.setattr(hub, "_LOOK_EVERY", 0.01)
        monkeypatch.setattr(type(server.stage.storage.queue), "counts", counts)
        listener = await server.connect()
        await listener.send("auth", token=server.token)
        await listener.send("join", room="downloads")
        await eventually(lambda: tries > 2)
        await server.publish(QueueDrained(at=START))
        await eventually(lambda: tries > 5)
        monkeypatch.undo()
        assert "queue_status" in kinds(await listener.until("queue_status"))

    warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert [w for w in warnings if "it is locked" in w] == warnings
    assert len(warnings) == 1
