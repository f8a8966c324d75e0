"""Fuzz a real server with schemathesis, based on its OpenAPI document.

    uv run --group fuzz python tests/e2e/fuzz_api.py [--examples 50] [--seed 1]

The server is tested before and after set-up; anonymously, with a read-only key, and as the
signed-in owner, also with ids of existing series and episodes. Set-up and sign-out are tested
separately, because they change the state for all later requests. A response with a server error or
a deviation from the document is a failure. The output of schemathesis is printed, then a summary;
the exit code is 1 if anything failed.
"""

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

import attrs
from aiohttp import ClientSession, web

from aniworld_core.application.access import ApiKeys, Authenticator
from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.access import Scope
from aniworld_core.domain.identity import format_episode_code
from aniworld_http.app import make_app
from aniworld_http.keys import API_KEYS, APPLICATION, AUTHENTICATOR
from aniworld_http.lifespan import serving
from aniworld_http.queue_runner import QUEUE_RUNNER
from aniworld_http.security.rate_limits import RateLimits
from aniworld_http.settings import HttpSettings

PASSWORD: Final = "Correct-Horse-7"
_PASSWORDS: Final = {"password": PASSWORD, "current_password": PASSWORD}
#: Rate limits and guess limits are not tested here.
OFTEN: Final = 10**9
CONFIG: Final = {
    "providers": {
        "aniworld": {"enabled": False},
        "serienstream": {"enabled": False},
        "archive": {"enabled": False},
        "anilist": {"enabled": False},
        "tvmaze": {"enabled": False},
        "feed": {"enabled": False},
        "demo": {"enabled": True},
    }
}


_OPML: Final = '<opml version="2.0"><body><outline type="rss" xmlUrl="https://example.invalid/feed"/></body></opml>'
#: It ends the session that sends it.
ENDING: Final = "signOut"
#: It has no links to other operations.
_SINGLY: Final = ("--phases", "coverage,fuzzing")
_YES: Final = re.compile(r'requests_total\{method="(\w+)",path="([^"]+)",status="2xx"\}')
_HOOKS: Final = Path(__file__).with_name("fuzz_hooks.py")
#: Operations whose valid requests may still be meaningless, such as a disabled catalogue, an
#: unknown episode or a text that is not a language. They get 422 with the reason.
_JUDGED_BY_MEANING: Final = (
    *("addAnime", "browseAnime", "browseAnimeReport", "changeAnime"),
    *("searchAnime", "searchAnimeReport", "addToQueue"),
    *("createKey", "changePassword", "putConfig", "previewNames", "restoreBackup", "testFolder"),
    *("applyImport", "applySidecars", "deleteFile", "getCalendar", "identifyAnime"),
    *("pinFile", "planImport", "planSidecars", "queueUpgrades", "setWanted"),
    *("importFeeds", "listFeedLinks", "previewAnime", "previewList"),
    *("startJob", "estimateJob", "removeItems", "reorderItems", "retryItems"),
    *("listFolders", "createFolder", "testSettings", "createUser", "changeUser"),
    *("addNotificationService", "testNotificationService"),
)
#: Bodies that are too large are refused as well.
_CHECKS: Final = f"""
hooks = {json.dumps(str(_HOOKS))}

[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "413", "415", "422"]

[[operations]]
include-operation-id = {json.dumps(_JUDGED_BY_MEANING)}
checks.positive_data_acceptance.expected-statuses = [
    "2xx", "401", "403", "404", "409", "422"
]
"""


@attrs.frozen
class Stock:
    """Objects that exist on the server.

    Attributes:
        parameters: Path parameters with existing values.
        fields: Body fields with existing values.
    """

    parameters: Mapping[str, str] = attrs.field(factory=dict)
    fields: Mapping[str, object] = attrs.field(factory=dict)


@attrs.frozen
class Target:
    """Server to test.

    Attributes:
        address: Base URL without a trailing slash.
        sign_in: Starts a session; returns its token.
        make_key: Creates a read-only key; returns it.
        restock: Ensures that library and queue are not empty.
    """

    address: str
    sign_in: Callable[[], Awaitable[str]]
    make_key: Callable[[], Awaitable[str]]
    restock: Callable[[], Awaitable[Stock]]


@attrs.frozen
class Role:
    """Caller to test as.

    Attributes:
        who: Name of the caller.
        header: Header with the credentials.
        options: Further options of schemathesis.
        knows: Existing objects to use.
    """

    who: str
    header: tuple[str, str] | None = None
    options: Sequence[str] = ()
    knows: Stock = Stock()


@attrs.frozen
class Summary:
    """Result of one run of schemathesis.

    Attributes:
        who: Name of the caller.
        operations: Number of tested operations.
        cases: Number of checked requests.
        failures: Number of distinct failures.
        told: Each kind of failure with its operations.
        is_clean: Whether there was no failure and all operations could be tested.
    """

    who: str
    operations: int
    cases: int
    failures: int
    told: Sequence[str]
    is_clean: bool

    def __str__(self) -> str:
        counts = f"{self.operations} operations, {self.cases} cases, {self.failures} failures"
        return "\n  ".join([f"{self.who}: {counts}", *self.told])


@asynccontextmanager
async def open_target(folder: Path) -> AsyncIterator[Target]:
    """Serve the demo catalogue with a non-empty library and queue."""
    data, library = folder / "data", folder / "library"
    data.mkdir()
    library.mkdir()
    (data / "config.json").write_text(json.dumps(CONFIG))
    settings = Settings(data_dir=data, anime_directory=library)
    async with open_application(settings) as application:
        http = HttpSettings(secret_key=b"k" * 32, port=0)
        limits = RateLimits(**{each.name: OFTEN for each in attrs.fields(RateLimits)})
        app = make_app(application, http, limits=limits, needs_setup_code=False)
        async with serving(app, lambda line: print(line, flush=True)) as address:
            yield Target(
                address=address.rstrip("/"),
                sign_in=partial(_sign_in, app[AUTHENTICATOR]),
                make_key=partial(_make_key, app[API_KEYS]),
                restock=partial(_restock, app),
            )


async def _restock(app: web.Application) -> Stock:
    application = app[APPLICATION]
    # Active items are requeued, so that there is always a pending one.
    await app[QUEUE_RUNNER].stop()
    found = await application.catalogue.search("a")
    series = [await application.catalogue.add(each.link) for each in found]
    await application.queue.enqueue(series[0].key)
    queued = (await application.queue.snapshot()).pending
    return Stock(
        parameters={
            "key": series[0].key,
            "anime_id": series[-1].key,
            "item_id": queued[-1].id,
        },
        fields={
            "serie_id": series[0].key,
            "serie_folder": series[0].folder,
            "episodes": [format_episode_code(e.season, e.number) for e in series[0].episodes],
            "item_ids": [queued[0].id],
            "link": series[0].link,
            "opml": _OPML,
        },
    )


async def _sign_in(authenticator: Authenticator) -> str:
    return (await authenticator.sign_in(PASSWORD)).token


async def _make_key(keys: ApiKeys) -> str:
    return (await keys.create("fuzzing", Scope.READ)).plain


async def roles(target: Target) -> AsyncIterator[Role]:
    """Return the callers in order; credentials that one run ends are created again for the next."""
    briefly = ("--phases", "examples,coverage")
    yield Role("visitor before it is set up", None, (*briefly, *_without("setUp")))
    yield Role("who sets it up", None, (*_SINGLY, "--include-operation-id", "setUp"))
    yield Role("stranger")
    yield Role("reader", ("X-Api-Key", await target.make_key()), briefly)
    token = ("Authorization", f"Bearer {await target.sign_in()}")
    fields = (await target.restock()).fields
    yield Role("owner", token, _without(ENDING), Stock(fields=fields))
    kept = _without(ENDING, "removeAnime", "removeItems", "removePending")
    yield Role("owner of something", token, kept, await target.restock())
    yield Role("owner who leaves", token, ("--include-operation-id", ENDING, *_SINGLY))


def _without(*names: str) -> tuple[str, ...]:
    return tuple(word for name in names for word in ("--exclude-operation-id", name))


async def fuzz(role: Role, address: str, folder: Path, options: Sequence[str]) -> Summary:
    """Run schemathesis and return its result."""
    report, settings = folder / f"{role.who}.json", folder / f"{role.who}.toml"
    known = "".join(
        f"{name} = {json.dumps(value)}\n" for name, value in role.knows.parameters.items()
    )
    settings.write_text(_CHECKS + ("[parameters]\n" + known if known else ""))
    command = [
        *(_program(), "--config-file", str(settings)),
        *("run", f"{address}/api/openapi.json", "--checks", "all"),
        *("--continue-on-failure", "--warnings", "off", "--no-color"),
        *("--report", "json", "--report-json-path", str(report)),
        *(("--header", ":".join(role.header)) if role.header else ()),
        *role.options,
        *options,
    ]
    environment = {**os.environ, "FUZZED_VALUES": json.dumps({**_PASSWORDS, **role.knows.fields})}
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, env=environment)
    code = await process.wait()
    found = json.loads(report.read_text())
    return Summary(
        who=role.who,
        operations=found["operations"]["tested"],
        cases=found["test_cases"]["generated"],
        failures=found["test_cases"]["unique_failures"] + len(found["errors"]),
        told=[f"{each['title']}: {each.get('operations', '')}" for each in found["failures"]]
        + [each["title"] for each in found["errors"]],
        is_clean=not code and found["operations"]["tested"] == found["operations"]["selected"],
    )


def _program() -> str:
    beside = Path(sys.executable).with_name("schemathesis")
    if not beside.exists():
        raise SystemExit(
            "schemathesis is missing: uv run --group fuzz python tests/e2e/fuzz_api.py"
        )
    return str(beside)


async def main(options: Sequence[str], only: str = "") -> int:
    """Test as every caller, or as those with a text in their names; return the exit code."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        async with open_target(folder) as target:
            found = [
                await fuzz(role, target.address, folder, options)
                async for role in roles(target)
                if only in role.who
            ]
            agreed, silent = await _agreed(target)
    for each in found:
        print(f"fuzzing as {each}")
    print(f"{len(agreed)} operations said yes at least once; never: {', '.join(silent) or 'none'}")
    cases, failures = sum(each.cases for each in found), sum(each.failures for each in found)
    print(f"fuzzed {len(agreed) + len(silent)} operations: {cases} cases, {failures} failures")
    return 0 if all(each.is_clean for each in found) else 1


async def _agreed(target: Target) -> tuple[list[str], list[str]]:
    """Return which operations succeeded and which never did, if the server still runs."""
    async with ClientSession(raise_for_status=True) as client:
        async with client.get(f"{target.address}/api/openapi.json") as answer:
            paths = (await answer.json())["paths"]
        headers = {"X-Api-Key": await target.make_key()}
        async with client.get(f"{target.address}/metrics", headers=headers) as answer:
            counted = set(_YES.findall(await answer.text()))
    asked = {
        (method.upper(), path): operation["operationId"]
        for path, methods in paths.items()
        for method, operation in methods.items()
    }
    return (
        [name for place, name in asked.items() if place in counted],
        [name for place, name in asked.items() if place not in counted],
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--examples", type=int, default=50, help="for each operation and phase")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--role", default="", help="ask only as callers with this text in the name")
    asked = parser.parse_args()
    words = ["--max-examples", str(asked.examples), "--seed", str(asked.seed)]
    sys.exit(asyncio.run(main(words, asked.role)))
