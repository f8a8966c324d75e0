"""What a user reads in German when a database cannot be used: one sentence and an exit code."""

import os
import subprocess
from pathlib import Path

import anyio
import psycopg
import pytest

from aniworld_core.domain.automation import Node, Role
from aniworld_core.domain.identity import WorkerId
from aniworld_core.testing import at
from aniworld_postgres import open_storage
from aniworld_sqlite.sql import SHIPPED
from support.installed import find_command
from support.pooler import serve_pooler
from support.postgres_server import NoServerError, PostgresServer, serve_postgres
from support.thorough import ONLY_THOROUGH

pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH, pytest.mark.external_service]

#: Lets the pooler start the session, without its settings.
DROPPING = "ignore_startup_parameters = options"


async def _said(folder: Path, url: str, *command: str) -> tuple[int, str]:
    """Run a command in German; return its exit code and what it says, which is one line."""
    folder.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "ANIWORLD_DATA_DIR": str(folder),
        "ANIME_DIRECTORY": str(folder),
        "ANIWORLD_LANGUAGE": "de",
    }
    done = await anyio.run_process(
        [find_command(), *(command or ("list",))],
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    text = done.stderr.decode()
    assert "secret" not in text
    assert "Traceback" not in text
    return done.returncode, text.strip()


@pytest.mark.parametrize(
    ("mode", "further"),
    [
        ("transaction", ""),
        ("transaction", DROPPING),
        ("statement", DROPPING),
        ("session", DROPPING),
    ],
)
async def test_a_pooler_is_refused(
    server: PostgresServer, url: str, tmp_path: Path, mode: str, further: str
) -> None:
    """PgBouncer is named in each mode, whether it refuses settings of a session or drops them."""
    database = url.rpartition("/")[2]
    try:
        with serve_pooler(server, database, mode=mode, further=further) as pooled:
            code, text = await _said(tmp_path / "data", pooled)
    except NoServerError as reason:
        pytest.skip(str(reason))

    assert code == 8
    assert text.endswith(
        "dazwischen liegt ein Verbindungspooler wie PgBouncer; nenne den Port von PostgreSQL selbst"
    )
    assert server.execute(
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database
    ) == [(0,)]


async def test_what_a_person_has_to_change_is_said(
    server: PostgresServer, url: str, tmp_path: Path
) -> None:
    """A wrong URL, password, database, right or schema is named, with the exit code of settings."""
    database = url.rpartition("/")[2]
    server.execute("DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD 'secret'")
    server.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC", database)
    guest = server.url(database, user="guest")
    wrong = {
        "postgresql://127.0.0.1": "postgresql braucht den Namen einer Datenbank",
        server.url("postgres", password="secret2"): "weist den Benutzernamen oder das Passwort",
        server.url("nowhere"): "keine Datenbank dieses Namens; lege sie zuerst an",
        guest: "fehlt ein Recht; er muss im Schema Tabellen anlegen dürfen",
    }
    for given, expected in wrong.items():
        code, text = await _said(tmp_path / "data", given)
        assert (code, expected in text, text.count("\n")) == (8, True, 0), text

    async with open_storage(url):
        pass
    server.execute("UPDATE alembic_version SET version_num = '9999'", database)
    code, text = await _said(tmp_path / "data", url)
    assert code == 8
    assert f"Schema 9999, hier {SHIPPED.newest}" in text


async def test_what_passes_is_said(tmp_path: Path) -> None:
    """A server that is away, or has no free connection, is to be tried again later."""
    code, text = await _said(tmp_path / "data", "postgresql://someone:secret@127.0.0.1:1/none")
    assert (code, "der Server ist nicht erreichbar" in text) == (6, True), text

    try:
        with serve_postgres({"max_connections": "4"}) as server:
            held = [psycopg.connect(server.local_url("postgres")) for _ in range(4)]
            code, text = await _said(tmp_path / "data", server.url("postgres"))
            for connection in held:
                connection.close()
    except NoServerError as reason:
        pytest.skip(str(reason))
    assert (code, "nimmt keine weitere Verbindung an" in text) == (6, True), text


@pytest.mark.parametrize("command", ["worker", "scheduler"])
async def test_another_version_is_refused(url: str, tmp_path: Path, command: str) -> None:
    """A process of another version than the server names both, and ends."""
    node = Node(
        id=WorkerId("nas-1"),
        host="nas",
        version="9.8.7",
        roles=frozenset({Role.SERVER}),
        started_at=at(0),
        seen_at=at(0),
    )
    async with open_storage(url) as storage:
        await storage.nodes.announce(node)

        code, text = await _said(tmp_path / "data", url, command)

    assert code == 8
    assert "auf nas läuft aber 9.8.7" in text
