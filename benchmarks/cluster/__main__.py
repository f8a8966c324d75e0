"""Kill, cut and stop the parts of a cluster while it downloads, and count what went wrong.

The program runs itself in a network namespace, with three hosts in namespaces of their own. Without
the rights for it, hosts are groups of processes on loopback, and a cut stops the processes.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from calls import run_calls
from faults import Outcome, run_faults
from hosts import enter_namespace, open_network
from scaling import run_latencies, run_scaling

WHAT = ("faults", "scaling", "latencies", "calls")


def main() -> int:
    """Run what the arguments ask for; return 1 if something was lost, doubled or damaged."""
    parser = argparse.ArgumentParser(prog="benchmarks/cluster", description=__doc__)
    parser.add_argument("what", choices=WHAT, default=WHAT[0], nargs="?")
    parser.add_argument("--full", action="store_true", help="the sizes that the goals refer to")
    parser.add_argument("--items", type=int, help="of the queue")
    parser.add_argument("--size", type=int, help="KiB of a film")
    parser.add_argument("--workers", type=int, default=10)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--restarts", type=int, help="of the database")
    parser.add_argument("--cuts", type=int, help="of a host's network, for 20 s")
    parser.add_argument("--outage", type=float, default=60, help="seconds without the database")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--draw", type=Path, help="where to draw the throughput")
    parser.add_argument("--keep", type=Path, help="folder for logs and library, not deleted")
    given = parser.parse_args()
    sizes = (10_000, 256, 50, 5, 5) if given.full else (1_000, 64, 10, 2, 2)
    if given.what == "calls":
        sizes = (100_000, *sizes[1:])
    for name, value in zip(("items", "size", "kills", "restarts", "cuts"), sizes, strict=True):
        if getattr(given, name) is None:
            setattr(given, name, value)
    if given.what != "calls":
        enter_namespace()
    with tempfile.TemporaryDirectory(prefix="cluster-", dir="/var/tmp") as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        if given.what == "calls":
            return asyncio.run(run_calls(folder, given.items))
        with open_network(3) as network:
            if given.what == "scaling":
                return asyncio.run(run_scaling(folder, network, given))
            if given.what == "latencies":
                return asyncio.run(run_latencies(folder, network))
            outcome = asyncio.run(run_faults(folder, network, given, random.Random(given.seed)))
    return _report(outcome)


def _report(outcome: Outcome) -> int:
    print("| measured | result | goal |\n| --- | ---: | ---: |")
    for name, result, goal in outcome.rows():
        print(f"| {name} | {result} | {goal} |")
    for name, names in outcome.mistakes().items():
        print(f"{name}: {', '.join(names[:10])}")
    return 0 if outcome.verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
