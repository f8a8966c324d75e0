"""The servers that the programs load from."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: What each way of being served costs: delay of each answer in ms, MiB/s per connection.
WAYS: dict[str, tuple[int, int]] = {
    "plain": (0, 0),
    "limited": (0, 8),
    "late50": (50, 0),
    "late40": (40, 0),
    "slow": (40, 4),
}


@dataclass(frozen=True)
class Origin:
    """A running server.

    Attributes:
        port: Where it listens in the clear.
        tls_port: Where it listens under TLS.
        authority: Certificate that vouches for it.
    """

    port: int
    tls_port: int
    authority: Path

    def url(self, way: str, name: str) -> str:
        """The link to a file, served in one of `WAYS` or `tls`."""
        if way == "tls":
            return f"https://127.0.0.1:{self.tls_port}/plain/{name}"
        return f"http://127.0.0.1:{self.port}/{way}/{name}"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _location(way: str, files: Path) -> str:
    delay, rate = WAYS[way]
    lines = [f"alias {files}/;"]
    if delay:
        lines.append(f"auth_request /-/{delay};")
    if rate:
        lines.append(f"limit_rate {rate}m;")
    return f"location /{way}/ {{ {' '.join(lines)} }}"


def _config(folder: Path, files: Path, port: int, tls_port: int, delay_port: int) -> str:
    user = "user root;" if os.geteuid() == 0 else ""
    delays = sorted({delay for delay, _ in WAYS.values() if delay})
    gates = "\n".join(
        f"location = /-/{delay} {{ internal; proxy_pass http://gate/{delay}; "
        'proxy_http_version 1.1; proxy_set_header Connection ""; '
        'proxy_pass_request_body off; proxy_set_header Content-Length ""; }'
        for delay in delays
    )
    return f"""{user}
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  default_type application/octet-stream;
  types {{ application/vnd.apple.mpegurl m3u8; video/mp2t ts; video/mp4 mp4; }}
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream gate {{ server 127.0.0.1:{delay_port}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port};
    listen 127.0.0.1:{tls_port} ssl;
    ssl_certificate {folder}/site.pem; ssl_certificate_key {folder}/site.key;
    {chr(10).join(_location(way, files) for way in WAYS)}
    {gates}
  }}
}}
"""


def _make_certificate(folder: Path) -> Path:
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
            "subjectAltName=IP:127.0.0.1", "-keyout", folder / "site.key",
            "-out", folder / "site.pem",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return folder / "site.pem"


def _await_port(port: int, process: "subprocess.Popen[bytes]", name: str) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise SystemExit(f"{name} did not start")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"{name} does not listen")


@contextmanager
def open_origin(folder: Path, files: Path) -> Iterator[Origin]:
    """Serve *files*; *folder* is for the servers' own things."""
    folder.mkdir(exist_ok=True)
    port, tls_port, delay_port = _free_port(), _free_port(), _free_port()
    authority = _make_certificate(folder)
    config = folder / "nginx.conf"
    config.write_text(_config(folder, files, port, tls_port, delay_port))
    gate = subprocess.Popen([sys.executable, __file__, str(delay_port)])
    nginx = subprocess.Popen(
        ["nginx", "-p", folder, "-e", folder / "error.log", "-c", config],
    )
    try:
        _await_port(delay_port, gate, "the delaying server")
        _await_port(port, nginx, "nginx")
        yield Origin(port, tls_port, authority)
    finally:
        for process in (nginx, gate):
            process.terminate()
            process.wait()


async def _let_pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each request after the milliseconds that its path names."""
    try:
        while request := await reader.readuntil(b"\r\n\r\n"):
            await asyncio.sleep(int(request.split(b" ", 2)[1].strip(b"/")) / 1000)
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _delay_for_ever(port: int) -> None:
    server = await asyncio.start_server(_let_pass, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_delay_for_ever(int(sys.argv[1])))
