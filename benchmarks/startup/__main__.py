"""Processor time of whole commands, beside `yt-dlp`, in one run.

Every start is a new process with compiled modules. The order changes in each round, and the first
round is not counted. The library is empty; the fetched file is a film of about 12 kB on loopback.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

#: Commands, the command that each is compared with, and the required and the desired ratio.
RATIOS = {
    "--version": ("yt-dlp --version", 0.4, 0.2),
    "list": ("yt-dlp --version", 1.5, 0.9),
    "queue list": ("yt-dlp --version", 1.5, 0.9),
    "fetch": ("yt-dlp URL", 1.0, 0.6),
}


class Start(NamedTuple):
    """Cost of one process."""

    cpu: float
    memory: int


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def _film(path: Path) -> None:
    subprocess.run(
        [
            "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=10", "-t", "2",
            "-c:v", "libx264", "-preset", "ultrafast", "-crf", "40", "-pix_fmt", "yuv420p",
            "-movflags", "+faststart", path,
        ],
        check=True,
    )  # fmt: skip


def _start(command: list[str], folder: Path, environment: dict[str, str]) -> Start:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        process = subprocess.Popen(
            command,
            cwd=place,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        said = process.stderr.read()
        process.stderr.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}: {said.decode()}")
    return Start(usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def _measure(rounds: int, folder: Path) -> dict[str, list[Start]]:
    (folder / "site").mkdir()
    _film(folder / "site" / "film.mp4")
    handler = partial(_Quiet, directory=str(folder / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        pair = f"127.0.0.1:{server.server_port}"
        link = f"http://{pair}/film.mp4"
        ours = [sys.executable, "-m", "aniworld_cli"]
        ytdlp = [sys.executable, "-m", "yt_dlp", "--ignore-config", "--no-plugin-dirs"]
        commands = {
            "yt-dlp --version": [*ytdlp, "--version"],
            "yt-dlp URL": [*ytdlp, link],
            "--version": [*ours, "--version"],
            "list": [*ours, "list"],
            "queue list": [*ours, "queue", "list"],
            "fetch": [*ours, "fetch", link],
        }
        environment = {
            **os.environ,
            "ANIWORLD_DATA_DIR": str(folder / "data"),
            "ANIME_DIRECTORY": str(folder),
            "ANIWORLD_ALLOWED_ADDRESSES": pair,
        }
        # Compiled modules are kept, as on the machines of users.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        starts: dict[str, list[Start]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name in random.sample(list(commands), len(commands)):
                start = _start(commands[name], folder, environment)
                if number:
                    starts[name].append(start)
        server.shutdown()
    return starts


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(prog="benchmarks/startup", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aniworld-startup-") as folder:
        starts = _measure(given.rounds, Path(folder))
    least = {name: min(start.cpu for start in of) for name, of in starts.items()}
    print(
        "| command | processor s: least, median, most | memory MiB | ratio | required / desired |"
    )
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, of in starts.items():
        cpu = sorted(start.cpu for start in of)
        spread = f"{cpu[0]:.2f}, {statistics.median(cpu):.2f}, {cpu[-1]:.2f}"
        memory = statistics.median(start.memory for start in of) / 1024
        ratio = goal = ""
        if name in RATIOS:
            peer, required, desired = RATIOS[name]
            ratio, goal = f"{least[name] / least[peer]:.2f}", f"{required} / {desired}"
        print(f"| `{name}` | {spread} | {memory:.0f} | {ratio} | {goal} |")


if __name__ == "__main__":
    main()
