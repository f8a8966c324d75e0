"""nginx of `deploy/cluster` in front of servers on loopback."""

import os
import pwd
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import anyio
import pytest

from aniworld_core.testing.waiting import PATIENCE

CLUSTER: Final = Path(__file__).parents[2] / "deploy/cluster"


def nginx_configuration(folder: Path, addresses: Mapping[str, str]) -> Path:
    """Write the configuration with other addresses into a folder; return its path.

    Args:
        folder: Of nginx, for its files.
        addresses: Replace those of the services, as `{"server-1:8000": "127.0.0.1:1234"}`.
    """
    text = (CLUSTER / "nginx.conf").read_text()
    for name, address in addresses.items():
        assert name in text, name
        text = text.replace(name, address)
    (folder / "cluster.conf").write_text(text)
    paths = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{path}_temp_path {folder}/{path};\n" for path in paths)
    # Started as root it would become another user, who may not open the folder of a test.
    user = f"user {pwd.getpwuid(0).pw_name};\n" if os.geteuid() == 0 else ""
    main = folder / "nginx.conf"
    main.write_text(
        f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}include {folder}/cluster.conf;\n}}\n"
    )
    return main


def nginx_command(configuration: Path) -> list[str]:
    """Return the command that runs nginx, or skip the test if it is not installed."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    program = shutil.which("nginx", path=path)
    if program is None:
        pytest.skip("nginx is not installed")
    folder = configuration.parent
    return [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(configuration)]


@asynccontextmanager
async def proxied(folder: Path, port: int, ports: tuple[int, int]) -> AsyncIterator[str]:
    """Run nginx in front of two servers; yield its address, with a slash at the end."""
    addresses = {"listen 8000;": f"listen 127.0.0.1:{port};"}
    addresses |= {f"server-{n}:8000": f"127.0.0.1:{each}" for n, each in enumerate(ports, 1)}
    command = nginx_command(nginx_configuration(folder, addresses))
    process = await anyio.open_process(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        await _listens(port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        await process.aclose()


async def _listens(port: int) -> None:
    with anyio.fail_after(PATIENCE):
        while True:
            try:
                stream = await anyio.connect_tcp("127.0.0.1", port)
            except OSError:
                await anyio.sleep(0.01)
            else:
                await stream.aclose()
                return
