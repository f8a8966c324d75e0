"""Start of the server, its lock on the data folder, and its shutdown."""

import asyncio
import contextlib
import importlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from aiohttp import ClientSession, web

from aniworld_core.bootstrap.server_lock import only_server, running_server
from aniworld_core.errors import DataDirInUseError, LibraryNotSetError, SettingsError
from aniworld_core.testing.fakes import FakeHasher
from aniworld_core.testing.waiting import PATIENCE
from aniworld_http.app import make_app
from aniworld_http.keys import AUTHENTICATOR
from aniworld_http.lifespan import serving
from aniworld_http.lifespan.sockets import bound_sockets, listening
from aniworld_http.queue_runner import QUEUE_RUNNER
from aniworld_http.settings import HttpSettings
from support.application_stage import PausingClock, Stage, open_stage
from support.http_stage import KEY, PASSWORD, open_server
from support.thorough import ONLY_THOROUGH

pytestmark = pytest.mark.anyio


def test_a_data_folder_has_one_server(tmp_path: Path) -> None:
    """A second server fails and names the first; the folder is free after the first has stopped."""
    with only_server(tmp_path):
        with pytest.raises(DataDirInUseError) as caught, only_server(tmp_path):
            pass
        assert caught.value.pid == os.getpid() == running_server(tmp_path)
    with only_server(tmp_path):
        pass

    assert running_server(tmp_path) is None


@contextlib.asynccontextmanager
async def _stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, has_library=False, clock=PausingClock()) as stage:
        yield stage


async def test_the_start_prints_the_url_and_the_set_up_link(tmp_path: Path) -> None:
    """The link has the one-time code, and is missing once a password is set."""
    said: list[str] = []
    async with _stage(tmp_path) as stage:
        settings = HttpSettings(secret_key=KEY, port=0)
        app = make_app(stage.app, settings, hasher=FakeHasher())
        async with serving(app, said.append) as address, ClientSession() as client:
            async with client.get(f"{address}health/ready") as response:
                assert response.status == 200
            code = (tmp_path / "data" / "setup-code").read_text().strip()

    assert address in said[0]
    assert said[-1].endswith(f" {address}setup#code={code}")
    assert not (tmp_path / "data" / "setup-code").exists(), "it opens nothing any more"


async def test_a_ready_password_is_set_and_printed_while_it_is_in_use(tmp_path: Path) -> None:
    """The demo prints its password at every start, until another one is set."""
    said: list[str] = []
    ready = "Demo-abcdefgh12"
    async with _stage(tmp_path) as stage:
        for given, current in ((ready, ready), (ready, ready), (ready, PASSWORD), ("", PASSWORD)):
            app = make_app(
                stage.app,
                HttpSettings(secret_key=KEY, port=0),
                hasher=FakeHasher(),
                needs_setup_code=False,
                ready_password=given,
            )
            if current == PASSWORD:
                await app[AUTHENTICATOR].password.reset(PASSWORD)
            async with serving(app, said.append):
                assert await app[AUTHENTICATOR].password.is_password(current)

    words = [line.split()[0] for line in said]
    assert words == ["Aniworld", "Sign", "Aniworld", "Sign", "Aniworld", "Aniworld"]
    assert said[1] == said[3] == f"Sign in with the password {ready}"


async def test_the_code_file_is_written_before_the_first_response(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script that waits for the first response can read the code."""
    module = importlib.import_module("aniworld_http.lifespan.server")
    written: list[bool] = []

    def observed(runner: web.AppRunner) -> contextlib.AbstractAsyncContextManager[str]:
        written.append((tmp_path / "data" / "setup-code").exists())
        return listening(runner)

    monkeypatch.setattr(module, "listening", observed)
    async with _stage(tmp_path) as stage:
        settings = HttpSettings(secret_key=KEY, port=0)
        async with serving(make_app(stage.app, settings, hasher=FakeHasher()), lambda _line: None):
            pass

    assert written == [True]


@pytest.mark.parametrize(
    ("host", "reached"),
    [
        ("127.0.0.1", ["127.0.0.1"]),
        ("0.0.0.0", ["127.0.0.1"]),  # noqa: S104 - for this test only
        ("::1", ["::1"]),
        ("::", ["::1", "127.0.0.1"]),
    ],
)
async def test_the_host_decides_which_addresses_are_served(host: str, reached: list[str]) -> None:
    """The host `::` serves IPv4 on the same port, too."""
    try:
        listeners = await bound_sockets(host, 0)
    except OSError as error:
        pytest.skip(f"this machine has no {host}: {error}")
    port = listeners[0].getsockname()[1]
    seen = []
    for address in ("::1", "127.0.0.1"):
        try:
            stream = await anyio.connect_tcp(address, port)
        except OSError:
            continue
        seen.append(address)
        await stream.aclose()
    for listener in listeners:
        listener.close()

    assert seen == reached


async def test_a_taken_port_is_a_wrong_setting(tmp_path: Path) -> None:
    """The error names the address."""
    taken = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    async with taken, _stage(tmp_path) as stage:
        app = make_app(stage.app, HttpSettings(secret_key=KEY, port=port), hasher=FakeHasher())
        with pytest.raises(SettingsError, match=str(port)):
            async with serving(app, lambda _line: None):
                pass


async def test_half_open_connections_block_neither_requests_nor_shutdown(tmp_path: Path) -> None:
    """Clients that send half a request delay neither other requests nor the shutdown."""
    async with _stage(tmp_path) as stage:
        app = make_app(stage.app, HttpSettings(secret_key=KEY, port=0), hasher=FakeHasher())
        with anyio.fail_after(PATIENCE):
            async with serving(app, lambda _line: None) as address, ClientSession() as client:
                port = int(address.rstrip("/").rpartition(":")[2])
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"GET /health HTTP/1.1\r\nHo")
                async with client.get(f"{address}health") as response:
                    assert response.status == 200
            writer.close()


async def test_starting_and_stopping_the_queue_is_idempotent(tmp_path: Path) -> None:
    """Starting or stopping twice has the effect of doing it once."""
    async with open_stage(tmp_path, clock=PausingClock()) as stage:
        app = make_app(stage.app, HttpSettings(secret_key=KEY), hasher=FakeHasher())
        runner = app[QUEUE_RUNNER]
        with anyio.fail_after(PATIENCE):
            await runner.start()
            await runner.start()
            before = runner.is_running
            while not stage.app.worker.is_running:
                await anyio.sleep(0.01)
            await runner.stop()
            await runner.stop()

    assert (before, runner.is_running, stage.app.worker.is_running) == (True, False, False)


async def test_a_library_set_at_set_up_starts_the_queue(tmp_path: Path) -> None:
    """The queue starts when the set-up names the library folder it waited for."""
    folder = tmp_path / "videos"
    folder.mkdir()
    async with open_server(tmp_path, signed_in=False, has_library=False) as server:
        runner = server.app[QUEUE_RUNNER]
        with pytest.raises(LibraryNotSetError):
            await runner.start()
        seen = [runner.is_running]

        status, _ = await server.set_up(anime_directory=str(folder))
        seen.append(runner.is_running)
        await runner.stop()
        await runner.settings_changed()
        seen.append(runner.is_running)

    assert status == 201
    assert seen == [False, True, False]


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=ONLY_THOROUGH)]
)
async def test_a_signal_shuts_the_process_down(tmp_path: Path, number: signal.Signals) -> None:
    """The process prints its URL, answers, exits with 0, and releases its lock and database."""
    environ = {**os.environ, "ANIWORLD_DATA_DIR": str(tmp_path / "d"), "ANIWORLD_PORT": "0"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "aniworld_http",
        env=environ,
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    with anyio.fail_after(PATIENCE):
        line = (await process.stdout.readline()).decode()
        async with ClientSession() as client, client.get(f"{line.split()[-1]}health") as response:
            assert response.status == 200
        assert running_server(tmp_path / "d") == process.pid
        process.send_signal(number)
        await process.communicate()

    assert process.returncode == 0
    assert running_server(tmp_path / "d") is None
    wal = tmp_path / "d" / "aniworld.db-wal"
    assert not wal.exists() or wal.stat().st_size == 0
