"""Compares downloads; see the README beside this folder."""

import argparse
import random
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from contenders import direct_contenders, missing_tools, stream_contenders
from material import digest_of, make_file, make_stream, packets_of
from origin import Origin, open_origin
from report import Runs, as_json, as_table
from rounds import Proof, WrongResultError, take_turns
from scenarios import SCENARIOS, Scenario

MIB = 1024**2


def main() -> None:
    """Run what the command line names."""
    given = _command_line()
    if missing := missing_tools():
        raise SystemExit(f"not installed: {', '.join(missing)} (the README says what to install)")
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aniworld-bench-")))
        files = given.material or home / "files"
        files.mkdir(parents=True, exist_ok=True)
        origin = stack.enter_context(open_origin(home / "origin", files.resolve()))
        results: dict[str, Runs] = {}
        for name in given.scenarios or SCENARIOS:
            _note(name)
            out = given.out / "aniworld-bench" if given.out else home / "out"
            results[name] = _compare(SCENARIOS[name], given, origin, files.resolve(), out)
    print(as_table(results))
    print()
    about: dict[str, object] = {"rounds": given.rounds, "mib": given.mib, "minutes": given.minutes}
    print(as_json(results, about))


def _compare(
    scenario: Scenario, given: argparse.Namespace, origin: Origin, files: Path, out: Path
) -> Runs:
    proof: Proof
    expected: object
    if scenario.is_stream:
        seconds = round(given.minutes * 60)
        name = make_stream(files, seconds, encrypted=scenario.encrypted)
        proof, expected = packets_of, packets_of(files / name)
        known = stream_contenders(origin, origin.url(scenario.way, name))
    else:
        size = max(1, round(given.mib * scenario.share)) * MIB
        name = f"file-{size}.mp4"
        proof, expected = digest_of, make_file(files / name, size)
        known = direct_contenders(origin, origin.url(scenario.way, name))
    chosen = [known[each] for each in ("ours", *scenario.peers)]
    dice = random.Random(given.seed)
    try:
        return take_turns(chosen, out, proof, expected, rounds=given.rounds, dice=dice, note=_note)
    except WrongResultError as exc:
        raise SystemExit(f"stopped: {exc}") from exc
    finally:
        shutil.rmtree(out, ignore_errors=True)


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _command_line() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/download", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help=", ".join(SCENARIOS))
    parser.add_argument("--full", action="store_true", help="1 GiB and 20 minutes")
    parser.add_argument("--mib", type=int, help="size of the file (256)")
    parser.add_argument("--minutes", type=float, help="length of the film (5)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--material", type=Path, help="keep the films here")
    parser.add_argument("--out", type=Path, help="a folder of the disk to write to")
    given = parser.parse_args()
    if unknown := set(given.scenarios) - set(SCENARIOS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(SCENARIOS)}")
    given.mib = given.mib or (1024 if given.full else 256)
    given.minutes = given.minutes or (20 if given.full else 5)
    return given


if __name__ == "__main__":
    main()
