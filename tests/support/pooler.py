"""PgBouncer in front of a PostgreSQL server on loopback."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aniworld_core.testing.waiting import PATIENCE
from support.postgres_server import PASSWORD, NoServerError, PostgresServer

_CONFIGURATION: Final = """[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {users}
pool_mode = {mode}
{further}
"""


@contextmanager
def serve_pooler(
    server: PostgresServer, database: str, *, mode: str = "transaction", further: str = ""
) -> Iterator[str]:
    """Run PgBouncer in front of a server; yield the URL of a database through it.

    Args:
        server: The server.
        database: Its database.
        mode: What a connection of the pool is lent for: `session`, `transaction` or `statement`.
        further: Lines of its configuration.

    Raises:
        NoServerError: If it is not installed.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise NoServerError("PgBouncer is not installed")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    users = server.folder / "pooler-users"
    users.write_text(f'"postgres" "{PASSWORD}"\n')
    configuration = server.folder / "pooler.ini"
    configuration.write_text(
        _CONFIGURATION.format(
            server=server.port, port=port, users=users, mode=mode, further=further
        )
    )
    # It refuses root, as the server does.
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    process = subprocess.Popen(
        [*user, program, str(configuration)],
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        yield f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/{database}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return
