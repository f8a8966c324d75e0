"""A private PostgreSQL server on loopback, for the time of the tests."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs
import psycopg

#: Password of the user `postgres`.
PASSWORD: Final = "secret"
#: Debian keeps the programs of the server away from the path.
_DEBIAN: Final = Path("/usr/lib/postgresql")
_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "16MB",
    "autovacuum": "off",
}


class NoServerError(Exception):
    """PostgreSQL is not installed, or cannot run here; the text is the reason to skip."""


@attrs.frozen
class PostgresServer:
    """A running server."""

    port: int
    folder: Path

    def url(self, database: str, *, user: str = "postgres", password: str = PASSWORD) -> str:
        """Return the URL of a database."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def local_url(self, database: str) -> str:
        """Return the URL of a database by the server's socket, where no password is checked."""
        return f"postgresql://postgres@/{database}?host={self.folder}&port={self.port}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Execute a statement outside a transaction, as the owner."""
        with psycopg.connect(self.local_url(database), autocommit=True) as connection:
            found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []

    def control(self, *arguments: str) -> None:
        """Run `pg_ctl`, as `stop -m fast`."""
        _run(
            "pg_ctl",
            "-D",
            str(self.folder / "data"),
            "-w",
            "-l",
            str(self.folder / "log"),
            *arguments,
        )

    def run(self, program: str, *arguments: str) -> str:
        """Run a program of PostgreSQL, as `pg_dump`; return its output."""
        return _run(program, *arguments)


@contextmanager
def serve_postgres(
    settings: Mapping[str, str] | None = None, *, network: str = ""
) -> Iterator[PostgresServer]:
    """Start a server with data of its own; stop it at the end.

    Args:
        settings: Replace those of the tests.
        network: Addresses besides loopback that may connect, as `10.77.0.0/16`.

    Raises:
        NoServerError: If it is not installed, or no user without rights can run it.
    """
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    server = PostgresServer(_free_port(), folder)
    try:
        if os.getuid() == 0:
            shutil.chown(folder, _user().pw_uid, _user().pw_gid)
        password = folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        data = folder / "data"
        _run(
            "initdb", "-D", str(data), "-U", "postgres", "-N",
            "--auth-local", "trust", "--auth-host", "scram-sha-256", "--pwfile", str(password),
            "-E", "UTF8", "--locale", "C.UTF-8",
        )  # fmt: skip
        if network:
            with (data / "pg_hba.conf").open("a") as rules:
                rules.write(f"host all all {network} scram-sha-256\n")
        chosen = {**_SETTINGS, **(settings or {})}
        lines = [f"{name} = '{value}'" for name, value in chosen.items()]
        lines += [f"port = {server.port}", f"unix_socket_directories = '{folder}'"]
        with (data / "postgresql.conf").open("a") as file:
            file.write("\n".join(["", *lines, ""]))
        server.control("start")
        try:
            yield server
        finally:
            server.control("stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> str:
    found = sorted(_DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    program = shutil.which(name) or (str(found[-1]) if found else None)
    if program is None:
        raise NoServerError("PostgreSQL is not installed")
    return program


def _user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise NoServerError("there is no user postgres, and the server refuses root") from None


def _run(program: str, *arguments: str) -> str:
    command = [_program(program), *arguments]
    if os.getuid() == 0:
        _user()
        command = ["runuser", "-u", "postgres", "--", *command]
    # Output goes to a file: the server would keep a pipe open.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            command, cwd="/", stdout=output, stderr=subprocess.STDOUT, check=False, timeout=120
        )
        output.seek(0)
        text = output.read()
    if done.returncode:
        raise RuntimeError(f"{program} failed: {text}")
    return text


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
