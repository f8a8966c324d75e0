"""Ask a real server everything its description allows, and much that it forbids, by schemathesis.

    uv run --group fuzz python tests/e2e/fuzz_api.py [--examples 50] [--seed 1]

Three times: as a stranger, with a key that may do everything, and with that key about series and
episodes that exist. No answer may be a fault of the server, and none may differ from what the
description promises. What schemathesis says is printed; the last lines sum up, and the exit code
is 1 if anything was wrong.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import attrs
from aiohttp import ClientSession

from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.access import Scope
from aniworld_http.app import make_app
from aniworld_http.keys import API_KEYS, AUTHENTICATOR
from aniworld_http.lifespan.serving import serving
from aniworld_http.middlewares.rate_limit import RateLimits
from aniworld_http.security.brake import BRAKE, GuessBrake
from aniworld_http.settings import HttpSettings

PASSWORD: Final = "Correct-Horse-7"
#: Neither the limits on requests nor the brake on guesses is what is tried here.
OFTEN: Final = 10**9
CONFIG: Final = {
    "providers": {
        "aniworld": {"enabled": False},
        "serienstream": {"enabled": False},
        "archive": {"enabled": False},
        "demo": {"enabled": True},
    }
}


class NoBrake(GuessBrake):
    """Never waits."""

    @property
    def delay(self) -> timedelta:
        """How long a sign-in waits."""
        return timedelta(0)


#: A value may fit the description and yet name a catalogue that is switched off, or a folder that
#: does not exist: 422 says which. Whatever else is promised is checked.
_CHECKS: Final = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "422", "429"]
"""


@attrs.frozen
class Target:
    """A server to be asked.

    Attributes:
        address: Where it is, without a slash at the end.
        key: May do everything.
        existing: Parameters of paths that name something.
    """

    address: str
    key: str
    existing: Mapping[str, str]


@attrs.frozen
class Summary:
    """What schemathesis found.

    Attributes:
        who: As whom it asked.
        operations: How many it tried.
        cases: How many requests it checked.
        failures: How many different mistakes it found.
        is_clean: Whether it found none and could ask everything.
    """

    who: str
    operations: int
    cases: int
    failures: int
    is_clean: bool

    def __str__(self) -> str:
        return (
            f"{self.who}: {self.operations} operations, {self.cases} cases,"
            f" {self.failures} failures"
        )


@asynccontextmanager
async def open_target(folder: Path) -> AsyncIterator[Target]:
    """Serve the demo's catalogue, with a library and a queue in which there is something."""
    data, library = folder / "data", folder / "library"
    data.mkdir()
    library.mkdir()
    (data / "config.json").write_text(json.dumps(CONFIG))
    settings = Settings(data_dir=data, anime_directory=library)
    async with open_application(settings) as application:
        http = HttpSettings(secret_key=b"k" * 32, port=0)
        limits = RateLimits(guesses=OFTEN, strangers=OFTEN, known=OFTEN)
        app = make_app(application, http, limits=limits)
        app[BRAKE] = NoBrake(application.clock)
        async with serving(app, lambda line: print(line, flush=True)) as address:
            await app[AUTHENTICATOR].set_up(PASSWORD)
            made = await app[API_KEYS].create("fuzzing", Scope.ADMIN)
            series = [
                await application.catalogue.add(found.link)
                for found in await application.catalogue.search("a")
            ]
            queued = await application.queue.enqueue(series[0].key, missing=True)
            yield Target(
                address=address.rstrip("/"),
                key=made.plain,
                existing={
                    "key": series[0].key,
                    "anime_id": series[-1].key,
                    "item_id": queued[-1].id,
                },
            )


async def fuzz(
    who: str,
    target: Target,
    folder: Path,
    options: Sequence[str],
    *,
    knows: Mapping[str, str] | None = None,
    key: str = "",
) -> Summary:
    """Let schemathesis ask, and return what it found."""
    report, settings = folder / f"{who}.json", folder / f"{who}.toml"
    known = "".join(f"{name} = {json.dumps(value)}\n" for name, value in (knows or {}).items())
    settings.write_text(_CHECKS + ("[parameters]\n" + known if known else ""))
    command = [
        *(_program(), "--config-file", str(settings)),
        *("run", f"{target.address}/api/openapi.json", "--checks", "all"),
        *("--continue-on-failure", "--warnings", "off", "--no-color"),
        *("--report", "json", "--report-json-path", str(report)),
        *(("--header", f"X-Api-Key:{key}") if key else ()),
        *options,
    ]
    process = await asyncio.create_subprocess_exec(*command, cwd=folder)
    code = await process.wait()
    found = json.loads(report.read_text())
    return Summary(
        who=who,
        operations=found["operations"]["tested"],
        cases=found["test_cases"]["generated"],
        failures=found["test_cases"]["unique_failures"] + len(found["errors"]),
        is_clean=not code and found["operations"]["tested"] == found["operations"]["total"],
    )


def _program() -> str:
    beside = Path(sys.executable).with_name("schemathesis")
    if not beside.exists():
        raise SystemExit(
            "schemathesis is missing: uv run --group fuzz python tests/e2e/fuzz_api.py"
        )
    return str(beside)


async def main(options: Sequence[str]) -> int:
    """Ask in every role; return the exit code."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        async with open_target(folder) as target:
            found = [
                await fuzz("stranger", target, folder, options),
                await fuzz("owner", target, folder, options, key=target.key),
                await fuzz(
                    "owner of something",
                    target,
                    folder,
                    options,
                    key=target.key,
                    knows=target.existing,
                ),
            ]
            async with (
                ClientSession() as client,
                client.get(f"{target.address}/health") as answer,
            ):
                is_well = answer.status == 200
    for each in found:
        print(f"fuzzing as {each}")
    print(f"the server {'answers' if is_well else 'DOES NOT ANSWER'} as before")
    return 0 if is_well and all(each.is_clean for each in found) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--examples", type=int, default=50, help="for each operation and phase")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    words = ["--max-examples", str(asked.examples), "--seed", str(asked.seed)]
    sys.exit(asyncio.run(main(words)))
