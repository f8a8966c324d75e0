"""Compares how fast two servers answer requests; see the README in this folder.

Each server is a process of its own, `wrk` asks with 64 connections; they take turns in one run.
"""

import argparse
import json
import random
import re
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SERVERS = {
    "ours": [sys.executable, str(HERE / "rest_ours.py")],
    "fastapi": [
        *("uv", "run", "--no-project", "--isolated", "--with", "fastapi", "--with", "uvicorn"),
        *("--with", "uvloop", "--with", "httptools", "--with", "pyjwt"),
        *("python", str(HERE / "rest_fastapi.py")),
    ],
}
KINDS = ("small", "authenticated", "list", "revalidated")
#: What `wrk` calls a unit of time, in milliseconds.
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Figures:
    """Requests per second; milliseconds that half, and 99 of 100, were answered in."""

    rate: float
    p50: float
    p99: float


class Server:
    """A server under way."""

    def __init__(self, name: str, series: int) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [*SERVERS[name], str(series)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        place = json.loads(self.process.stdout.readline())
        self.address, self.token, self.paths = place["address"], place["token"], place["paths"]

    def ask(self, kind: str, seconds: float, connections: int) -> Figures:
        """Send one kind of request for this number of seconds."""
        path = self.paths["list" if kind == "revalidated" else kind]
        headers = ["Accept-Encoding: identity"]
        if kind != "small":
            headers.append(f"Authorization: Bearer {self.token}")
        if kind == "revalidated":
            headers.append(f"If-None-Match: {self._tag(path)}")
        said = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
            + [part for header in headers for part in ("-H", header)]
            + [f"{self.address}{path}"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        if "Non-2xx" in said and kind != "revalidated":
            raise SystemExit(f"{self.name} refused: {said}")
        return _figures(said)

    def _tag(self, path: str) -> str:
        said = subprocess.run(
            [
                *("curl", "-sD-", "-o/dev/null", "-H", f"Authorization: Bearer {self.token}"),
                f"{self.address}{path}",
            ],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        found = re.search(r"(?im)^etag: (\S+)", said)
        # A server without tags answers in full each time, as it would to anybody.
        return found[1] if found else '"none"'

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()


def _figures(said: str) -> Figures:
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    times = dict(re.findall(r"(50|99)%\s+([\d.]+(?:us|ms|s|m))\b", said))
    if rate is None or len(times) != 2:
        raise SystemExit(f"wrk said something else: {said}")
    return Figures(float(rate[1]), _milliseconds(times["50"]), _milliseconds(times["99"]))


def _milliseconds(text: str) -> float:
    found = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    assert found is not None
    return float(found[1]) * UNITS[found[2]]


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="kind", help=", ".join(KINDS))
    parser.add_argument("--series", type=int, default=1000)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS))
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("not installed: wrk (apt-get install wrk)")
    kinds = given.kinds or KINDS
    runs: dict[str, dict[str, list[Figures]]] = {
        kind: {name: [] for name in given.servers} for kind in kinds
    }
    servers = [Server(name, given.series) for name in given.servers]
    try:
        for turn in range(given.rounds + 1):
            for kind in kinds:
                for server in random.Random(turn).sample(servers, len(servers)):
                    figures = server.ask(kind, given.seconds, given.connections)
                    print(turn or "trial", kind, server.name, figures, file=sys.stderr)
                    if turn:
                        runs[kind][server.name].append(figures)
    finally:
        for server in servers:
            server.close()
    report(runs)


def report(runs: dict[str, dict[str, list[Figures]]]) -> None:
    """Print medians, and ours divided by theirs."""
    print(f"{'kind':14} {'server':8} {'req/s':>9} {'p50 ms':>8} {'p99 ms':>8}")
    for kind, by_server in runs.items():
        middle = {name: _median(figures) for name, figures in by_server.items()}
        for name, each in middle.items():
            print(f"{kind:14} {name:8} {each.rate:9.0f} {each.p50:8.2f} {each.p99:8.2f}")
        if len(middle) == len(SERVERS):
            ours, peer = middle["ours"], middle["fastapi"]
            print(
                f"{'':14} {'ratio':8} {ours.rate / peer.rate:9.2f} {ours.p50 / peer.p50:8.2f}"
                f" {ours.p99 / peer.p99:8.2f}"
            )


def _median(figures: list[Figures]) -> Figures:
    return Figures(
        *(
            statistics.median(getattr(each, name) for each in figures)
            for name in ("rate", "p50", "p99")
        )
    )


main()
